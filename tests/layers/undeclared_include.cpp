#include "base/bytes.h"
#include "crypto/sha256.h"
