#include "core.h"

#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

#include "curve_host/host_curve.h"

namespace touchstone::rtl_tools {

namespace secp = contract::secp;

Core::Core(const rtl::Variant& variant) : Core(rtl::make_variant(variant)) {}
Core::Core(std::unique_ptr<rtl::WatchedModel> model) : model_(std::move(model)) {}

void Core::write(std::uint32_t offset_bytes, const Number& value) {
  for (std::uint32_t i = 0; i < 8; ++i) model_->write32(offset_bytes + 4 * i, load_be32(value.data() + 28 - 4 * i));
}

Number Core::read(std::uint32_t offset_bytes) {
  Number out;
  for (std::uint32_t i = 0; i < 8; ++i) store_be32(out.data() + 28 - 4 * i, model_->read32(offset_bytes + 4 * i));
  return out;
}

void Core::load(const Affine& p) {
  write(secp::kPx, p.x);
  write(secp::kPy, p.y);
}

void Core::select_slots(std::uint32_t a, std::uint32_t b, std::uint32_t d, bool keep) {
  model_->write32(secp::kSlots, a << secp::kSlotsAShift | b << secp::kSlotsBShift | d << secp::kSlotsDShift | (keep ? secp::kSlotsKeepMask : 0));
}

void Core::start(secp::Op op) {
  model_->write32(secp::kOp, static_cast<std::uint32_t>(op) << secp::kOpShift);
  model_->write32(secp::kStart, 1);
}

std::uint64_t Core::run(secp::Op op) {
  start(op);
  const auto cycles = model_->run_until_done(1'000'000);
  if (!cycles) throw std::runtime_error("the accelerator does not end");
  return *cycles;
}

const rtl::listing::RomInfo& rom_of(const rtl::Variant& variant) {
  if (const auto* rom = rtl::listing::find_rom(variant.digit_bits, variant.style)) return *rom;
  throw std::runtime_error("the microcode's listing does not know this variant");
}

namespace {

template <typename Which>
const rtl::listing::BlockInfo& find_block(const rtl::Variant& variant, Which which) {
  const rtl::listing::RomInfo& rom = rom_of(variant);
  for (const auto* b = rom.begin; b != rom.end; ++b)
    if (which(*b)) return *b;
  throw std::runtime_error("the microcode's listing does not know this block");
}

}  // namespace

const rtl::listing::BlockInfo& block_of(const rtl::Variant& variant, int address) {
  return find_block(variant, [&](const auto& b) { return address >= b.first && address < b.first + b.words; });
}

const rtl::listing::BlockInfo& block_named(const rtl::Variant& variant, const char* label) {
  return find_block(variant, [&](const auto& b) { return std::strcmp(b.label, label) == 0; });
}

Number number(const char* hex64) {
  Number out;
  for (std::size_t i = 0; i < 32; ++i) out[i] = static_cast<std::uint8_t>(std::strtoul(std::string(hex64 + 2 * i, 2).c_str(), nullptr, 16));
  return out;
}

Number random_scalar(Random& random) {
  for (;;) {
    Number k;
    random.fill(k);
    if (const auto scalar = crypto::Scalar::from_bytes(k); scalar.ok() && !scalar->is_zero()) return k;
  }
}

Affine point(const Number& k) {
  crypto::HostCurve curve;
  const crypto::Point p = curve.multiply_base(crypto::Scalar::from_bytes(k).value()).value();
  return {p.x, p.y};
}

}  // namespace touchstone::rtl_tools
