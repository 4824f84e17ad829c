// Shared by the accelerator's tests: numbers, operations over the registers, and libsecp256k1 as the oracle.
#pragma once

#include <gtest/gtest.h>
#include <secp256k1.h>

#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/seed.h"
#include "contract/registers.h"
#include "rtl/secp_model.h"

namespace touchstone::rtl::test {

namespace reg = contract::secp;
using Number = ByteArray<32>;  // big-endian

struct Affine {
  Number x{}, y{};
  bool operator==(const Affine&) const = default;
};

inline Number number(const std::string& hex) {
  Number out{};
  const std::string padded = std::string(64 - hex.size(), '0') + hex;
  for (std::size_t i = 0; i < 32; ++i) out[i] = static_cast<std::uint8_t>(std::stoul(padded.substr(2 * i, 2), nullptr, 16));
  return out;
}
inline const Number kOrder = number("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
inline const Number kPrime = number("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f");
inline const Number kLambda = number("5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72");

inline Number plus(Number a, int small) {
  int carry = small;
  for (std::size_t i = 32; i-- > 0;) {
    carry += a[i];
    a[i] = static_cast<std::uint8_t>(carry & 0xFF);
    carry >>= 8;
  }
  return a;
}
inline Number random_number(Random& random) {
  Number out;
  random.fill(out);
  return out;
}

/// The oracle. All answers are nullopt at infinity.
class Oracle {
 public:
  Oracle() : context_(secp256k1_context_create(SECP256K1_CONTEXT_NONE)) {}
  ~Oracle() { secp256k1_context_destroy(context_); }
  Oracle(const Oracle&) = delete;
  Oracle& operator=(const Oracle&) = delete;

  std::optional<Affine> multiply_base(const Number& k) const {
    secp256k1_pubkey key;
    if (secp256k1_ec_pubkey_create(context_, &key, k.data()) != 1) return std::nullopt;
    return affine(key);
  }
  std::optional<Affine> multiply(const Number& k, const Affine& p) const {
    secp256k1_pubkey key = parse(p);
    if (secp256k1_ec_pubkey_tweak_mul(context_, &key, k.data()) != 1) return std::nullopt;
    return affine(key);
  }
  std::optional<Affine> add(const Affine& p, const Affine& q) const {
    const secp256k1_pubkey a = parse(p), b = parse(q);
    const secp256k1_pubkey* both[] = {&a, &b};
    secp256k1_pubkey sum;
    if (secp256k1_ec_pubkey_combine(context_, &sum, both, 2) != 1) return std::nullopt;
    return affine(sum);
  }
  std::optional<Affine> lift_x(const Number& x) const {
    ByteArray<33> bytes{2};
    std::copy(x.begin(), x.end(), bytes.begin() + 1);
    secp256k1_pubkey key;
    if (secp256k1_ec_pubkey_parse(context_, &key, bytes.data(), bytes.size()) != 1) return std::nullopt;
    return affine(key);
  }
  /// Modulo the order; nullopt for 0 and for operands that are 0 or too large.
  std::optional<Number> add_scalars(Number a, const Number& b) const {
    return secp256k1_ec_seckey_tweak_add(context_, a.data(), b.data()) == 1 ? std::optional(a) : std::nullopt;
  }
  std::optional<Number> multiply_scalars(Number a, const Number& b) const {
    return secp256k1_ec_seckey_tweak_mul(context_, a.data(), b.data()) == 1 ? std::optional(a) : std::nullopt;
  }
  Affine negate(const Affine& p) const {
    secp256k1_pubkey key = parse(p);
    EXPECT_EQ(secp256k1_ec_pubkey_negate(context_, &key), 1);
    return affine(key);
  }

 private:
  secp256k1_pubkey parse(const Affine& p) const {
    ByteArray<65> bytes{4};
    std::copy(p.x.begin(), p.x.end(), bytes.begin() + 1);
    std::copy(p.y.begin(), p.y.end(), bytes.begin() + 33);
    secp256k1_pubkey key;
    EXPECT_EQ(secp256k1_ec_pubkey_parse(context_, &key, bytes.data(), bytes.size()), 1);
    return key;
  }
  Affine affine(const secp256k1_pubkey& key) const {
    ByteArray<65> bytes;
    std::size_t size = bytes.size();
    secp256k1_ec_pubkey_serialize(context_, bytes.data(), &size, &key, SECP256K1_EC_UNCOMPRESSED);
    Affine out;
    std::copy_n(bytes.begin() + 1, 32, out.x.begin());
    std::copy_n(bytes.begin() + 33, 32, out.y.begin());
    return out;
  }
  secp256k1_context* context_;
};

struct Outcome {
  std::uint32_t status;
  std::uint64_t cycles;
  Affine result;
};

inline void write_number(SecpModel& core, std::uint32_t offset, const Number& value) {
  for (std::uint32_t i = 0; i < 8; ++i) core.write32(offset + 4 * i, load_be32(value.data() + 28 - 4 * i));
}
inline Number read_number(SecpModel& core, std::uint32_t offset) {
  Number out;
  for (std::uint32_t i = 0; i < 8; ++i) store_be32(out.data() + 28 - 4 * i, core.read32(offset + 4 * i));
  return out;
}

inline Outcome run(SecpModel& core, reg::Op op) {
  core.write32(reg::kOp, static_cast<std::uint32_t>(op));
  core.write32(reg::kStart, 1);
  const std::optional<std::uint64_t> cycles = core.run_until_done(100'000);
  EXPECT_TRUE(cycles.has_value());
  EXPECT_EQ(core.read32(reg::kCycles), cycles.value_or(0));
  return {core.read32(reg::kStatus), cycles.value_or(0), {read_number(core, reg::kRx), read_number(core, reg::kRy)}};
}
/// Slot 0..3.
inline void write_slot(SecpModel& core, std::uint32_t slot, const Number& value) { write_number(core, reg::kK + 32 * slot, value); }
/// Which slots an operation reads and writes.
inline void use_slots(SecpModel& core, std::uint32_t a, std::uint32_t b, std::uint32_t d, bool keep = false) {
  core.write32(reg::kSlots, a << reg::kSlotsAShift | b << reg::kSlotsBShift | d << reg::kSlotsDShift | (keep ? reg::kSlotsKeepMask : 0));
}
inline Outcome multiply(SecpModel& core, const Number& k, const Affine& p) {
  write_number(core, reg::kK, k);
  write_number(core, reg::kPx, p.x);
  write_number(core, reg::kPy, p.y);
  return run(core, reg::Op::kMul);
}
inline Outcome multiply_base(SecpModel& core, const Number& k) {
  write_number(core, reg::kK, k);
  return run(core, reg::Op::kMulBase);
}
inline Outcome add(SecpModel& core, const Affine& p, const Affine& q) {
  write_number(core, reg::kPx, p.x);
  write_number(core, reg::kPy, p.y);
  write_number(core, reg::kQx, q.x);
  write_number(core, reg::kQy, q.y);
  return run(core, reg::Op::kAdd);
}
inline Outcome lift_x(SecpModel& core, const Number& x) {
  write_number(core, reg::kPx, x);
  return run(core, reg::Op::kLiftX);
}

}  // namespace touchstone::rtl::test
