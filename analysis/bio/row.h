// One line of a report: the figures of one protocol on one set of prints through one representation.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bio/protocol.h"
#include "metrics/bootstrap.h"
#include "metrics/error_rates.h"
#include "metrics/per_finger.h"

namespace touchstone::bio {

/// The FMRs at which FNMR is stated: FMR100, FMR1000, FMR10000, ZeroFMR.
inline constexpr double kAskedFmr[] = {1e-2, 1e-3, 1e-4, 0};
inline constexpr const char* kAskedNames[] = {"fmr100", "fmr1000", "fmr10000", "zero_fmr"};
/// The operating point: rates that need a threshold are stated at this FMR.
inline constexpr double kOperatingFmr = 1e-2;

/// What was compared.
struct RowLabel {
  std::string data;            ///< "pooled", a set, "synthetic"
  std::string protocol;        ///< Protocol::name()
  std::string representation;  ///< "code", "embedding", "matcher"
  std::string name;            ///< of the representation
  std::string network;         ///< "int8", "float", "none"
  std::string sensor;          ///< "full", "card"
  int enrolled = 1;
  std::string split = "none";
  int k_bits = 0;
  int code_bits = 0;
};

struct RateWithInterval {
  metrics::Rate rate;
  metrics::Interval interval_95;
};

struct Row {
  RowLabel label;
  std::size_t fingers = 0;                 ///< that took part
  std::size_t genuine_pairs = 0;
  std::size_t impostor_pairs = 0;
  std::size_t impostor_finger_pairs = 0;
  bool thinned = false;
  std::optional<double> eer;               ///< nothing where a class is empty
  std::optional<metrics::Interval> eer_95;
  std::vector<RateWithInterval> fnmr_at;   ///< as kAskedFmr
  double threshold = 0;                    ///< of the operating point; may be +infinity
  std::map<std::string, RateWithInterval> rates;               ///< fmr, fnmr, gfar, gfrr, fta, fte at the operating point
  std::map<std::string, RateWithInterval> transaction_rates;   ///< far, frr of up to 3 tries at the same threshold; none for 1:1
  metrics::Spread goat, lamb, wolf;
  metrics::Bits bits;                      ///< of an attacker who tries other fingers, at the operating point
  metrics::BitErrorHistogram genuine_bits, impostor_bits;
  std::vector<metrics::DetPoint> det;

  /// Whether the data can tell an FMR of `asked` from 0 (rule of 3 over comparisons).
  bool supports(double asked) const { return metrics::Rate{0, impostor_pairs}.supports(asked); }
};

Row measure(const Comparisons& comparisons, const RowLabel& label, const metrics::BootstrapOptions& options);

nlohmann::ordered_json to_json(const Row& row);
/// A table for the terminal.
std::string to_table(const std::vector<Row>& rows);
nlohmann::ordered_json to_json(const RateWithInterval& rate);
/// "12.3 % [9.8, 15.0]", or a bound where no error was seen.
std::string to_text(const RateWithInterval& rate);
/// "12.3 % [9.8, 15.0]", or a bound where no error was seen; "12.3 % (FMR < 3/1760)" where the data do not reach `asked`.
std::string to_text(const Row& row, std::size_t asked);
/// "12.3 % [9.8, 15.0]".
std::string eer_text(const Row& row);

}  // namespace touchstone::bio
