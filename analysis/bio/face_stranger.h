// `touchstone bio face stranger`: what the literal reading of "a network that turns the owner's face into the secret" gives to others.
#pragma once

#include <string>
#include <vector>

#include "face/pipeline.h"
#include "face_head/head.h"

namespace touchstone::bio {

/// One network for one owner (N0, nobody else seen in training) and one record of scheme R1, both made of the same pictures; then other
/// pictures, and a thief of the file without any. Prints who gets the secret. `arguments`: [--config FILE] [--seed N] [OWNER... [-- LATER...] -- OTHERS...];
/// `pipeline` with the head's embedder as its first.
int face_stranger(const std::vector<std::string>& arguments, const biometrics::Head& head, face::Pipeline& pipeline);

}  // namespace touchstone::bio
