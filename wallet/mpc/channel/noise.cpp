#include "mpc_channel/noise.h"

#include <algorithm>

#include "crypto/chacha20poly1305.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "crypto/sha256.h"

namespace touchstone::mpc::noise {

namespace {

constexpr std::uint8_t kVersion = 0;  // in front of every handshake message, as BOLT 8 has it
constexpr std::uint64_t kMostMessages = std::uint64_t{1} << 32;
constexpr Error kOver{ErrorCode::kState, "the handshake is over, or it is the other's turn"};
constexpr Error kFirstPayload{ErrorCode::kBadFormat, "the first handshake message carries no payload: anybody could replay it"};

// Noise, 7.4 and 7.5, one line a message. Capital letters are static keys: "eS" is own ephemeral with the other's static, as the
// initiator sees it.
struct PatternText {
  const char* name;
  bool initiator_known, responder_known;  // static keys, before
  const char* messages[3];
};
const PatternText& text_of(Pattern pattern) {
  static constexpr PatternText kXX{"Noise_XX_secp256k1_ChaChaPoly_SHA256", false, false, {"e", "e,ee,s,eS", "s,Se"}};
  static constexpr PatternText kKK{"Noise_KK_secp256k1_ChaChaPoly_SHA256", true, true, {"e,eS,SS", "e,ee,Se", ""}};
  static constexpr PatternText kXK{"Noise_XK_secp256k1_ChaChaPoly_SHA256", false, true, {"e,eS", "e,ee", "s,Se"}};
  switch (pattern) {
    case Pattern::kXX: return kXX;
    case Pattern::kKK: return kKK;
    case Pattern::kXK: break;
  }
  return kXK;
}

Bytes bytes_of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

/// The next token of "a,b,c"; empty at the end.
std::string_view next_token(std::string_view& text) {
  const std::size_t comma = std::min(text.find(','), text.size());
  const std::string_view token = text.substr(0, comma);
  text.remove_prefix(std::min(comma + 1, text.size()));
  return token;
}

}  // namespace

CipherState& CipherState::operator=(CipherState&& other) noexcept {
  if (this == &other) return *this;
  key_ = static_cast<Secret<32>&&>(other.key_);
  counter_ = other.counter_;
  has_key_ = other.has_key_;
  other.wipe_now();
  return *this;
}

void CipherState::set_key(Bytes key32) {
  std::copy(key32.begin(), key32.end(), key_.expose().begin());
  counter_ = 0;
  has_key_ = true;
}

void CipherState::wipe_now() {
  key_.wipe_now();
  has_key_ = false;
}

namespace {
// Noise, 12.3: 32 bits of zeros, the counter little-endian.
ByteArray<12> nonce_of(std::uint64_t counter) {
  ByteArray<12> out{};
  store_le64(&out[4], counter);
  return out;
}
}  // namespace

Status CipherState::seal(Bytes associated, Bytes text, MutableBytes out) {
  if (!has_key_ || counter_ >= kMostMessages) return Error{ErrorCode::kState, "no key, or too many messages under it"};
  if (out.size() != text.size() + kTagBytes) return Error{ErrorCode::kTooLarge, "sealed text: size"};
  crypto::chacha20poly1305_seal(key_.expose(), nonce_of(counter_++), associated, text, out);
  return {};
}

Status CipherState::open(Bytes associated, Bytes untrusted_sealed, MutableBytes out) {
  if (!has_key_ || counter_ >= kMostMessages) return Error{ErrorCode::kState, "no key, or too many messages under it"};
  if (untrusted_sealed.size() < kTagBytes) return Error{ErrorCode::kBadFormat, "sealed text is shorter than its tag"};
  if (out.size() + kTagBytes != untrusted_sealed.size()) return Error{ErrorCode::kTooLarge, "opened text: size"};
  if (!crypto::chacha20poly1305_open(key_.expose(), nonce_of(counter_), associated, untrusted_sealed, out)) {
    wipe_now();
    return Error{ErrorCode::kBadSignature, "not sealed by who shares the key, or not the next message"};
  }
  ++counter_;
  return {};
}

Result<Handshake> Handshake::start(crypto::Curve& curve, Pattern pattern, bool initiator, const Identity& identity,
                                   std::optional<crypto::CompressedPoint> peer, Bytes prologue, Bytes random32) {
  // Hedged: who can guess the generator's output but not the identity's secret does not know the ephemeral key; and another prologue
  // makes another one.
  const Secret<32> secret = identity.secret.to_secret();
  const ByteArray<32> info = crypto::tagged_hash("touchstone/noise/ephemeral", prologue);
  Secret<64> wide;
  crypto::hkdf_sha512(random32, secret.expose(), info, wide.expose());
  return start_with(curve, pattern, initiator, identity, peer, prologue, crypto::Scalar::from_wide_reduce(wide.expose()));
}

Result<Handshake> Handshake::start_with(crypto::Curve& curve, Pattern pattern, bool initiator, const Identity& identity,
                                        std::optional<crypto::CompressedPoint> peer, Bytes prologue, const crypto::Scalar& ephemeral) {
  const PatternText& text = text_of(pattern);
  Handshake h(curve, pattern, initiator, identity);
  const bool wants_peer = initiator ? text.responder_known : text.initiator_known;
  if (wants_peer != peer.has_value()) return Error{ErrorCode::kState, "the pattern wants the other's key, or wants it not"};
  if (peer) {
    const auto point = crypto::decompress(curve, *peer);
    if (!point) return point.error();
    h.remote_static_ = peer;
  }
  if (ephemeral.is_zero()) return Error{ErrorCode::kOutOfRange, "ephemeral key is zero"};
  h.ephemeral_ = ephemeral;
  const auto point = curve.multiply_base(ephemeral);
  if (!point) return point.error();
  h.ephemeral_public_ = crypto::compress(*point);

  // All our names are longer than a hash (Noise, 5.2).
  h.hash_ = crypto::sha256(bytes_of(text.name));
  std::copy(h.hash_.begin(), h.hash_.end(), h.chaining_key_.expose().begin());
  h.mix_hash(prologue);
  const crypto::CompressedPoint& own = identity.public_key;
  if (text.initiator_known) h.mix_hash(initiator ? own : *peer);
  if (text.responder_known) h.mix_hash(initiator ? *peer : own);
  return h;
}

void Handshake::mix_hash(Bytes data) { hash_ = crypto::Sha256().update(hash_).update(data).finish(); }

void Handshake::mix_key(Bytes shared) {
  Secret<64> out;
  crypto::hkdf_sha256(shared, chaining_key_.expose(), {}, out.expose());
  const Bytes first = Bytes(out.expose()).first(32);
  std::copy(first.begin(), first.end(), chaining_key_.expose().begin());
  cipher_.set_key(Bytes(out.expose()).last(32));
}

// BOLT 8: the shared secret is SHA-256 of the compressed point.
Status Handshake::mix_dh(char own, char other) {
  const std::optional<crypto::CompressedPoint>& theirs = other == 'e' ? remote_ephemeral_ : remote_static_;
  const auto point = crypto::decompress(*curve_, *theirs);
  if (!point) return point.error();
  auto shared = curve_->multiply(own == 'e' ? ephemeral_ : identity_.secret, *point);
  if (!shared) return shared.error();
  if (shared->infinity) return Error{ErrorCode::kInfinity, "shared point"};
  crypto::CompressedPoint compressed = crypto::compress(*shared);
  ByteArray<32> digest = crypto::sha256(compressed);
  mix_key(digest);
  wipe(&*shared, sizeof *shared);
  wipe(compressed.data(), compressed.size());
  wipe(digest.data(), digest.size());
  return {};
}

Status Handshake::seal_and_hash(Bytes text, MutableBytes out) {
  if (cipher_.has_key()) TS_RETURN_IF_ERROR(cipher_.seal(hash_, text, out));
  else std::copy(text.begin(), text.end(), out.begin());
  mix_hash(out);
  return {};
}

Status Handshake::open_and_hash(Bytes sealed, MutableBytes out) {
  const ByteArray<32> before = hash_;
  mix_hash(sealed);
  if (cipher_.has_key()) return cipher_.open(before, sealed, out);
  std::copy(sealed.begin(), sealed.end(), out.begin());
  return {};
}

Result<Bytes> Handshake::write_tokens(Bytes payload, MutableBytes out) {
  if (step_ == 0 && !payload.empty()) return kFirstPayload;
  ByteWriter w(out);
  w.u8(kVersion);
  std::string_view tokens = text_of(pattern_).messages[step_];
  while (!tokens.empty()) {
    const std::string_view token = next_token(tokens);
    if (token == "e") {
      w.put(ephemeral_public_);
      mix_hash(ephemeral_public_);
    } else if (token == "s") {
      ByteArray<kKeyBytes + kTagBytes> sealed;
      const MutableBytes part = MutableBytes(sealed).first(kKeyBytes + (cipher_.has_key() ? kTagBytes : 0));
      TS_RETURN_IF_ERROR(seal_and_hash(identity_.public_key, part));
      w.put(part);
    } else {
      // The token names the initiator's key first.
      const char mine = token[initiator_ ? 0 : 1], theirs = token[initiator_ ? 1 : 0];
      TS_RETURN_IF_ERROR(mix_dh(mine == 'e' ? 'e' : 's', theirs == 'e' ? 'e' : 's'));
    }
  }
  const std::size_t sealed_bytes = payload.size() + (cipher_.has_key() ? kTagBytes : 0);
  const std::size_t head = w.written().size();
  if (w.failed() || out.size() < head + sealed_bytes) return Error{ErrorCode::kTooLarge, "handshake message: buffer"};
  TS_RETURN_IF_ERROR(seal_and_hash(payload, out.subspan(head, sealed_bytes)));
  return Bytes(out).first(head + sealed_bytes);
}

Result<Bytes> Handshake::read_tokens(Bytes message, MutableBytes payload_out) {
  ByteReader r(message);
  if (r.u8() != kVersion) return Error{ErrorCode::kBadFormat, "handshake message: version"};
  std::string_view tokens = text_of(pattern_).messages[step_];
  while (!tokens.empty()) {
    const std::string_view token = next_token(tokens);
    if (token == "e" || token == "s") {
      std::optional<crypto::CompressedPoint>& key = token == "e" ? remote_ephemeral_ : remote_static_;
      const bool sealed = token == "s" && cipher_.has_key();
      const Bytes part = r.take(kKeyBytes + (sealed ? kTagBytes : 0));
      if (part.empty()) return Error{ErrorCode::kBadFormat, "handshake message: length"};
      key.emplace();
      if (token == "s") TS_RETURN_IF_ERROR(open_and_hash(part, *key));
      else {
        std::copy(part.begin(), part.end(), key->begin());
        mix_hash(part);
      }
      const auto point = crypto::decompress(*curve_, *key);
      if (!point) return point.error();
    } else {
      const char mine = token[initiator_ ? 0 : 1], theirs = token[initiator_ ? 1 : 0];
      TS_RETURN_IF_ERROR(mix_dh(mine == 'e' ? 'e' : 's', theirs == 'e' ? 'e' : 's'));
    }
  }
  const Bytes sealed = r.take(r.remaining());
  const std::size_t tag = cipher_.has_key() ? kTagBytes : 0;
  if (sealed.size() < tag) return Error{ErrorCode::kBadFormat, "handshake message: length"};
  if (step_ == 0 && sealed.size() > tag) return kFirstPayload;
  if (payload_out.size() < sealed.size() - tag) return Error{ErrorCode::kTooLarge, "handshake payload: buffer"};
  const MutableBytes out = payload_out.first(sealed.size() - tag);
  TS_RETURN_IF_ERROR(open_and_hash(sealed, out));
  return Bytes(out);
}

Result<Bytes> Handshake::write(Bytes payload, MutableBytes out) {
  if (ended_ || !writes_next()) return kOver;
  Result<Bytes> written = write_tokens(payload, out);
  if (written) ++step_;
  else end();
  return written;
}

Result<Bytes> Handshake::read(Bytes untrusted_message, MutableBytes payload_out) {
  if (ended_ || done() || writes_next()) return kOver;
  Result<Bytes> payload = read_tokens(untrusted_message, payload_out);
  if (payload) ++step_;
  else end();
  return payload;
}

Result<RawKeys> Handshake::finish_raw() {
  if (ended_ || !done()) return kOver;
  Secret<64> out;
  crypto::hkdf_sha256({}, chaining_key_.expose(), {}, out.expose());
  RawKeys keys;
  const Bytes first = Bytes(out.expose()).first(32), second = Bytes(out.expose()).last(32);
  std::copy(first.begin(), first.end(), (initiator_ ? keys.send : keys.receive).expose().begin());
  std::copy(second.begin(), second.end(), (initiator_ ? keys.receive : keys.send).expose().begin());
  keys.channel_binding = hash_;
  end();
  return keys;
}

Result<Keys> Handshake::finish() {
  auto raw = finish_raw();
  if (!raw) return raw.error();
  Keys keys;
  keys.send.set_key(raw->send.expose());
  keys.receive.set_key(raw->receive.expose());
  keys.channel_binding = raw->channel_binding;
  return keys;
}

void Handshake::end() {
  ended_ = true;
  if (!done()) remote_static_.reset();
  ephemeral_ = crypto::Scalar();
  chaining_key_.wipe_now();
  cipher_.wipe_now();
}

}  // namespace touchstone::mpc::noise
