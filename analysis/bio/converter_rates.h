// What the card's converter itself decides, by the card's own functions: a record of touches, and whether a probe opens it. The rates of
// scores say what a threshold would do; here are the code's length, the list and everything else that stands in for one.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "bio/acquisition.h"
#include "bio/row.h"
#include "codes/code_choice.h"
#include "metrics/bootstrap.h"

namespace touchstone::bio {

/// How fingers are locked: neighbours of a set make a person, who shows all fingers at each use.
struct Lock {
  int fingers = 1;
  bool any_order = false;  ///< a set; its probes come in the opposite order
  int enrolled = 4;        ///< touches of each finger. Twice as many impressions or more: both ends are enrolled in turn
};

struct ConverterRow {
  std::string data, sensor;
  Lock lock;
  codes::CodeChoice code;
  int list_size = 0;
  double bits_left = 0;  ///< log2(sign patterns) - (n - k)
  std::size_t people = 0;
  RateWithInterval fnmr, fmr, gfrr, fte;
  RateWithInterval frr, far;  ///< of transactions of up to 3 tries
  RateWithInterval one_wrong; ///< of several fingers: opened by all the right ones but the last, which is a stranger's
};

/// `templates`: vectors of the shipped network (NetworkEmbedding). At most `most_impostors` comparisons with strangers, whole pairs of
/// people at a time, evenly spread. A record's randomness is a function of `seed`.
ConverterRow converter_rates(const PrintData& data, const std::string& sensor, const Templates& templates, const Lock& lock, std::size_t most_impostors,
                             std::uint64_t seed, const metrics::BootstrapOptions& bootstrap, const Progress& progress = {});

nlohmann::ordered_json to_json(const ConverterRow& row);
std::string to_table(const std::vector<ConverterRow>& rows);

}  // namespace touchstone::bio
