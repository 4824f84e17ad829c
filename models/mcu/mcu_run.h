// The command `touchstone mcu run ELF`.
#pragma once

namespace touchstone::models {

/// argv[0] is the name shown in the usage text; returns the process's exit code: the program's own, 1 when it did not end by
/// itself (instruction limit, lock-up, asleep for ever), 2 on wrong use or bad input. Call from sc_main, once in a process.
int mcu_run_main(int argc, char** argv);

}  // namespace touchstone::models
