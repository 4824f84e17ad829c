#include "mpc_frost/key_plan.h"

#include <algorithm>

#include "base/secret.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "mpc_session/transcript.h"

namespace touchstone::mpc::frost {

using crypto::Scalar;

namespace {

Result<Parties> united(const Parties& a, const Parties& b) {
  std::array<PartyId, 2 * kMaxParties> ids{};
  const PartyId* end = std::set_union(a.begin(), a.end(), b.begin(), b.end(), ids.data());
  return Parties::of(std::span(ids).first(static_cast<std::size_t>(end - ids.data())));
}

Result<std::uint32_t> next_epoch(const GroupKey& key) {
  if (key.epoch == 0xffffffff) return Error{ErrorCode::kOutOfRange, "epochs are used up"};
  return key.epoch + 1;
}

// Another for every sharing, also for two of one epoch: under one mask, a party's two offsets would tell how far apart
// its two shares are.
Scalar offset_mask(const Scalar& pad, const GroupKey& key, PartyId own) {
  const ByteArray<32> sharing = Transcript("touchstone/frost/sharing").add(key.digest()).add_u32(own).digest();
  return derive_scalar(pad, "touchstone/frost/offset mask", sharing);
}

ByteArray<32> offset_tag(const Scalar& pad, const ByteArray<32>& value, const GroupKey& key, PartyId own) {
  const Secret<32> mac_key = derive_scalar(pad, "touchstone/frost/offset key").to_secret();
  const ByteArray<32> bound = Transcript("touchstone/frost/offset").add(key.digest()).add_u32(own).add(value).digest();
  return crypto::hmac_sha256(mac_key.expose(), bound);
}

}  // namespace

Result<KeyPlan> KeyPlan::generate(const Parties& parties, std::uint8_t threshold, std::uint32_t epoch,
                                  const ByteArray<32>& run) {
  TS_RETURN_IF_ERROR(check_threshold(threshold, parties.size()));
  KeyPlan out;
  out.purpose = Purpose::kGenerate;
  out.dealers = out.receivers = out.participants = parties;
  out.threshold = threshold;
  out.epoch = epoch;
  out.run = run;
  return out;
}

Result<KeyPlan> KeyPlan::refresh(const GroupKey& old_key, const ByteArray<32>& run) {
  const auto epoch = next_epoch(old_key);
  if (!epoch) return epoch.error();
  auto out = generate(old_key.parties, old_key.threshold, *epoch, run);
  if (!out) return out.error();
  out->purpose = Purpose::kRefresh;
  out->old_key = old_key;
  return out;
}

Result<KeyPlan> KeyPlan::reshare(const GroupKey& old_key, const Parties& dealers, const Parties& receivers,
                                 std::uint8_t threshold, const ByteArray<32>& run) {
  const auto epoch = next_epoch(old_key);
  if (!epoch) return epoch.error();
  TS_RETURN_IF_ERROR(check_threshold(old_key.threshold, old_key.parties.size()));
  if (dealers.size() < old_key.threshold) return Error{ErrorCode::kMismatch, "fewer dealers than the old threshold"};
  for (const PartyId dealer : dealers)
    if (!old_key.parties.contains(dealer)) return Error{ErrorCode::kMismatch, "a dealer has no share of the old key"};
  auto out = generate(receivers, threshold, *epoch, run);
  if (!out) return out.error();
  out->purpose = Purpose::kReshare;
  out->dealers = dealers;
  TS_ASSIGN_OR_RETURN(out->participants, united(dealers, receivers));
  out->old_key = old_key;
  return out;
}

SessionId KeyPlan::session_id() const {
  Transcript transcript("touchstone/frost/key session");
  transcript.add_u32(static_cast<std::uint32_t>(purpose)).add(dealers).add(receivers).add_u32(threshold).add_u32(epoch);
  return transcript.add(old_key.digest()).add(run).digest();
}

Scalar derive_scalar(const Scalar& secret, const crypto::HashTag& purpose, Bytes context) {
  const Secret<32> key = secret.to_secret();
  Secret<64> wide;
  crypto::hkdf_sha256(key.expose(), {}, Transcript(purpose).add(context).digest(), wide.expose());
  return Scalar::from_wide_reduce(wide.expose());
}

StoredOffset make_offset(const Scalar& pad, const Scalar& share, const GroupKey& key, PartyId own) {
  StoredOffset out;
  (share - offset_mask(pad, key, own)).write_bytes(out.value);
  out.tag = offset_tag(pad, out.value, key, own);
  return out;
}

Result<Scalar> open_offset(const Scalar& pad, const StoredOffset& untrusted_offset, const GroupKey& key, PartyId own) {
  constexpr Error kRefused{ErrorCode::kMismatch, "offset does not belong to this pad, party, key and epoch"};
  if (!equal_constant_time(offset_tag(pad, untrusted_offset.value, key, own), untrusted_offset.tag)) return kRefused;
  const auto value = Scalar::from_bytes(untrusted_offset.value);
  if (!value) return kRefused;
  return offset_mask(pad, key, own) + *value;
}

}  // namespace touchstone::mpc::frost
