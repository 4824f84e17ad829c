#include "nets/experiment.h"

#include "nets/bad_input.h"
#include "nets/files.h"
#include "nets/strict_json.h"

namespace touchstone::nets {
namespace {

using nlohmann::json;

Experiment from(const json& document, const std::string& name) {
  Experiment e;
  Section top(document, name, "");
  top.seed("seed", e.seed);

  Section data = top.section("data");
  data.seed("seed", e.data.seed);
  data.whole("fingers", e.data.fingers, 4, 100000);
  data.whole("impressions", e.data.impressions, 2, 16);
  data.whole("statistics", e.data.statistics, 1, 100000);
  data.whole("held_out", e.data.held_out, 2, 100000);
  if (std::int64_t{e.data.fingers} * e.data.impressions > 60000) data.fail("fingers", "more than 60000 impressions");
  if (e.data.training() < 2) data.fail("fingers", "nothing is left to train on beside statistics and held_out");
  Section kinds = data.section("kinds");
  const char* const names[] = {"optical", "press", "capacitive", "sweep", "card"};
  double sum = 0;
  for (std::size_t i = 0; i < 5; ++i) {
    kinds.number(names[i], e.data.kinds[i], 0, 1);
    sum += e.data.kinds[i];
  }
  if (sum < 0.999 || sum > 1.001) kinds.fail("", "the shares do not add up to 1");
  kinds.done();
  data.number("scale", e.data.scale, 0, 0.5);
  data.done();

  Section model = top.section("model");
  const json& channels = model.take("channels");
  if (!channels.is_array() || channels.size() != 3) model.fail("channels", "three whole numbers are needed");
  for (std::size_t i = 0; i < 3; ++i) {
    if (!channels[i].is_number_unsigned() || channels[i] < 1 || channels[i] > 256) model.fail("channels", "three whole numbers from 1 to 256 are needed");
    e.architecture.channels[i] = channels[i].get<int>();
  }
  model.whole("descriptor", e.architecture.descriptor, 1, 512);
  model.whole("dimensions", e.architecture.dimensions, 1, 1024);
  model.done();

  Section optimiser = top.section("optimiser");
  optimiser.whole("steps", e.optimiser.steps, 2, 10000000);
  optimiser.whole("fingers", e.optimiser.fingers, 2, 4096);
  if (e.optimiser.fingers > e.data.training()) optimiser.fail("fingers", "more than there are to train on");
  optimiser.number("learning_rate", e.optimiser.learning_rate, 0, 1);
  optimiser.number("proxy_factor", e.optimiser.proxy_factor, 0, 1000);
  optimiser.number("weight_decay", e.optimiser.weight_decay, 0, 1);
  optimiser.number("warm_up", e.optimiser.warm_up, 0, 1);
  optimiser.done();

  Section loss = top.section("loss");
  loss.number("proxy", e.loss.proxy, 0, 1000);
  loss.number("proxy_scale", e.loss.proxy_scale, 0.1, 1000);
  loss.number("proxy_margin", e.loss.proxy_margin, 0, 1);
  loss.number("minutia", e.loss.minutia, 0, 1000);
  loss.whole("minutia_pairs", e.loss.minutia_pairs, 2, 100000);
  loss.number("set", e.loss.set, 0, 1000);
  loss.number("covariance", e.loss.covariance, 0, 1000);
  loss.done();

  Section augmentation = top.section("augmentation");
  augmentation.number("card_window", e.augmentation.card_window, 0, 1);
  augmentation.number("card_shift_px", e.augmentation.card_shift_px, 0, 200);
  augmentation.number("drop", e.augmentation.drop, 0, 0.9);
  augmentation.whole("most_minutiae", e.augmentation.most_minutiae, 1, 255);
  augmentation.number("mirror", e.augmentation.mirror, 0, 1);
  augmentation.number("scale", e.augmentation.scale, 0, 0.5);
  augmentation.number("touch_scale", e.augmentation.touch_scale, 0, 0.5);
  augmentation.number("turn_rad", e.augmentation.turn_rad, 0, 1);
  augmentation.number("shift_samples", e.augmentation.shift_samples, 0, 8);
  augmentation.number("patch_scale", e.augmentation.patch_scale, 0, 0.15);
  augmentation.done();

  Section whitening = top.section("whitening");
  whitening.whole("dimensions", e.whitening.dimensions, 1, e.architecture.dimensions);
  whitening.number("shrinkage", e.whitening.shrinkage, 0.0001, 1);
  whitening.done();

  Section schedule = top.section("schedule");
  schedule.whole("log_every", e.schedule.log_every, 1, 1000000);
  schedule.whole("checkpoint_every", e.schedule.checkpoint_every, 1, 1000000);
  schedule.whole("evaluate_every", e.schedule.evaluate_every, 1, 10000000);
  // A line of the log averages over the steps since the last: a resumed run then has the same lines.
  if (e.schedule.checkpoint_every % e.schedule.log_every != 0) schedule.fail("checkpoint_every", "must be a multiple of log_every");
  schedule.done();
  top.done();

  e.text = document.dump();
  e.hash = digest_of(e.text);
  return e;
}

}  // namespace

Experiment Experiment::parse(std::string_view untrusted_json, const std::string& name) { return from(parse_json(untrusted_json, name), name); }

Experiment Experiment::read(const std::filesystem::path& file) { return parse(read_whole(file), file.string()); }

Experiment Experiment::changed(const Experiment& base, std::string_view untrusted_changes, const std::string& name) {
  json document = json::parse(base.text);
  const json changes = parse_json(untrusted_changes, name);
  if (!changes.is_object()) throw BadInput(name + ": changes must be an object");
  document.merge_patch(changes);
  return from(document, name);
}

}  // namespace touchstone::nets
