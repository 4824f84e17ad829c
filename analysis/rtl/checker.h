// The accelerator against references, one operation at a time.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "operation.h"

namespace touchstone::rtl_tools {

class Checker {
 public:
  using References = std::vector<std::unique_ptr<Reference>>;
  static References both();
  /// `masked`: whether the core needs its random source (Variant::style 1). Runs every operation once, for its time.
  Checker(std::unique_ptr<rtl::WatchedModel> model, bool masked, References references = both());

  /// Runs it and says what is wrong with the answer, a line each; empty if nothing: STATUS, RX and RY, all four slots,
  /// the time (CYCLES, equal for every operand), and that no operand can be read. Leaves the core ready for the next.
  std::vector<std::string> run(const Operation& operation);
  /// What the first reference expects of the operation last run, and what the core answered.
  const Outcome& expected() const { return expected_; }
  const Outcome& answered() const { return answered_; }
  /// Cycles of the operation last run, and usually with a healthy random source.
  std::uint64_t cycles() const { return cycles_; }
  std::uint64_t cycles(contract::secp::Op op) const { return times_.at({op, Source::kFresh}); }

 private:
  void load(const Operation& operation);
  void expect_operands_read_zero(const char* when, std::vector<std::string>& wrong);
  Number slot(std::uint32_t which, const Number& expected);

  Core core_;
  bool masked_;
  References references_;
  Number quarter_;  // 1/4 modulo n
  std::map<std::pair<contract::secp::Op, Source>, std::uint64_t> times_;
  Outcome expected_, answered_;
  std::uint64_t cycles_ = 0;
};

}  // namespace touchstone::rtl_tools
