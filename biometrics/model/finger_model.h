// The network that the card describes fingers with: its weights, as `touchstone-bio train` wrote them. Freestanding.
#pragma once

#include "base/bytes.h"

namespace touchstone::biometrics {

/// finger.tsq of this folder, aligned to 4; on the card it stays in flash.
Bytes finger_weights();

}  // namespace touchstone::biometrics
