// The verbs of touchstone-rtl. Each takes its own arguments and returns its exit code: 0 as expected, 1 a check failed, 2 wrong use.
// They throw UsageError for wrong use and std::runtime_error for what cannot be read, written or run.
#pragma once

#include <string>
#include <vector>

namespace touchstone::rtl_tools {

int bench_main(const std::vector<std::string>& arguments);
int budget_main(const std::vector<std::string>& arguments);
int check_main(const std::vector<std::string>& arguments);
int cpa_main(const std::vector<std::string>& arguments);
int ct_main(const std::vector<std::string>& arguments);
int tvla_main(const std::vector<std::string>& arguments);
int area_main(const std::vector<std::string>& arguments);
int serve_main(const std::vector<std::string>& arguments);

}  // namespace touchstone::rtl_tools
