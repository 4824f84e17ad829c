#include "app/paillier_store.h"

#include "crypto/sha256.h"

namespace touchstone::firmware {
namespace {

constexpr std::uint32_t kMagic = 0x31505354;   // "TSP1"
constexpr std::uint32_t kCommit = 0x444F4E45;  // far from all ones and from all zeros
constexpr std::uint16_t kVersion = 1;
constexpr std::uint32_t kFree = 0xFFFFFFFF, kBlown = 0x5A0FF05A, kMended = 0;

constexpr Error kWorn{ErrorCode::kStorage, "the flash does not keep the Paillier key"};
constexpr Error kWornFuse{ErrorCode::kStorage, "the flash does not keep the fuse"};

}  // namespace

PaillierStore::PaillierStore(FlashPages& flash) : flash_(flash) {
  const auto a = read_sequence(0), b = read_sequence(1);
  if (!a && !b) return;
  slot_ = a && (!b || *a > *b) ? 0 : 1;
  sequence_ = *slot_ == 0 ? *a : *b;
  if (a && b) static_cast<void>(flash_.erase_page(slot_offset(1 - *slot_)));  // power was cut before that
}

std::uint32_t PaillierStore::slot_offset(int slot) {
  static_assert(kSlotBytes <= contract::kPageBytes && 2 * kSlots * contract::kPageBytes <= contract::kFlashPaillierSizeBytes);
  return contract::kFlashPaillierOffset + static_cast<std::uint32_t>(slot) * contract::kPageBytes;
}

std::uint32_t PaillierStore::fuse_offset(int slot) { return slot_offset(kSlots + slot); }

std::optional<std::uint32_t> PaillierStore::read_sequence(int slot) {
  flash_.read(slot_offset(slot), buffer_);
  if (load_le32(&buffer_[kContentBytes]) != kCommit) return std::nullopt;
  ByteReader r(Bytes(buffer_).first(kContentBytes));
  if (r.le32() != kMagic || r.le16() != kVersion || r.le16() != kBodyBytes) return std::nullopt;
  const std::uint32_t sequence = r.le32();
  static_cast<void>(r.take(kBodyBytes));
  const std::size_t hashed = r.position();
  if (!equal_constant_time(crypto::sha256(Bytes(buffer_).first(hashed)), r.take(32))) return std::nullopt;
  return sequence;
}

StoredPaillierKey PaillierStore::key_in_buffer() const {
  ByteReader r(Bytes(buffer_).subspan(kHeaderBytes, kBodyBytes));
  StoredPaillierKey out;
  r.copy(out.key);
  out.epoch = r.le32();
  out.burns = r.le32();
  r.copy(out.sealed);
  return out;
}

Result<StoredPaillierKey> PaillierStore::load() {
  if (!slot_) return Error{ErrorCode::kState, "there is no Paillier key"};
  if (read_sequence(*slot_) != sequence_) return kWorn;
  return key_in_buffer();
}

Status PaillierStore::store(const StoredPaillierKey& key) {
  const int slot = slot_ ? 1 - *slot_ : 0;
  const std::uint32_t sequence = sequence_ + 1;
  if (const Status written = write_slot(slot, key, sequence); !written) {
    // Not to be taken for the newest after the next start.
    static_cast<void>(flash_.erase_page(slot_offset(slot)));
    return written;
  }
  const std::optional<int> old = slot_;
  slot_ = slot;
  sequence_ = sequence;
  if (old) static_cast<void>(flash_.erase_page(slot_offset(*old)));  // the next start tries again
  return {};
}

Status PaillierStore::write_slot(int slot, const StoredPaillierKey& key, std::uint32_t sequence) {
  // The slot first: what was in it must not be found with a fuse that is new.
  if (!flash_.erase_page(slot_offset(slot)) || read_sequence(slot)) return kWorn;
  if (!flash_.erase_page(fuse_offset(slot))) return kWornFuse;
  for (std::uint32_t at = 0; at < contract::kPageBytes; at += 4)
    if (read_word(fuse_offset(slot) + at) != kFree) return kWornFuse;

  ByteWriter w(buffer_);
  w.le32(kMagic);
  w.le16(kVersion);
  w.le16(kBodyBytes);
  w.le32(sequence);
  w.put(key.key);
  w.le32(key.epoch);
  w.le32(key.burns);
  w.put(key.sealed);
  w.put(crypto::sha256(w.written()));
  while (w.size() < kContentBytes) w.u8(0);
  w.le32(kCommit);
  const std::uint32_t offset = slot_offset(slot);
  if (!flash_.program(offset, Bytes(buffer_).first(kContentBytes)) ||
      !flash_.program(offset + kContentBytes, Bytes(buffer_).subspan(kContentBytes)))
    return kWorn;
  return read_sequence(slot) == sequence ? Status() : Status(kWorn);
}

std::uint32_t PaillierStore::burns() {
  const auto key = load();
  return key ? key->burns + (fuse_.blown() ? 1 : 0) : mpc::lindell::kMaxBurns;  // what cannot be read does not count for nothing
}

std::uint32_t PaillierStore::read_word(std::uint32_t offset) const {
  ByteArray<4> bytes;
  flash_.read(offset, bytes);
  return load_le32(bytes.data());
}

Status PaillierStore::write_word(std::uint32_t offset, std::uint32_t word) {
  alignas(4) ByteArray<4> bytes;
  store_le32(bytes.data(), word);
  if (!flash_.program(offset, bytes) || read_word(offset) != word) return kWornFuse;
  return {};
}

PaillierStore::Fuses PaillierStore::read_fuse(int slot) const {
  Fuses out{false, std::nullopt};
  for (std::uint32_t at = 0; at < contract::kPageBytes; at += 4) {
    const std::uint32_t word = read_word(fuse_offset(slot) + at);
    if (word == kFree) {
      if (!out.free) out.free = fuse_offset(slot) + at;
    } else if (word != kMended) {
      out.blown = true;
    }
  }
  return out;
}

bool PaillierStore::FlashFuse::blown() const { return !store_.slot_ || store_.read_fuse(*store_.slot_).blown; }

Status PaillierStore::FlashFuse::blow() {
  blown_here_.reset();
  if (!store_.slot_) return Error{ErrorCode::kState, "there is no Paillier key"};
  const int slot = *store_.slot_;
  Fuses fuses = store_.read_fuse(slot);
  if (fuses.blown) return Error{ErrorCode::kState, "the fuse is blown"};
  if (!fuses.free) {
    if (!store_.flash_.erase_page(fuse_offset(slot))) return kWornFuse;
    fuses = store_.read_fuse(slot);
    if (fuses.blown || !fuses.free) return kWornFuse;
  }
  TS_RETURN_IF_ERROR(store_.write_word(*fuses.free, kBlown));
  blown_here_ = *fuses.free;
  return {};
}

Status PaillierStore::FlashFuse::mend() {
  if (!blown_here_) return Error{ErrorCode::kState, "nothing was blown that may be mended"};
  const std::uint32_t word = *blown_here_;
  blown_here_.reset();
  return store_.write_word(word, kMended);
}

}  // namespace touchstone::firmware
