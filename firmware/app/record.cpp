#include "app/record.h"

#include <algorithm>

#include "crypto/sha256.h"

namespace touchstone::firmware {
namespace {

constexpr std::uint32_t kMagic = 0x31525354;   // "TSR1"
constexpr std::uint32_t kCommit = 0x444F4E45;  // far from all ones and from all zeros

constexpr Error kWorn{ErrorCode::kStorage, "the flash does not keep the record"};

}  // namespace

EnrolmentRecord::Body EnrolmentRecord::serialize() const {
  Body out;
  ByteWriter w(out);
  ByteArray<codes::HelperData::kMaxBytes> helper_bytes{};
  w.u8(kVersion);
  w.u8(static_cast<std::uint8_t>(helper.serialize(helper_bytes).size()));
  w.put(helper_bytes);
  w.put(card_public_key);
  w.put(wallet_public_key);
  w.put(wallet_channel_key);
  w.le32(account);
  w.le32(epoch);
  w.u8(static_cast<std::uint8_t>(network));
  w.u8(static_cast<std::uint8_t>(scheme));
  return out;
}

Result<EnrolmentRecord> EnrolmentRecord::parse(Bytes untrusted_body) {
  ByteReader r(untrusted_body);
  EnrolmentRecord out;
  if (!untrusted_body.empty() && untrusted_body[0] != kVersion) return Error{ErrorCode::kUnsupported, "enrolment record of another version"};
  r.u8();
  const std::size_t helper_bytes = r.u8();
  const Bytes helper = r.take(codes::HelperData::kMaxBytes);
  r.copy(out.card_public_key);
  r.copy(out.wallet_public_key);
  r.copy(out.wallet_channel_key);
  out.account = r.le32();
  out.epoch = r.le32();
  const std::uint8_t network = r.u8(), scheme = r.u8();
  const bool zeros_follow = helper_bytes <= helper.size() && std::all_of(helper.begin() + static_cast<std::ptrdiff_t>(helper_bytes), helper.end(), [](std::uint8_t b) { return b == 0; });
  if (!r.complete() || !zeros_follow || network > static_cast<std::uint8_t>(chain::Network::kRegtest))
    return Error{ErrorCode::kBadFormat, "enrolment record"};
  TS_ASSIGN_OR_RETURN(out.scheme, mpc::account_scheme(scheme));
  out.network = static_cast<chain::Network>(network);
  const auto parsed = codes::HelperData::parse(helper.first(helper_bytes));
  if (!parsed) return parsed.error();
  out.helper = *parsed;
  return out;
}

constexpr std::uint32_t RecordStore::slot_offset(int slot) {
  static_assert(kSlotBytes <= contract::kPageBytes && 2 * contract::kPageBytes <= contract::kFlashRecordSizeBytes);
  return contract::kFlashRecordOffset + static_cast<std::uint32_t>(slot) * contract::kPageBytes;
}

std::optional<RecordStore::Slot> RecordStore::read_slot(int slot) {
  flash_.read(slot_offset(slot), buffer_);
  if (load_le32(&buffer_[kContentBytes]) != kCommit) return std::nullopt;
  ByteReader r(Bytes(buffer_).first(kContentBytes));
  if (r.le32() != kMagic || r.le16() != EnrolmentRecord::kVersion || r.le16() != EnrolmentRecord::kBodyBytes) return std::nullopt;
  const std::uint32_t sequence = r.le32();
  const Bytes body = r.take(EnrolmentRecord::kBodyBytes);
  const std::size_t hashed = r.position();
  if (!equal_constant_time(crypto::sha256(Bytes(buffer_).first(hashed)), r.take(32))) return std::nullopt;
  const auto record = EnrolmentRecord::parse(body);
  if (!record) return std::nullopt;
  return Slot{*record, sequence};
}

std::optional<EnrolmentRecord> RecordStore::load() {
  const auto a = read_slot(0), b = read_slot(1);
  if (!a && !b) return std::nullopt;
  if (a && b) return a->sequence > b->sequence ? a->record : b->record;
  return a ? a->record : b->record;
}

Status RecordStore::store(const EnrolmentRecord& record) {
  const auto a = read_slot(0), b = read_slot(1);
  const int slot = a && (!b || b->sequence < a->sequence) ? 1 : 0;
  const std::uint32_t sequence = std::max(a ? a->sequence : 0, b ? b->sequence : 0) + 1;
  const Status stored = write_slot(slot, record, sequence);
  const bool nothing_in_the_other = slot == 0 ? !b : !a;
  return stored || !nothing_in_the_other ? stored : write_slot(1 - slot, record, sequence);
}

Status RecordStore::write_slot(int slot, const EnrolmentRecord& record, std::uint32_t sequence) {
  ByteWriter w(buffer_);
  w.le32(kMagic);
  w.le16(EnrolmentRecord::kVersion);
  w.le16(EnrolmentRecord::kBodyBytes);
  w.le32(sequence);
  w.put(record.serialize());
  w.put(crypto::sha256(w.written()));
  while (w.size() < kContentBytes) w.u8(0);
  w.le32(kCommit);

  const std::uint32_t offset = slot_offset(slot);
  if (!flash_.erase_page(offset) || !flash_.program(offset, Bytes(buffer_).first(kContentBytes)) ||
      !flash_.program(offset + kContentBytes, Bytes(buffer_).subspan(kContentBytes)))
    return kWorn;
  const auto written = read_slot(slot);
  if (!written || written->sequence != sequence) return kWorn;
  return {};
}

}  // namespace touchstone::firmware
