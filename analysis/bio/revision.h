// Which revision this program was built from.
#pragma once

namespace touchstone::bio {

extern const char* const kGitRevision;  ///< 12 digits, "-dirty" when files differed; "unknown" outside a repository

}  // namespace touchstone::bio
