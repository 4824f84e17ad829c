// One accelerator as the tools drive it: operands in, an operation from its start to its end.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/bytes.h"
#include "base/seed.h"
#include "contract/registers.h"
#include "rtl/secp_variants.h"
#include "secp_listing.h"

namespace touchstone::rtl_tools {

using Number = ByteArray<32>;  // big-endian

struct Affine {
  Number x{}, y{};
  bool operator==(const Affine&) const = default;
};

/// Throws std::runtime_error where the core does not end.
class Core {
 public:
  explicit Core(const rtl::Variant& variant);
  explicit Core(std::unique_ptr<rtl::WatchedModel> model);

  rtl::WatchedModel& model() { return *model_; }
  void write(std::uint32_t offset_bytes, const Number& value);
  Number read(std::uint32_t offset_bytes);
  void load(const Affine& p);  ///< as P
  void load_slot(std::uint32_t slot, const Number& scalar) { write(contract::secp::kK + 32 * slot, scalar); }
  /// Which slots an operation reads (A, B) and writes (D); `keep`: those it reads are not wiped.
  void select_slots(std::uint32_t a, std::uint32_t b, std::uint32_t d, bool keep = false);
  void start(contract::secp::Op op);
  /// Cycles of the whole operation.
  std::uint64_t run(contract::secp::Op op);
  std::uint32_t status() { return model_->read32(contract::secp::kStatus); }

 private:
  std::unique_ptr<rtl::WatchedModel> model_;
};

/// The microcode of a variant; of it the block that holds this ROM address, or has this name.
const rtl::listing::RomInfo& rom_of(const rtl::Variant& variant);
const rtl::listing::BlockInfo& block_of(const rtl::Variant& variant, int address);
const rtl::listing::BlockInfo& block_named(const rtl::Variant& variant, const char* label);

Number number(const char* hex64);
Number random_scalar(Random& random);  ///< in [1, n), by rejection
/// k times the generator, by libsecp256k1; k in [1, n).
Affine point(const Number& k);

}  // namespace touchstone::rtl_tools
