// The head that faces are turned into vectors with (face_head/head.h), as `touchstone-bio train --trait face` wrote it.
#pragma once

#include "base/bytes.h"

namespace touchstone::biometrics {

/// face_b.head of this folder.
Bytes face_head_file();

}  // namespace touchstone::biometrics
