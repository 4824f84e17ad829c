#include "mpc_dkls/endpoint.h"

#include <new>

#include "base/check.h"
#include "crypto/point.h"
#include "mpc_session/transcript.h"

namespace touchstone::mpc::dkls {
namespace {

SessionId session_id(const char* run, const RunNonces& nonces) {
  return Transcript("touchstone/dkls23/endpoint").add(label(run)).add(nonces.wallet).add(nonces.card).digest();
}

}  // namespace

Result<SigningKey> address_signing_key(crypto::Curve& curve, const crypto::Point& wallet_point, const crypto::Point& card_point,
                                       const crypto::Scalar& tweak, std::uint32_t epoch) {
  SigningKey key;
  key.signers = Parties::of(std::array{static_cast<PartyId>(Role::kWallet), static_cast<PartyId>(Role::kCard)}).value();
  key.epoch = epoch;
  crypto::Point moved;
  TS_ASSIGN_OR_RETURN(moved, curve.multiply_base(tweak));
  TS_ASSIGN_OR_RETURN(key.share_points[0], curve.add(wallet_point, moved));
  key.share_points[1] = card_point;
  TS_ASSIGN_OR_RETURN(key.public_key, curve.add(key.share_points[0], card_point));
  if (key.share_points[0].infinity || key.public_key.infinity) return Error{ErrorCode::kInfinity, "the address has no key"};
  return key;
}

Endpoint::Endpoint(Role role, crypto::Curve& curve, crypto::EcdsaVerifier verify, MutableBytes memory)
    : role_(role), curve_(curve), verify_(verify), place_(memory) {
  TS_CHECK(memory.size() >= sizeof(Memory) && reinterpret_cast<std::uintptr_t>(memory.data()) % alignof(Memory) == 0,
           "memory for a run");
}

Endpoint::Memory& Endpoint::occupy() {
  end();
  return *(memory_ = new (place_.data()) Memory);
}

void Endpoint::vacate() {
  if (memory_ == nullptr) return;
  memory_->~Memory();
  memory_ = nullptr;
  wipe(place_.data(), sizeof(Memory));
}

void Endpoint::end() {
  sign_.reset();  // it wipes what it has in the memory
  vacate();
  made_ = Made::kNothing;
}

void Endpoint::forget() {
  end();
  setup_.reset();
}

void Endpoint::settle() {
  if (memory_ == nullptr) return;
  if (memory_->setup && memory_->setup->done()) made_ = Made::kSetup;
  if (memory_->key && memory_->key->done()) {
    key_ = memory_->key->key();
    made_ = Made::kKey;
  }
  if (made_ != Made::kNothing || prepared()) vacate();
}

Session* Endpoint::session() {
  if (sign_) return &*sign_;
  if (memory_ == nullptr) return nullptr;
  if (memory_->setup) return &*memory_->setup;
  if (memory_->key) return &*memory_->key;
  return nullptr;
}

Status Endpoint::begin_setup(const RunNonces& nonces, Bytes random32, Bytes hedge, Transport& transport) {
  Memory& memory = occupy();
  setup_.emplace();
  memory.setup.emplace(curve_, session_id("set-up", nonces), own(), peer(), random32, hedge, *setup_);
  return memory.setup->start(transport);
}

Status Endpoint::begin_key(const RunNonces& nonces, const crypto::Scalar& share, const std::optional<crypto::Point>& peer_point, std::uint32_t epoch,
                           Bytes random32, Transport& transport) {
  Memory& memory = occupy();
  memory.key.emplace(curve_, KeySession::Config{session_id("key", nonces), own(), peer(), epoch, std::nullopt, peer_point}, share, random32);
  return memory.key->start(transport);
}

Status Endpoint::begin_sign(const RunNonces& nonces, const SigningKey& key, Bytes random32, Transport& transport) {
  if (!has_setup()) return Error{ErrorCode::kState, "no set-up"};
  Memory& memory = occupy();
  key_ = key;
  setups_[0] = &*setup_;
  const bool card = role_ == Role::kCard;
  sign_.emplace(curve_, verify_, SignSession::Config{session_id("sign", nonces), own(), &key_, setups_, {}, card, card}, random32,
                SignMemory{peers_, memory.multiply, memory.scratch});
  return sign_->start(transport);
}

Result<Delivery> Endpoint::take(Bytes untrusted_message, Transport& transport) {
  Session* const running = session();
  if (running == nullptr) return Error{ErrorCode::kState, "no run goes on"};
  const auto taken = running->receive(peer(), untrusted_message, transport);
  settle();
  return taken;
}

Result<bool> Endpoint::work(Transport& transport) {
  if (!sign_) return false;
  const auto worked = sign_->work(transport);
  settle();
  return worked;
}

Status Endpoint::open(const crypto::Scalar& share, const ByteArray<32>& message_hash, Transport& transport) {
  if (!sign_) return Error{ErrorCode::kState, "no signature goes on"};
  return sign_->set_share(share, message_hash, transport);
}

}  // namespace touchstone::mpc::dkls
