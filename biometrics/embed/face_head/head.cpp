#include "face_head/head.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/check.h"
#include "base/secret.h"
#include "crypto/sha256.h"

namespace touchstone::biometrics {
namespace {

constexpr std::uint8_t kMagic[] = {'T', 'S', 'F', 'H'};
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kMostInputs = 4096, kMostDimensions = 1024, kMostPictures = 64;
constexpr std::size_t kFixedBytes = 4 + 4 * 4 + 1 + 32 + 32;  // of the file: all but name, mean and projection
constexpr double kDeviation = 32;  // of FaceVector

/// Numbers that tell a face: wiped when they end.
template <typename T>
struct Wiped {
  explicit Wiped(std::size_t size) : values(size) {}
  ~Wiped() { wipe(values.data(), values.size() * sizeof(T)); }
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  std::vector<T> values;
};

void put_numbers(ByteWriter& out, std::span<const float> numbers) {
  for (const float x : numbers) out.le32(std::bit_cast<std::uint32_t>(x));
}

bool take_numbers(ByteReader& in, std::span<float> out) {
  for (float& x : out) x = std::bit_cast<float>(in.le32());
  return std::all_of(out.begin(), out.end(), [](float x) { return std::isfinite(x); });
}

}  // namespace

Result<FaceVector> Head::vector(std::span<const std::span<const float>> embeddings) const {
  const std::size_t inputs_count = inputs(), outputs = dimensions();
  if (embeddings.empty() || embeddings.size() > kMostPictures) return Error{ErrorCode::kOutOfRange, "a face needs 1 to 64 pictures"};
  // Whole numbers of 2^-40, whose sum is the same in any order.
  Wiped<std::int64_t> sum(inputs_count);
  for (const std::span<const float> row : embeddings) {
    if (row.size() != inputs_count) return Error{ErrorCode::kOutOfRange, "an embedding of another length"};
    double square = 0;
    for (const float x : row) square += static_cast<double>(x) * static_cast<double>(x);
    if (!std::isfinite(square) || square == 0) return Error{ErrorCode::kOutOfRange, "an embedding is zero or not finite"};
    const double scale = std::ldexp(1 / std::sqrt(square), 40);
    for (std::size_t i = 0; i < inputs_count; ++i) sum.values[i] += std::llround(static_cast<double>(row[i]) * scale);
  }
  Wiped<double> centred(inputs_count), projected(outputs);
  const double pictures = static_cast<double>(embeddings.size());
  for (std::size_t i = 0; i < inputs_count; ++i) centred.values[i] = std::ldexp(static_cast<double>(sum.values[i]), -40) / pictures - static_cast<double>(mean[i]);
  double square = 0;
  for (std::size_t k = 0; k < outputs; ++k) {
    double product = 0;
    for (std::size_t i = 0; i < inputs_count; ++i) product += static_cast<double>(projection[k * inputs_count + i]) * centred.values[i];
    projected.values[k] = product;
    square += product * product;
  }
  const double scale = kDeviation / std::sqrt(square / static_cast<double>(outputs));
  if (!std::isfinite(scale)) return Error{ErrorCode::kOutOfRange, "the pictures together lie at the population's mean"};
  std::vector<std::int8_t> out(outputs);
  for (std::size_t k = 0; k < outputs; ++k) out[k] = static_cast<std::int8_t>(std::clamp(std::lround(projected.values[k] * scale), -127L, 127L));
  return FaceVector(std::move(out));
}

std::vector<std::uint8_t> serialise(const Head& head) {
  TS_CHECK(head.embedder.size() < 256 && head.dimensions() * head.inputs() == head.projection.size(), "a head has whole rows and a short name");
  std::vector<std::uint8_t> file(kFixedBytes + head.embedder.size() + 4 * (head.mean.size() + head.projection.size()));
  ByteWriter out(file);
  out.put(kMagic);
  out.le32(kVersion);
  out.le32(static_cast<std::uint32_t>(head.inputs()));
  out.le32(static_cast<std::uint32_t>(head.dimensions()));
  put_numbers(out, {&head.alpha, 1});
  out.u8(static_cast<std::uint8_t>(head.embedder.size()));
  out.put({reinterpret_cast<const std::uint8_t*>(head.embedder.data()), head.embedder.size()});
  out.put(head.embedder_digest);
  put_numbers(out, head.mean);
  put_numbers(out, head.projection);
  out.put(crypto::sha256(out.written()));
  return file;
}

Result<Head> load_head(Bytes untrusted_file) {
  ByteReader in(untrusted_file);
  const Bytes magic = in.take(sizeof kMagic);
  if (magic.empty() || std::memcmp(magic.data(), kMagic, sizeof kMagic) != 0) return Error{ErrorCode::kBadFormat, "not a head's file: it does not begin with TSFH"};
  if (in.le32() != kVersion) return Error{ErrorCode::kUnsupported, "a head's file of another version"};
  const std::size_t inputs = in.le32(), outputs = in.le32();
  if (inputs < 2 || inputs > kMostInputs || outputs < 1 || outputs > kMostDimensions) return Error{ErrorCode::kOutOfRange, "a head of lengths that are not allowed"};
  Head head;
  const bool alpha_finite = take_numbers(in, {&head.alpha, 1});
  const Bytes name = in.take(in.u8());
  head.embedder.assign(name.begin(), name.end());
  in.copy(head.embedder_digest);
  if (in.failed() || in.remaining() != 4 * inputs * (outputs + 1) + 32) return Error{ErrorCode::kBadFormat, "a head's file of another length than it says"};
  const auto digest_of = crypto::sha256(untrusted_file.first(untrusted_file.size() - 32));
  if (std::memcmp(digest_of.data(), untrusted_file.last(32).data(), 32) != 0) return Error{ErrorCode::kBadFormat, "the digest at the end of a head's file does not fit"};
  head.mean.resize(inputs);
  head.projection.resize(inputs * outputs);
  const bool mean_finite = take_numbers(in, head.mean), projection_finite = take_numbers(in, head.projection);
  if (!alpha_finite || !mean_finite || !projection_finite) return Error{ErrorCode::kOutOfRange, "a head with a number that is not finite"};
  return head;
}

Result<Head> load_head(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Error{ErrorCode::kDevice, "the head's file cannot be read"};
  const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
  return load_head(Bytes(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

ByteArray<32> digest(const Head& head) { return crypto::sha256(serialise(head)); }

}  // namespace touchstone::biometrics
