// What the card keeps of a Lindell17 account in flash: its Paillier key, sealed under what the owner's finger gives, and the
// key's fuse (mpc_session/fuse.h). Freestanding.
//
// Two slots of a page each, and a page of fuse to each slot. A slot is, little-endian: magic u32, version u16, length of the
// body u16, sequence u32, body, SHA-256 over all before, zeros up to a word, and last the commit word. A new key goes into the
// free slot: slot erased, its fuse erased, slot written, the other slot erased. A loss of power leaves the old key with its
// fuse or the new one with its own, and at no moment a key with a fuse younger than itself.
//
// A fuse is a row of words. A blow takes the next free one and mending clears it, which flash can do without an erase; any
// other value - of a write that power was cut from - is blown. A row that is full is erased when the key is whole, before the
// next blow.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "drivers/devices.h"
#include "mpc_lindell/keys.h"

namespace touchstone::firmware {

struct StoredPaillierKey {
  ByteArray<33> key{};      ///< X, compressed
  std::uint32_t epoch = 0;
  std::uint32_t burns = 0;  ///< of the keys before it; the count that decides is sealed with the key
  mpc::lindell::SealedKey sealed{};
};

class PaillierStore {
 public:
  /// Finds the key. `flash` must outlive it.
  explicit PaillierStore(FlashPages& flash);

  bool has_key() const { return slot_.has_value(); }
  /// Errors: kState (none), kStorage (the flash does not keep it).
  Result<StoredPaillierKey> load();
  /// Takes the place of the one there is, with a fuse that is whole. Errors: kStorage; then the one there is stays.
  Status store(const StoredPaillierKey& key);
  /// Of the key there is; blown without one.
  mpc::Fuse& fuse() { return fuse_; }
  /// Of the account, this key's own burn among them.
  std::uint32_t burns();

 private:
  static constexpr int kSlots = 2;
  static constexpr std::size_t kHeaderBytes = 12;
  static constexpr std::size_t kBodyBytes = 33 + 4 + 4 + mpc::lindell::kSealedKeyBytes;
  static constexpr std::size_t kContentBytes = (kHeaderBytes + kBodyBytes + 32 + 3) / 4 * 4;
  static constexpr std::size_t kSlotBytes = kContentBytes + 4;

  class FlashFuse final : public mpc::Fuse {
   public:
    explicit FlashFuse(PaillierStore& store) : store_(store) {}
    bool blown() const override;
    Status blow() override;
    Status mend() override;

   private:
    PaillierStore& store_;
    std::optional<std::uint32_t> blown_here_;  // offset of the word that mend() may clear: of this blow, of no other
  };
  struct Fuses {
    bool blown;
    std::optional<std::uint32_t> free;  ///< offset of the next word
  };
  static std::uint32_t slot_offset(int slot);
  static std::uint32_t fuse_offset(int slot);
  /// The slot is then in buffer_. Nothing if it is not whole.
  std::optional<std::uint32_t> read_sequence(int slot);
  StoredPaillierKey key_in_buffer() const;
  Fuses read_fuse(int slot) const;
  std::uint32_t read_word(std::uint32_t offset) const;
  Status write_word(std::uint32_t offset, std::uint32_t word);
  Status write_slot(int slot, const StoredPaillierKey& key, std::uint32_t sequence);

  FlashPages& flash_;
  std::optional<int> slot_;
  std::uint32_t sequence_ = 0;
  FlashFuse fuse_{*this};
  alignas(4) ByteArray<kSlotBytes> buffer_{};
};

}  // namespace touchstone::firmware
