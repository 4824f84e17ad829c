#include "face_nets/face_experiment.h"

#include <algorithm>
#include <bit>

#include "metrics/error_rates.h"
#include "nets/bad_input.h"
#include "nets/files.h"
#include "nets/strict_json.h"

namespace touchstone::nets {
namespace {

using nlohmann::json;
using Scheme = FaceExperiment::Scheme;

void take_digest(Section& section, const std::string& key, ByteArray<32>& out) {
  std::string hex;
  section.text(key, hex, 64);
  if (hex.size() != 64 || hex.find_first_not_of("0123456789abcdef") != std::string::npos) section.fail(key, "64 hexadecimal digits are needed");
  for (std::size_t i = 0; i < 32; ++i) out[i] = static_cast<std::uint8_t>(std::stoi(hex.substr(2 * i, 2), nullptr, 16));
}

FaceExperiment from(const json& document, const std::string& name) {
  FaceExperiment e;
  Section top(document, name, "");
  top.seed("seed", e.seed);
  std::string scheme;
  top.text("scheme", scheme, 16);
  if (scheme == to_string(Scheme::kHead)) e.scheme = Scheme::kHead;
  else if (scheme == to_string(Scheme::kN0)) e.scheme = Scheme::kN0;
  else if (scheme == to_string(Scheme::kN1)) e.scheme = Scheme::kN1;
  else top.fail("scheme", "head, n0 or n1 is needed");
  Section protocol = top.section("protocol");
  protocol.whole("enrolled", e.protocol.enrolled, 1, 64);
  protocol.whole("fused", e.protocol.fused, 1, 64);
  protocol.done();
  if (e.scheme == Scheme::kHead) {
    top.whole("folds", e.folds, 2, 16);
    Section embedder = top.section("embedder");
    embedder.text("name", e.embedder, 255);
    take_digest(embedder, "sha256", e.embedder_digest);
    embedder.done();
    Section head = top.section("head");
    head.whole("dimensions", e.head.dimensions, 64, 1024);
    if (!std::has_single_bit(static_cast<unsigned>(e.head.dimensions))) head.fail("dimensions", "must be a power of two");
    head.number("alpha", e.head.alpha, 0, 2);
    head.flag("learned", e.head.learned);
    head.whole("principal", e.head.principal, 1, 4096);
    head.number("shrinkage", e.head.shrinkage, 0, 1);
    head.done();
    Section code = top.section("code");
    code.whole("message_bits", e.message_bits, 1, 1023);
    code.whole("list_size", e.list_size, 1, codes::PolarListDecoder::kMaxList);
    code.whole("records", e.records, 1, 64);
    if (!codes::CodeChoice::make(codes::CodeFamily::kPolar, std::max(128, e.head.dimensions), e.message_bits)) {
      code.fail("message_bits", "there is no polar code of so many");
    }
    code.done();
  } else {
    Section net = top.section("net");
    net.whole("width", e.net.width, 1, 4096);
    net.whole("depth", e.net.depth, 0, 4);
    if (e.scheme == Scheme::kN1) net.whole("strangers", e.net.strangers, 1, 100000);
    net.number("noise", e.net.noise, 0, 4);
    net.number("mix", e.net.mix, 0, 1);
    net.whole("steps", e.net.steps, 1, 100000);
    net.number("learning_rate", e.net.learning_rate, 1e-6, 1);
    net.number("weight_decay", e.net.weight_decay, 0, 10);
    net.done();
  }
  top.done();
  e.text = document.dump();
  e.hash = digest_of(e.text);
  return e;
}

/// Every other one of the people with too few pictures to be tried: they are trained on, the rest is tried.
std::pair<faces::Embeddings, faces::Embeddings> split_off_strangers(const faces::Embeddings& people, int enrolled) {
  std::vector<int> pictures(people.people.size());
  for (const std::uint32_t p : people.person) ++pictures[p];
  std::vector<bool> stranger(pictures.size());
  int few = 0;
  for (std::size_t p = 0; p < pictures.size(); ++p) stranger[p] = pictures[p] <= enrolled && few++ % 2 == 0;
  std::vector<std::size_t> strangers, tried;
  for (std::size_t i = 0; i < people.size(); ++i) (stranger[people.person[i]] ? strangers : tried).push_back(i);
  return {people.select(tried), people.select(strangers)};
}

void add_figures(FaceFigures& out, const std::string& prefix, const metrics::ScoreSet& scores) {
  const metrics::ErrorRates rates(scores);
  const auto mean_wrong = [](const std::vector<metrics::Comparison>& comparisons) {
    double sum = 0;
    for (const metrics::Comparison& c : comparisons) sum -= c.score;
    return comparisons.empty() ? 0 : sum / static_cast<double>(comparisons.size());
  };
  out.emplace_back(prefix + "_fnmr", rates.fnmr(weak::kRecovers).value());
  out.emplace_back(prefix + "_fmr", rates.fmr(weak::kRecovers).value());
  out.emplace_back(prefix + "_eer", rates.eer().value_or(1));
  out.emplace_back(prefix + "_fnmr_1e3", rates.fnmr_at_fmr(1e-3).value());
  out.emplace_back(prefix + "_wrong_bits_genuine", mean_wrong(scores.genuine));
  out.emplace_back(prefix + "_wrong_bits_impostor", mean_wrong(scores.impostor));
  out.emplace_back(prefix + "_genuine", static_cast<double>(scores.genuine.size()));
  out.emplace_back(prefix + "_impostor", static_cast<double>(scores.impostor.size()));
}

}  // namespace

const char* to_string(Scheme scheme) { return scheme == Scheme::kHead ? "head" : scheme == Scheme::kN0 ? "n0" : "n1"; }

codes::CodeChoice FaceExperiment::code() const {
  return codes::CodeChoice::make(codes::CodeFamily::kPolar, std::max(128, head.dimensions), message_bits).value();
}

FaceExperiment FaceExperiment::parse(std::string_view untrusted_json, const std::string& name) { return from(parse_json(untrusted_json, name), name); }

FaceExperiment FaceExperiment::read(const std::filesystem::path& file) { return parse(read_whole(file), file.string()); }

FaceExperiment FaceExperiment::changed(std::string_view untrusted_changes, const std::string& name) const {
  json document = json::parse(text);
  const json changes = parse_json(untrusted_changes, name);
  if (!changes.is_object()) throw BadInput(name + ": changes must be an object");
  document.merge_patch(changes);
  return from(document, name);
}

biometrics::Head fitted_head(const FaceExperiment& experiment, const faces::Embeddings& tune) { return fit_head(tune, experiment.head, experiment.embedder, experiment.embedder_digest); }

FaceFigures run_face(const FaceExperiment& experiment, const faces::Embeddings& tune, const faces::Embeddings* report, const std::function<void(std::size_t, std::size_t)>& progress,
                     weak::PersonScores* scores) {
  FaceFigures out;
  if (experiment.scheme == Scheme::kHead) {
    FaceVectors vectors;
    if (report == nullptr) vectors = cross_validated(tune, experiment.head, experiment.protocol, experiment.folds);
    else add_vectors(vectors, 0, fitted_head(experiment, tune), *report, experiment.protocol);
    const SecretRates rates = secret_rates(vectors, experiment.code(), experiment.list_size, experiment.records, experiment.seed);
    progress(1, 1);
    return {{"fnmr", rates.fnmr.value()}, {"fmr", rates.fmr.value()}, {"genuine", static_cast<double>(rates.fnmr.tries)}, {"impostor", static_cast<double>(rates.fmr.tries)}};
  }
  const auto [tried, strangers] = report == nullptr ? split_off_strangers(tune, experiment.protocol.enrolled) : std::pair(*report, tune);
  weak::PersonScores measured = weak::person_scores(tried, strangers, experiment.protocol, experiment.net, experiment.seed, progress);
  add_figures(out, "single", measured.single);
  add_figures(out, "fused", measured.fused);
  if (scores != nullptr) *scores = std::move(measured);
  return out;
}

}  // namespace touchstone::nets
