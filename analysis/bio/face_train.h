// touchstone-bio train --trait face: heads, and the networks N0 and N1, from embeddings.
#pragma once

#include <string>
#include <vector>

namespace touchstone::bio {

/// As the verbs of commands.h.
int train_face(const std::vector<std::string>& arguments);

}  // namespace touchstone::bio
