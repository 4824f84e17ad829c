#include "face_model/face_model.h"

#include "face_model/head_file.h"

asm(".pushsection .rodata.face_head, \"a\"\n"
    "touchstone_face_head_file:\n"
    ".incbin \"" TS_FACE_HEAD "\"\n"
    "touchstone_face_head_file_end:\n"
    ".popsection\n"
    ".globl touchstone_face_head_file, touchstone_face_head_file_end\n");

extern "C" const std::uint8_t touchstone_face_head_file[], touchstone_face_head_file_end[];

namespace touchstone::biometrics {

Bytes face_head_file() { return {touchstone_face_head_file, touchstone_face_head_file_end}; }

}  // namespace touchstone::biometrics
