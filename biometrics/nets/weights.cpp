#include "nets/weights.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>

#include "base/check.h"
#include "crypto/sha256.h"
#include "nets/bad_input.h"
#include "nets/files.h"

namespace touchstone::nets {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they stand");
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kDigestBytes = 32;

class Writer {
 public:
  template <typename T>
  void number(T value) {
    raw(&value, sizeof value);
  }
  void raw(const void* data, std::size_t size) { out.append(static_cast<const char*>(data), size); }
  void digest(const std::string& hex) {
    TS_CHECK(hex.size() == 2 * kDigestBytes, "a digest in hexadecimal");
    for (std::size_t i = 0; i < hex.size(); i += 2) out += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  std::string out;
};

class Reader {
 public:
  Reader(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}
  template <typename T>
  T number() {
    T value;
    std::memcpy(&value, raw(sizeof value).data(), sizeof value);
    return value;
  }
  std::string_view raw(std::size_t size) {
    if (size > bytes_.size()) throw BadInput(name_ + ": the file is cut off");
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  std::size_t left() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
  const std::string& name_;
};

}  // namespace

const Tensor& Weights::tensor(std::string_view name) const {
  const auto at = std::find_if(tensors.begin(), tensors.end(), [&](const Tensor& t) { return t.name == name; });
  if (at == tensors.end()) throw BadInput("weights: tensor " + std::string(name) + " is missing");
  return *at;
}

std::string Weights::serialise() const {
  Writer w;
  w.raw("TSNT", 4);
  w.number(kVersion);
  w.number(static_cast<std::uint32_t>(kind));
  for (const int c : architecture.channels) w.number(static_cast<std::uint32_t>(c));
  for (const int n : {architecture.descriptor, kBasis, architecture.dimensions}) w.number(static_cast<std::uint32_t>(n));
  w.number(whitened);
  w.number(static_cast<std::uint32_t>(kPatchSide));
  w.number(seed);
  w.number(step);
  w.digest(generator_hash);
  w.digest(front_end_hash);
  w.digest(configuration_hash);
  w.number(static_cast<std::uint32_t>(tensors.size()));
  for (const Tensor& t : tensors) {
    std::size_t count = 1;
    for (const std::uint32_t extent : t.shape) count *= extent;
    TS_CHECK(count == t.values.size() && t.name.size() < 256 && t.shape.size() < 256, "a tensor has as many numbers as its shape says");
    w.number(static_cast<std::uint8_t>(t.name.size()));
    w.raw(t.name.data(), t.name.size());
    w.number(static_cast<std::uint8_t>(t.shape.size()));
    for (const std::uint32_t extent : t.shape) w.number(extent);
    w.raw(t.values.data(), t.values.size() * sizeof(float));
  }
  const auto digest = crypto::sha256(as_bytes(w.out));
  w.raw(digest.data(), digest.size());
  return std::move(w.out);
}

Weights Weights::parse(std::string_view untrusted_bytes, const std::string& name) {
  if (untrusted_bytes.size() < 4 || untrusted_bytes.substr(0, 4) != "TSNT") throw BadInput(name + ": not a file of weights (it does not begin with TSNT)");
  Reader head(untrusted_bytes.substr(4), name);
  if (const auto version = head.number<std::uint32_t>(); version != kVersion) throw BadInput(name + ": version " + std::to_string(version) + " of the format; this program reads " + std::to_string(kVersion));
  if (untrusted_bytes.size() < 12 + kDigestBytes) throw BadInput(name + ": the file is cut off");
  const std::string_view body = untrusted_bytes.substr(0, untrusted_bytes.size() - kDigestBytes);
  const auto digest = crypto::sha256(as_bytes(body));
  if (std::memcmp(digest.data(), untrusted_bytes.data() + body.size(), kDigestBytes) != 0) throw BadInput(name + ": the digest at its end does not fit: the file is cut off or changed");

  Reader r(body.substr(8), name);
  Weights w;
  const auto kind = r.number<std::uint32_t>();
  if (kind != 1 && kind != 2) throw BadInput(name + ": unknown kind of content " + std::to_string(kind));
  w.kind = static_cast<Kind>(kind);
  const auto extent = [&](std::uint32_t most) {
    const auto n = r.number<std::uint32_t>();
    if (n < 1 || n > most) throw BadInput(name + ": an extent of the architecture is out of range");
    return static_cast<int>(n);
  };
  for (int& c : w.architecture.channels) c = extent(256);
  w.architecture.descriptor = extent(512);
  const int basis = extent(64);
  w.architecture.dimensions = extent(1024);
  w.whitened = r.number<std::uint32_t>();
  const int side = extent(1024);
  if (basis != kBasis || side != kPatchSide) throw BadInput(name + ": another architecture: patches of side " + std::to_string(side) + " and " + std::to_string(basis) + " functions of the direction");
  w.seed = r.number<std::uint64_t>();
  w.step = r.number<std::uint64_t>();
  w.generator_hash = to_hex(as_bytes(r.raw(kDigestBytes)));
  w.front_end_hash = to_hex(as_bytes(r.raw(kDigestBytes)));
  w.configuration_hash = to_hex(as_bytes(r.raw(kDigestBytes)));
  const auto tensors = r.number<std::uint32_t>();
  std::set<std::string> names;
  for (std::uint32_t i = 0; i < tensors; ++i) {
    Tensor t;
    t.name = r.raw(r.number<std::uint8_t>());
    if (!names.insert(t.name).second) throw BadInput(name + ": tensor " + t.name + " stands twice");
    const int rank = r.number<std::uint8_t>();
    std::uint64_t count = 1;
    for (int d = 0; d < rank; ++d) {
      t.shape.push_back(r.number<std::uint32_t>());
      count *= t.shape.back();
      if (count > body.size()) throw BadInput(name + ": tensor " + t.name + " is longer than the file");
    }
    const std::string_view numbers = r.raw(static_cast<std::size_t>(count) * sizeof(float));
    t.values.resize(static_cast<std::size_t>(count));
    if (count > 0) std::memcpy(t.values.data(), numbers.data(), numbers.size());
    w.tensors.push_back(std::move(t));
  }
  if (r.left() != 0) throw BadInput(name + ": bytes follow the last tensor");
  return w;
}

Weights Weights::read(const std::filesystem::path& file) { return parse(read_whole(file), file.string()); }

std::string to_text(const Architecture& a) {
  return std::to_string(a.channels[0]) + "-" + std::to_string(a.channels[1]) + "-" + std::to_string(a.channels[2]) + "/" + std::to_string(a.descriptor) + "/" + std::to_string(a.dimensions);
}

void Weights::require(const Architecture& expected, const std::string& name) const {
  if (!(architecture == expected)) throw BadInput(name + ": weights of another architecture: " + to_text(architecture) + ", expected " + to_text(expected));
}

}  // namespace touchstone::nets
