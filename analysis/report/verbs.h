// The verbs of touchstone-report. Each returns its exit code and throws FolderError for a folder it cannot use.
#pragma once

#include <string>

#include "run_folder.h"

namespace touchstone::report {

/// 0 when every expectation of the run holds, 1 when not.
int explain(const RunFolder& run);
/// 0 when the logs are equal, 1 when not.
int diff(const RunFolder& a, const RunFolder& b);
/// The page as one self-contained HTML document.
std::string page(const RunFolder& run);

}  // namespace touchstone::report
