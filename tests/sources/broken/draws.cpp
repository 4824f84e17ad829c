int draw() { return rand() % 6; }
