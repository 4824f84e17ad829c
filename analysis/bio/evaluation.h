// The whole of `evaluate`: which protocols run on which sensor through which representation, and what is drawn of them.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bio/converter_rates.h"
#include "bio/row.h"
#include "tools/chart.h"

namespace touchstone::bio {

struct EvaluationOptions {
  std::vector<int> enrolled = {1, 4};
  std::vector<Sensor::View> sensors = {Sensor::View::kFull, Sensor::View::kCard};
  bool cross_sensor = false;   ///< also: enrol on part A, probe on part B
  bool sweeps = true;          ///< curves against area, touches, moisture and rotation
  bool sets = true;            ///< rows of each pooled set
  bool converter = true;       ///< also: what the card's converter opens, where its network takes part
  std::uint64_t seed = 1;      ///< of placement, parts, records
  metrics::BootstrapOptions bootstrap;
};

struct Evaluation {
  std::vector<Row> rows;
  std::vector<Row> cross_rows;
  std::vector<Row> two_finger_rows;  ///< two_fingers() of the rows with 4 enrolled, both splits
  std::vector<ConverterRow> converter_rows;  ///< of the card's own network alone
  std::vector<std::pair<std::string, tools::Chart>> charts;  ///< file name without ending
};

/// One word for everything that decides the figures: 64 hexadecimal digits.
std::string configuration_hash(const PrintData& data, const std::vector<std::unique_ptr<Representation>>& representations, const EvaluationOptions& options);

/// Throws BadInput where the data have too few impressions for a protocol.
Evaluation run_evaluation(const PrintData& data, const std::vector<std::unique_ptr<Representation>>& representations, const EvaluationOptions& options,
                          const Store& store);

}  // namespace touchstone::bio
