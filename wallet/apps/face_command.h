// `touchstone-wallet face enrol | recover`: Secret A under the owner's face (scheme R1, wallet/face).
#pragma once

#include "wallet/command.h"

namespace touchstone::wallet {

/// `words` begins with enrol or recover. Throws Failure and Boost's complaints about options; returns the exit code.
int run_face(const Words& words);

}  // namespace touchstone::wallet
