#include "checkpoint.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "crypto/sha256.h"
#include "options.h"

// One line of JSON; then for half 0 and 1, fixed and random class, the sums of d, d^2, d^3, d^4 of all points, 64 bits little-endian; then
// the SHA-256 of everything before.
namespace touchstone::rtl_tools {

namespace {

using Json = nlohmann::json;
constexpr int kVersion = 2;
constexpr std::size_t kDigestBytes = 32, kArrays = 2 * 2 * 4;
constexpr std::uint64_t kMaxPoints = 10'000'000;

Bytes bytes_of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

Json header_of(const Checkpoint& c) {
  std::vector<std::uint64_t> n;
  for (const auto& half : c.sums.half)
    for (const Sums& s : half) n.push_back(s.n);
  std::size_t points = 0;
  for (const auto& half : c.sums.half)
    for (const Sums& s : half) points = std::max(points, s.power[0].size());
  return {{"version", kVersion},
          {"variant", c.experiment.variant.name},
          {"operation", c.experiment.operation()},
          {"what", c.experiment.what == Experiment::What::kScalar ? "scalar" : "point"},
          {"random_off", c.experiment.random_off},
          {"seed", c.experiment.seed},
          {"weights", c.experiment.weights},
          {"core", c.fingerprint},
          {"shard", c.shard.number},
          {"of", c.shard.of},
          {"done", c.done},
          {"n", n},
          {"points", points}};
}

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why) { throw std::runtime_error(path.string() + ": " + why); }

Checkpoint parse(const Json& header, Bytes body) {
  Checkpoint out;
  const auto variant = std::find_if(std::begin(rtl::kVariants), std::end(rtl::kVariants), [&](const rtl::Variant& v) { return header.at("variant") == v.name; });
  const auto assessed = std::find_if(std::begin(kAssessed), std::end(kAssessed), [&](const Assessed& a) { return header.at("operation") == a.name; });
  if (variant == std::end(rtl::kVariants) || assessed == std::end(kAssessed)) throw std::runtime_error("an unknown variant or operation");
  out.experiment = {*variant, assessed->op, header.at("what") == "point" ? Experiment::What::kPoint : Experiment::What::kScalar,
                    header.at("random_off").get<bool>(), header.at("seed").get<std::uint64_t>(), header.at("weights").get<rtl::Weights>()};
  out.fingerprint = header.at("core").get<std::string>();
  out.shard = {header.at("shard").get<std::uint64_t>(), header.at("of").get<std::uint64_t>()};
  out.done = header.at("done").get<std::uint64_t>();
  const auto n = header.at("n").get<std::vector<std::uint64_t>>();
  const auto points = header.at("points").get<std::uint64_t>();
  if (n.size() != 4 || points > kMaxPoints || out.shard.number < 1 || out.shard.number > out.shard.of || body.size() != kArrays * 8 * points)
    throw std::runtime_error("sizes that do not fit");
  ByteReader reader(body);
  std::size_t i = 0;
  std::uint64_t traces = 0;
  for (auto& half : out.sums.half)
    for (Sums& s : half) {
      s.n = n[i++];
      traces += s.n;
      for (auto& sums : s.power) {
        sums.resize(points);
        for (std::int64_t& sum : sums) sum = static_cast<std::int64_t>(reader.le64());
      }
    }
  if (traces != out.done) throw std::runtime_error("sizes that do not fit");
  return out;
}

}  // namespace

bool Checkpoint::same_experiment(const Checkpoint& other) const {
  const Experiment &a = experiment, &b = other.experiment;
  return a.name() == b.name() && a.seed == b.seed && fingerprint == other.fingerprint;
}

void Checkpoint::save(const std::filesystem::path& path) const {
  const Json header = header_of(*this);
  std::string out = header.dump() + "\n";
  const auto points = header.at("points").get<std::size_t>();
  out.reserve(out.size() + kArrays * 8 * points + kDigestBytes);
  for (const auto& half : sums.half)
    for (const Sums& s : half)
      for (const auto& power : s.power)
        for (std::size_t i = 0; i < points; ++i) {
          ByteArray<8> word;
          store_le64(word.data(), i < power.size() ? static_cast<std::uint64_t>(power[i]) : 0);  // a class may have no trace yet
          out.append(word.begin(), word.end());
        }
  const auto digest = crypto::Sha256().update(bytes_of(out)).finish();
  out.append(digest.begin(), digest.end());
  write_file(path, out);
}

Checkpoint Checkpoint::load(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) refuse(path, "cannot be read");
  const std::string untrusted((std::istreambuf_iterator<char>(file)), {});
  const std::size_t line = untrusted.find('\n');
  if (line == std::string::npos || untrusted.size() < line + 1 + kDigestBytes) refuse(path, "is no checkpoint of an assessment");
  const std::string_view content(untrusted.data(), untrusted.size() - kDigestBytes);
  const Json header = Json::parse(untrusted.substr(0, line), nullptr, /*allow_exceptions=*/false);
  if (!header.is_object() || !header.contains("version")) refuse(path, "is no checkpoint of an assessment");
  if (header["version"] != kVersion) refuse(path, "is a checkpoint of another version; remove it or finish it with the program that made it");
  const auto digest = crypto::Sha256().update(bytes_of(content)).finish();
  if (!std::equal(digest.begin(), digest.end(), bytes_of(untrusted).end() - kDigestBytes)) refuse(path, "is damaged; remove it to start again");
  try {
    return parse(header, bytes_of(content.substr(line + 1)));
  } catch (const std::exception& error) {
    refuse(path, std::string("does not parse: ") + error.what());
  }
}

Checkpoint merge(const std::vector<Checkpoint>& shards) {
  if (shards.empty()) throw std::runtime_error("nothing to merge");
  Checkpoint out{shards[0].experiment, shards[0].fingerprint, {}, 0, {}};
  const std::string name = out.experiment.name();
  std::vector<bool> seen(shards.size());
  for (const Checkpoint& s : shards) {
    if (!s.same_experiment(shards[0])) throw std::runtime_error(name + ": the checkpoints are of different experiments, seeds or cores");
    if (s.shard.of != shards.size())
      throw std::runtime_error(name + ": of " + std::to_string(s.shard.of) + " shards " + std::to_string(shards.size()) + " are here");
    if (seen[s.shard.number - 1]) throw std::runtime_error(name + ": shard " + std::to_string(s.shard.number) + " twice");
    seen[s.shard.number - 1] = true;
    out.done += s.done;
    out.sums += s.sums;
  }
  for (const Checkpoint& s : shards)
    if (s.done != s.shard.share(out.done))
      throw std::runtime_error(name + ": shard " + std::to_string(s.shard.number) + " has " + std::to_string(s.done) + " traces, which is not its share: let all shards end");
  return out;
}

}  // namespace touchstone::rtl_tools
