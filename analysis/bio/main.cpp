// touchstone-bio: training and evaluation of the fingerprint secret on the host, with the card's own integer code.
#include <charconv>
#include <cstring>
#include <iostream>
#include <string_view>

#include "calibrate.h"
#include "commands.h"
#include "bio/finger_make.h"

namespace {

using namespace touchstone::bio;

constexpr const char* kUsage =
    "usage: touchstone-bio train-whitening --out FILE [--fingers N] [--impressions M] [--seed S]\n"
    "       touchstone-bio evaluate --data DIR|synthetic [--sensor-px WxH] [--enrol N] [--fingers N] [--seed S] [--json FILE]\n"
    "       touchstone-bio calibrate --data DIR|synthetic [--fingers N] [--seed S] [--population FILE] [--threads N] [--crops N]\n";

int wrong_use(std::string_view message) {
  std::cerr << "touchstone-bio: " << message << "\n" << kUsage;
  return 2;
}

template <typename Number>
bool parse(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

bool parse_size(std::string_view text, int& width, int& height) {
  const std::size_t x = text.find('x');
  return x != std::string_view::npos && parse(text.substr(0, x), width) && parse(text.substr(x + 1), height);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return wrong_use("a verb is missing");
  const std::string_view verb = argv[1];
  if (verb == "calibrate") return calibrate_main(argc, argv);
  if (verb == "finger") return finger_main(argc, argv);
  if (verb == "lifelike") return lifelike_main(argc, argv);
  TrainOptions train;
  EvaluateOptions evaluation;
  const bool training = verb == "train-whitening";
  if (!training && verb != "evaluate") return wrong_use("unknown verb");
  for (int i = 2; i < argc; i += 2) {
    const std::string_view option = argv[i];
    if (i + 1 == argc) return wrong_use(std::string(option) + " needs a value");
    const std::string_view value = argv[i + 1];
    bool good = true;
    if (option == "--fingers") {
      good = parse(value, training ? train.fingers : evaluation.fingers);
    } else if (option == "--seed") {
      good = parse(value, training ? train.seed : evaluation.seed);
    } else if (training && option == "--impressions") {
      good = parse(value, train.impressions) && train.impressions >= 2;
    } else if (training && option == "--out") {
      train.out = value;
    } else if (!training && option == "--data") {
      evaluation.data = value;
    } else if (!training && option == "--sensor-px") {
      good = parse_size(value, evaluation.width_px, evaluation.height_px);
    } else if (!training && option == "--enrol") {
      good = parse(value, evaluation.enrol) && evaluation.enrol >= 1;
    } else if (!training && option == "--json") {
      evaluation.json = value;
    } else {
      return wrong_use("unknown option " + std::string(option));
    }
    if (!good) return wrong_use("bad value for " + std::string(option) + ": " + std::string(value));
  }
  if (training) {
    if (train.out.empty()) return wrong_use("--out is missing");
    return train_whitening(train);
  }
  if (evaluation.data.empty()) return wrong_use("--data is missing");
  return evaluate(evaluation);
}
