// The enrolment record in flash: what the card keeps between touches. No image, no feature, no secret. Freestanding.
//
// Two slots of one page each take turns, so a write that is torn by a power cut leaves the former record whole. A slot is,
// little-endian: magic u32, version u16, length of the body u16, sequence u32, body, SHA-256 over all before, zeros up to a
// word, and last - programmed by itself, after everything else - the commit word.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "chain/address.h"
#include "codes/helper_data.h"
#include "drivers/devices.h"
#include "mpc_session/roots.h"

namespace touchstone::firmware {

/// All of it is public by assumption: it goes to the wallet, and comes back from one to a borrowed card.
struct EnrolmentRecord {
  static constexpr std::uint8_t kVersion = 4;
  /// Version, length of the helper data, those and zeros up to the longest, keys, account, epoch, network, scheme.
  static constexpr std::size_t kBodyBytes = 1 + 1 + codes::HelperData::kMaxBytes + 33 + 33 + 33 + 4 + 4 + 1 + 1;
  using Body = ByteArray<kBodyBytes>;

  codes::HelperData helper;
  ByteArray<33> card_public_key{};    ///< compressed; of the share derived from helper, account and epoch
  ByteArray<33> wallet_public_key{};  ///< compressed
  ByteArray<33> wallet_channel_key{}; ///< of the wallet's end of the channel; nobody else's requests are served
  std::uint32_t account = 0;
  std::uint32_t epoch = 0;
  chain::Network network = chain::Network::kRegtest;
  mpc::Scheme scheme = mpc::Scheme::kMusig2;  ///< or kDkls23, kLindell17

  /// Which of the root's shares the card signs with.
  mpc::KeyName key_name() const { return {scheme, chain::coin_type(network), account, epoch}; }

  Body serialize() const;
  /// Format alone: whether the keys are points is asked elsewhere. Errors: kBadFormat, kUnsupported (of another version; a code that
  /// does not exist).
  static Result<EnrolmentRecord> parse(Bytes untrusted_body);
};

class RecordStore {
 public:
  explicit RecordStore(FlashPages& flash) : flash_(flash) {}

  /// The newest whole record; nothing if there is none.
  std::optional<EnrolmentRecord> load();
  /// Writes over the older slot and reads back; a page that is worn is passed by while the other holds no record. Errors:
  /// kStorage.
  Status store(const EnrolmentRecord& record);

 private:
  static constexpr std::size_t kHeaderBytes = 12;
  static constexpr std::size_t kContentBytes = (kHeaderBytes + EnrolmentRecord::kBodyBytes + 32 + 3) / 4 * 4;
  static constexpr std::size_t kSlotBytes = kContentBytes + 4;
  static constexpr std::uint32_t slot_offset(int slot);
  struct Slot {
    EnrolmentRecord record;
    std::uint32_t sequence;
  };
  std::optional<Slot> read_slot(int slot);
  Status write_slot(int slot, const EnrolmentRecord& record, std::uint32_t sequence);

  FlashPages& flash_;
  alignas(4) ByteArray<kSlotBytes> buffer_{};
};

}  // namespace touchstone::firmware
