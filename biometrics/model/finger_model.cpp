#include "finger_model/finger_model.h"

#include "finger_model/weights_file.h"

asm(".pushsection .rodata.finger_weights, \"a\"\n"
    ".balign 4\n"
    "touchstone_finger_weights:\n"
    ".incbin \"" TS_FINGER_WEIGHTS "\"\n"
    "touchstone_finger_weights_end:\n"
    ".popsection\n"
    ".globl touchstone_finger_weights, touchstone_finger_weights_end\n");

extern "C" const std::uint8_t touchstone_finger_weights[], touchstone_finger_weights_end[];

namespace touchstone::biometrics {

Bytes finger_weights() { return {touchstone_finger_weights, touchstone_finger_weights_end}; }

}  // namespace touchstone::biometrics
