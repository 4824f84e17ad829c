#include "codes/code_offset.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "codes/bch.h"
#include "codes/rotation.h"
#include "crypto/hkdf.h"

namespace touchstone::codes {
namespace {

constexpr std::size_t kWordBytes = 128;  ///< of a codeword, at the work area's beginning

Bytes label(std::string_view text) { return Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()); }

class WipedArea {
 public:
  explicit WipedArea(MutableBytes area) : area_(area) {}
  ~WipedArea() { wipe(area_.data(), area_.size()); }
  WipedArea(const WipedArea&) = delete;
  WipedArea& operator=(const WipedArea&) = delete;

 private:
  MutableBytes area_;
};

template <typename T>
std::span<T> part(MutableBytes area, std::size_t offset_bytes, std::size_t count) {
  return {reinterpret_cast<T*>(area.data() + offset_bytes), count};
}

Status check_input(std::span<const Vector> fingers, std::size_t dimensions, MutableBytes work_area, std::size_t needed_bytes) {
  for (const Vector& finger : fingers) {
    if (finger.size() != dimensions) return Error{ErrorCode::kOutOfRange, "vectors of different lengths"};
  }
  if (work_area.size() < needed_bytes) return Error{ErrorCode::kTooLarge, "the work area is too small"};
  TS_CHECK(reinterpret_cast<std::uintptr_t>(work_area.data()) % 4 == 0, "work area is not aligned");
  return {};
}

using Order = std::array<std::uint8_t, kMaxFingers>;
constexpr Order kAsGiven = {0, 1, 2, 3};
constexpr int kAll = -1;

/// The fingers side by side in that order, rotated, or one of them with nothing in the others' places: use(first bit, values) until there is a value for each of the code's bits. One
/// rotation gives as many as there are dimensions; more are only in weak records.
template <typename Use>
void rotate(std::span<const Vector> fingers, const Order& order, Vector reliability, const HelperData& helper,
            std::span<std::int32_t> values, const Use& use, int only = kAll) {
  const int dimensions = static_cast<int>(values.size());
  const int log2 = std::countr_zero(values.size());
  for (int first = 0; first < helper.code.n; first += dimensions) {
    std::size_t next = 0;
    for (std::size_t f = 0; f < fingers.size(); ++f) {
      const Vector finger = fingers[order[f]];
      const bool left_out = only != kAll && f != at(only);
      for (std::size_t i = 0; i < finger.size(); ++i) values[next++] = left_out ? 0 : finger[i] * (reliability.empty() ? 127 : reliability[i]);
    }
    std::fill(values.begin() + static_cast<std::ptrdiff_t>(next), values.end(), 0);
    Rotation(helper.seed, log2, first / dimensions).apply(values);
    use(first, values.first(at(std::min(dimensions, helper.code.n - first))));
  }
}

void words_to_bytes(Words words, MutableBytes out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(words[i / 4] >> (8 * (i % 4)));
}

/// HKDF (RFC 5869) with the seed as salt: one extraction for a codeword, then root and check as two of its outputs. A candidate costs
/// the extraction and the check.
Secret<32> extract(Words codeword, const HelperData& helper) {
  Secret<kWordBytes> bytes;
  const MutableBytes ikm = bytes.expose().first(helper.offset_bytes());
  words_to_bytes(codeword, ikm);
  Secret<32> prk;
  ByteArray<32> extracted = crypto::hkdf_sha256_extract(helper.seed, ikm);
  std::copy(extracted.begin(), extracted.end(), prk.expose().begin());
  wipe(extracted.data(), extracted.size());
  return prk;
}

/// Depends on the codeword and on everything in the header: a sequence's root is not a set's.
void derive_root(const Secret<32>& prk, const HelperData& helper, Secret<32>& root) {
  static constexpr std::string_view kLabel = "touchstone/biometric root/4";
  ByteArray<kLabel.size() + HelperData::kHeaderBytes> info{};
  std::copy(kLabel.begin(), kLabel.end(), info.begin());
  const auto header = helper.header();
  std::copy(header.begin(), header.end(), info.begin() + kLabel.size());
  crypto::hkdf_sha256_expand(prk.expose(), info, root.expose());
}

ByteArray<16> make_check(const Secret<32>& prk, const HelperData& helper) {
  static constexpr std::string_view kLabel = "touchstone/biometric check/4";
  ByteArray<kLabel.size() + HelperData::kMaxBytes> info{};
  std::copy(kLabel.begin(), kLabel.end(), info.begin());
  const Bytes record = helper.serialize(MutableBytes(info).subspan(kLabel.size()));
  ByteArray<16> check{};
  crypto::hkdf_sha256_expand(prk.expose(), Bytes(info).first(kLabel.size() + record.size() - check.size()), check);
  return check;
}

/// What a decoding is for: the codeword that opened the record, and its key. Zeros until one has.
struct Found {
  BitWord<1024> codeword;
  Secret<32> key;
  bool opened = false;

  Found() = default;
  ~Found() { wipe(&codeword, sizeof(codeword)); }
  Found(const Found&) = delete;
  Found& operator=(const Found&) = delete;
};

/// Takes the candidate if the record's check says that it is the right one. No branch depends on that.
void try_candidate(Words codeword, const HelperData& helper, Found& found) {
  const Secret<32> prk = extract(codeword, helper);
  ByteArray<16> check = make_check(prk, helper);
  const bool opened = equal_constant_time(check, helper.check);
  wipe(check.data(), check.size());
  const std::uint32_t mask = -static_cast<std::uint32_t>(opened);
  for (std::size_t i = 0; i < prk.size(); ++i) {
    std::uint8_t& out = found.key.expose()[i];
    out = static_cast<std::uint8_t>((out & ~mask) | (prk.expose()[i] & mask));
  }
  for (std::size_t i = 0; i < at(words_for(helper.code.n)); ++i) {
    found.codeword.limbs[i] = (found.codeword.limbs[i] & ~mask) | (codeword[i] & mask);
  }
  found.opened |= opened;
}

/// Whether each finger's share of the rotated probe correlates with the signs that were enrolled: the rotation is linear, so the shares add up
/// to the whole. Time does not depend on the answer.
bool each_agrees(std::span<const Vector> fingers, const Order& order, const HelperData& helper, const RegenerateOptions& options, const Found& found,
                 std::span<std::int32_t> values) {
  bool all = true;
  for (std::size_t f = 0; f < fingers.size(); ++f) {
    std::int64_t product = 0, energy = 0;
    rotate(fingers, order, options.reliability, helper, values, [&](int first, auto rotated) {
      for (std::size_t i = 0; i < rotated.size(); ++i) {
        const std::size_t b = at(first) + i;
        const std::uint32_t sign = (found.codeword.limbs[b / 32] >> (b % 32) ^ std::uint32_t{helper.offset[b / 8]} >> (b % 8)) & 1;
        product += sign != 0 ? -rotated[i] : rotated[i];
        energy += std::int64_t{rotated[i]} * rotated[i];
      }
    }, static_cast<int>(f));
    const std::int64_t percent = options.least_agreement_percent;
    // A share of one among f is 1 / sqrt(f) of what one finger alone would show: product sqrt(f) / sqrt(n energy) >= percent / 100, in numbers
    // that fit, since |product| < 2^25.
    const auto count = static_cast<std::int64_t>(fingers.size());
    all &= product > 0 && product * product / helper.code.n * count >= energy / 10'000 * percent * percent;
  }
  return all;
}

void decode_polar(std::span<const Vector> fingers, const Order& order, const HelperData& helper, const RegenerateOptions& options,
                  const PolarCode& code, MutableBytes area, Found& found) {
  const std::size_t n = at(code.length());
  const auto llr = part<std::int16_t>(area, 0, n);
  const std::size_t dimensions = std::bit_ceil(fingers.size() * helper.dimensions);
  rotate(fingers, order, options.reliability, helper, part<std::int32_t>(area, 2 * n, dimensions), [&](int first, auto values) {
    soft_values(values, Bytes(helper.offset).subspan(at(first / 8)), PolarListDecoder::max_llr(code.log2_length()),
                llr.subspan(at(first), values.size()));
  });
  PolarListDecoder decoder(code, options.list_size, area.subspan(2 * n));
  const int candidates = decoder.decode(llr);
  for (int rank = 0; rank < candidates; ++rank) try_candidate(decoder.codeword(rank), helper, found);
}

[[maybe_unused]] void decode_bch(std::span<const Vector> fingers, const Order& order, const HelperData& helper, const RegenerateOptions& options,
                const BchCode& code, MutableBytes area, Found& found) {
  const auto word = part<std::uint32_t>(area, 0, at(words_for(code.length())));
  const std::size_t dimensions = std::bit_ceil(fingers.size() * helper.dimensions);
  for (std::uint32_t& w : word) w = 0;
  rotate(fingers, order, options.reliability, helper, part<std::int32_t>(area, kWordBytes, dimensions), [&](int first, auto values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::size_t b = at(first) + i;
      const auto sign = static_cast<std::uint32_t>(values[i]) >> 31;
      word[b / 32] |= (sign ^ (std::uint32_t{helper.offset[b / 8]} >> (b % 8) & 1)) << (b % 32);
    }
  });
  if (code.decode(word)) try_candidate(word, helper, found);
}

}  // namespace

void soft_values(std::span<const std::int32_t> rotated, Bytes offset, int limit, std::span<std::int16_t> out) {
  std::uint32_t sum = 0;
  for (const std::int32_t v : rotated) sum += static_cast<std::uint32_t>(v < 0 ? -v : v);
  const auto mean = std::max<std::int32_t>(static_cast<std::int32_t>(sum / rotated.size()), 1);
  const std::int32_t target = std::max(limit / 4, 1);
  for (std::size_t i = 0; i < rotated.size(); ++i) {
    const std::int32_t sign = rotated[i] >> 31;
    const std::int32_t magnitude = std::min<std::int32_t>((((rotated[i] ^ sign) - sign) * target + mean / 2) / mean, limit);
    const std::int32_t turn = sign ^ -static_cast<std::int32_t>(offset[i / 8] >> (i % 8) & 1);
    out[i] = static_cast<std::int16_t>((magnitude ^ turn) - turn);
  }
}

Status enrol(std::span<const Vector> fingers, const EnrolOptions& options, Bytes randomness, MutableBytes work_area, HelperData& out,
             Secret<32>& root) {
  if (fingers.empty() || fingers.size() > kMaxFingers) return Error{ErrorCode::kOutOfRange, "number of fingers"};
  const std::size_t dimensions = fingers[0].size();
  if (dimensions < 64 || dimensions > 1024) return Error{ErrorCode::kOutOfRange, "length of a vector"};
  if (randomness.size() < 32) return Error{ErrorCode::kOutOfRange, "too little randomness"};
  TS_RETURN_IF_ERROR(check_input(fingers, dimensions, work_area, enrol_work_bytes(static_cast<int>(dimensions), static_cast<int>(fingers.size()))));

  HelperData record;
  record.dimensions = static_cast<std::uint16_t>(dimensions);
  record.fingers = static_cast<std::uint8_t>(fingers.size());
  record.any_order = options.any_order;
  const auto code = CodeChoice::make(options.code.family, options.code.n, options.code.k);
  if (!code) return code.error();
  record.code = *code;
  record.weak = options.allow_weak && record.bits_left_q8() < 0;
  TS_RETURN_IF_ERROR(record.validate());
  const WipedArea wiped(work_area);

  const int n = code->n;
  const int k = code->k;
  crypto::hkdf_sha256(randomness, {}, label("touchstone/biometric seed/4"), record.seed);
  BitWord<1024> message;
  const WipeAtExit wipe_message(message);
  {
    Secret<kWordBytes> bytes;
    crypto::hkdf_sha256(randomness, {}, label("touchstone/biometric message/4"), bytes.expose());
    for (int i = 0; i < k; ++i) message.set(i, (bytes.expose()[at(i / 8)] >> (i % 8) & 1) != 0);
  }
  const auto word = part<std::uint32_t>(work_area, 0, at(words_for(n)));
  const Words message_words = Words(message.limbs).first(at(words_for(k)));
  if (code->family == CodeFamily::kPolar) {
    PolarCode(std::countr_zero(code->n), k).encode(message_words, word);
  } else if constexpr (kKnowsBch) {
    BchCode::find(n, k)->encode(message_words, word);
  }
  const Secret<32> prk = extract(word, record);

  const auto values = part<std::int32_t>(work_area, kWordBytes, std::bit_ceil(fingers.size() * dimensions));
  rotate(fingers, kAsGiven, {}, record, values, [&](int first, auto rotated) {
    for (std::size_t i = 0; i < rotated.size(); ++i) {
      const std::size_t b = at(first) + i;
      word[b / 32] ^= static_cast<std::uint32_t>(rotated[i]) >> 31 << (b % 32);
    }
  });
  words_to_bytes(word, MutableBytes(record.offset).first(record.offset_bytes()));
  record.check = make_check(prk, record);
  derive_root(prk, record, root);
  out = record;
  return {};
}

Status regenerate(std::span<const Vector> fingers, const HelperData& helper, const RegenerateOptions& options, MutableBytes work_area,
                  Secret<32>& root) {
  root.wipe_now();
  TS_RETURN_IF_ERROR(helper.validate());
  if (fingers.size() != helper.fingers) return Error{ErrorCode::kOutOfRange, "another number of fingers than was enrolled"};
  if (options.list_size < 1 || options.list_size > PolarListDecoder::kMaxList) return Error{ErrorCode::kOutOfRange, "list size"};
  if (!options.reliability.empty() && options.reliability.size() != helper.dimensions) {
    return Error{ErrorCode::kOutOfRange, "reliabilities of another length"};
  }
  TS_RETURN_IF_ERROR(check_input(fingers, helper.dimensions, work_area,
                                 regenerate_work_bytes(helper.code, helper.dimensions, helper.fingers, options.list_size)));
  const WipedArea wiped(work_area);

  Order order = kAsGiven;
  Found found;
  const auto next_order = [&] { return helper.any_order && std::next_permutation(order.begin(), order.begin() + helper.fingers); };
  if (helper.code.family == CodeFamily::kPolar) {
    const PolarCode code(std::countr_zero(helper.code.n), helper.code.k);
    do decode_polar(fingers, order, helper, options, code, work_area, found);
    while (!found.opened && next_order());
  } else if constexpr (kKnowsBch) {
    const BchCode code = *BchCode::find(helper.code.n, helper.code.k);
    do decode_bch(fingers, order, helper, options, code, work_area, found);
    while (!found.opened && next_order());
  }
  // Of what did not open too, so that the time does not tell a record that opened to a wrong finger from one that stayed closed.
  const bool asked = fingers.size() > 1 && options.least_agreement_percent > 0;
  const bool agrees = !asked || each_agrees(fingers, order, helper, options, found, part<std::int32_t>(work_area, 0, std::bit_ceil(fingers.size() * helper.dimensions)));
  if (!found.opened || !agrees) return Error{ErrorCode::kNoMatch, "the fingers do not open this record"};
  derive_root(found.key, helper, root);
  return {};
}

}  // namespace touchstone::codes
