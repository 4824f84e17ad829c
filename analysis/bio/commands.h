// The verbs of touchstone-bio. Each takes what stands behind its name and returns the exit code: 0 done, 1 a check failed.
// They throw tools::UsageError for wrong use and std::runtime_error (BadInput) for what cannot be used: main says so, exit 2.
#pragma once

#include <string>
#include <vector>

#include "tools/options.h"

namespace touchstone::bio {

int evaluate_main(const std::vector<std::string>& arguments);
/// evaluate --trait face: what stands after the trait.
int evaluate_faces(tools::Options& options);
int codes_main(const std::vector<std::string>& arguments);
int card_main(const std::vector<std::string>& arguments);
int compare_all_main(const std::vector<std::string>& arguments);
/// The network of biometrics/nets, and the generated touches it is trained on.
int train_main(const std::vector<std::string>& arguments);
int cache_main(const std::vector<std::string>& arguments);
/// Pictures of a face: its vector for the wallet, what is seen in them, the networks' files.
int face_main(const std::vector<std::string>& arguments);

}  // namespace touchstone::bio
