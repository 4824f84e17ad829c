#include "biometrics/converter.h"

#include <algorithm>

#include "codes/bch.h"
#include "codes/ordered_statistics.h"
#include "codes/rotation.h"
#include "biometrics/whitening.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"

namespace touchstone::biometrics {
namespace {

using codes::at;
using codes::Rotation;
using codes::SoftDecision;
using Code = codes::Bch<6, 7>;
static_assert(Code::n == kCodeLength_bits && Code::k == kMessageLength_bits);
static_assert(kCodeLength_bits <= kDimensions, "more signs than dimensions would fix the codeword (overcomplete)");

constexpr int kLog2Dimensions = 6;
static_assert(1 << kLog2Dimensions == kDimensions);
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kCheckedBytes = 1 + 16 + 8;  // what the check covers

template <std::size_t N>
Bytes label(const char (&text)[N]) {
  return Bytes(reinterpret_cast<const std::uint8_t*>(text), N - 1);
}

std::uint64_t to_u64(const Code::Word& word) { return word.limbs[0] | std::uint64_t{word.limbs[1]} << 32; }

void derive_root(const Code::Word& codeword, const ByteArray<16>& seed, Secret<32>& root) {
  Secret<8> ikm;
  store_le64(ikm.expose().data(), to_u64(codeword));
  crypto::hkdf_sha256(ikm.expose(), seed, label("touchstone/biometric root/1"), root.expose());
}

ByteArray<16> make_check(const HelperData& helper, const Secret<32>& root) {
  ByteArray<HelperData::kBytes> bytes{};
  helper.serialize(bytes);
  Secret<32> key;
  crypto::hkdf_sha256(root.expose(), helper.seed, label("touchstone/biometric check/1"), key.expose());
  const ByteArray<32> mac = crypto::hmac_sha256(key.expose(), Bytes(bytes).first(kCheckedBytes));
  ByteArray<16> check{};
  std::copy_n(mac.begin(), check.size(), check.begin());
  return check;
}

std::int32_t dot(const std::array<std::int32_t, kDimensions>& a, const Feature::Vector& b) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < kDimensions; ++i) sum += ((a[i] * kWhitening.reliability[i]) >> 7) * b[i];
  return sum;
}
std::int32_t energy(const Feature::Vector& v) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < kDimensions; ++i) sum += ((v[i] * kWhitening.reliability[i]) >> 7) * v[i];
  return sum;
}

// Agreement of a probe vector with a sum of vectors, signed and squared so that no root is needed: grows with the cosine.
std::int64_t agreement(const std::array<std::int32_t, kDimensions>& sum, const Feature::Vector& v) {
  const std::int64_t product = dot(sum, v);
  const std::int64_t norm = std::max<std::int32_t>(energy(v), 1);
  return (product < 0 ? -product * product : product * product) / norm;
}

// Sum of all touches, each read in the frame that agrees best with those before; `anchor` is read in its detected frame.
// Returns how well they agree: |sum|^2 over the largest value it could have, in percent. 100 / n for unrelated touches read
// at random, 100 for equal ones.
std::int32_t align(std::span<const Feature> touches, std::size_t anchor, std::array<std::int32_t, kDimensions>& sum) {
  std::copy(touches[anchor].poses[0].begin(), touches[anchor].poses[0].end(), sum.begin());
  std::int64_t parts = energy(touches[anchor].poses[0]);
  for (std::size_t t = 0; t < touches.size(); ++t) {
    if (t == anchor) continue;
    std::size_t best = 0;
    std::int64_t best_agreement = 0;
    for (std::size_t p = 0; p < touches[t].pose_count; ++p) {
      const std::int64_t a = agreement(sum, touches[t].poses[p]);
      if (p == 0 || a > best_agreement) {
        best = p;
        best_agreement = a;
      }
    }
    for (std::size_t i = 0; i < kDimensions; ++i) sum[i] += touches[t].poses[best][i];
    parts += energy(touches[t].poses[best]);
  }
  std::int64_t total = 0;
  for (std::size_t i = 0; i < kDimensions; ++i) total += (std::int64_t{sum[i]} * sum[i] * kWhitening.reliability[i]) >> 7;
  const std::int64_t largest = std::max<std::int64_t>(parts, 1) * static_cast<std::int64_t>(touches.size());
  return static_cast<std::int32_t>(100 * total / largest);
}

}  // namespace

void HelperData::serialize(std::span<std::uint8_t, kBytes> out) const {
  ByteWriter writer(out);
  writer.u8(version);
  writer.put(seed);
  writer.put(offset);
  writer.put(check);
  TS_CHECK(!writer.failed() && writer.size() == kBytes, "helper data layout");
}

Result<HelperData> HelperData::parse(Bytes untrusted) {
  if (untrusted.size() != kBytes) return Error{ErrorCode::kBadFormat, "helper data: wrong length"};
  ByteReader reader(untrusted);
  HelperData out;
  out.version = reader.u8();
  reader.copy(out.seed);
  reader.copy(out.offset);
  reader.copy(out.check);
  if (out.version != kVersion) return Error{ErrorCode::kUnsupported, "helper data: unknown version"};
  if ((out.offset[7] & 0x80) != 0) return Error{ErrorCode::kBadFormat, "helper data: reserved bit is set"};
  return out;
}

Result<void> enrol(std::span<const Feature> touches, Bytes randomness, HelperData& out, Secret<32>& root) {
  if (touches.empty() || touches.size() > kMaxTouches) {
    return Error{ErrorCode::kOutOfRange, "number of touches is not supported"};
  }
  if (randomness.size() < 32) return Error{ErrorCode::kOutOfRange, "too little randomness"};
  for (const Feature& touch : touches) {
    if (touch.pose_count == 0) return Error{ErrorCode::kOutOfRange, "a touch holds no vector"};
  }

  // The touch whose frame suits the others best leads.
  std::array<std::int32_t, kDimensions> mean{};
  std::array<std::int32_t, kDimensions> attempt{};
  WipeAtExit wipe_mean(mean);
  WipeAtExit wipe_attempt(attempt);
  std::int32_t best = -1;
  for (std::size_t anchor = 0; anchor < touches.size(); ++anchor) {
    const std::int32_t concord_percent = align(touches, anchor, attempt);
    if (concord_percent > best) {
      best = concord_percent;
      mean = attempt;
    }
  }

  crypto::hkdf_sha256(randomness, {}, label("touchstone/biometric seed/1"), out.seed);
  Secret<4> message_bytes;
  crypto::hkdf_sha256(randomness, {}, label("touchstone/biometric message/1"), message_bytes.expose());
  Code::Message message;
  message.limbs[0] = load_le32(message_bytes.expose().data()) & ((std::uint32_t{1} << Code::k) - 1);
  Code::Word word = Code::encode(message);
  WipeAtExit wipe_message(message);
  WipeAtExit wipe_word(word);
  derive_root(word, out.seed, root);

  Rotation(out.seed, kLog2Dimensions).apply(mean);
  Code::Word offset = word;
  for (int i = 0; i < Code::n; ++i) {
    if (mean[static_cast<std::size_t>(i)] < 0) offset.flip(i);
  }
  store_le64(out.offset.data(), to_u64(offset));
  out.version = kVersion;
  out.check = make_check(out, root);
  return {};
}

Result<void> regenerate(const Feature& probe, const HelperData& helper, Secret<32>& root) {
  const Rotation rotation(helper.seed, kLog2Dimensions);
  const std::uint64_t offset = load_le64(helper.offset.data());
  std::array<std::int32_t, kDimensions> rotated{};
  std::array<std::int32_t, at(Code::n)> soft{};
  SoftDecision<Code> decision;
  WipeAtExit wipe_rotated(rotated);
  WipeAtExit wipe_soft(soft);
  WipeAtExit wipe_decision(decision);

  for (std::size_t p = 0; p < probe.pose_count; ++p) {
    // The best guess of the enrolled vector is the probe's, drawn towards the population's mean where touches vary.
    for (std::size_t i = 0; i < kDimensions; ++i) rotated[i] = probe.poses[p][i] * kWhitening.reliability[i];
    rotation.apply(rotated);
    std::int64_t norm = 0;
    for (int i = 0; i < Code::n; ++i) {
      const std::int32_t value = rotated[static_cast<std::size_t>(i)];
      soft[static_cast<std::size_t>(i)] = (offset >> i & 1) != 0 ? -value : value;
      norm += std::int64_t{value} * value;
    }
    decision = codes::decode_ordered_statistics<Code>(soft);
    // correlation / sqrt(n * norm) >= threshold, squared.
    const std::int64_t correlation = decision.correlation;
    if (correlation <= 0 ||
        correlation * correlation * 10000 < norm * Code::n * kAcceptCorrelation_percent * kAcceptCorrelation_percent) {
      continue;
    }
    derive_root(decision.codeword, helper.seed, root);
    ByteArray<16> check = make_check(helper, root);
    const bool opened = equal_constant_time(check, helper.check);
    wipe(check.data(), check.size());
    if (opened) return {};
  }
  root.wipe_now();
  return Error{ErrorCode::kNoMatch, "the finger does not open this record"};
}

}  // namespace touchstone::biometrics
