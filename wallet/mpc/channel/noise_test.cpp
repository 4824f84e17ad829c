// BOLT 8's vectors; every pattern end to end; every changed byte, replayed message and wrong key.
#include "mpc_channel/noise.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/seed.h"
#include "curve_host/host_curve.h"

namespace touchstone::mpc::noise {

struct HandshakeTestAccess {
  static Result<Handshake> start_with(crypto::Curve& curve, Pattern pattern, bool initiator, const Identity& identity,
                                      std::optional<crypto::CompressedPoint> peer, Bytes prologue, const crypto::Scalar& ephemeral) {
    return Handshake::start_with(curve, pattern, initiator, identity, peer, prologue, ephemeral);
  }
};

namespace {

using Text = std::vector<std::uint8_t>;

Text bytes(std::string_view hex) {
  Text out;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) out.push_back(static_cast<std::uint8_t>(16 * digit(hex[i]) + digit(hex[i + 1])));
  return out;
}

struct Party {
  explicit Party(crypto::Curve& curve, Bytes secret32) : secret(crypto::Scalar::from_bytes(secret32).value()) {
    public_key = crypto::compress(curve.multiply_base(secret).value());
  }
  Identity identity() const { return {secret, public_key}; }
  crypto::Scalar secret;
  crypto::CompressedPoint public_key;
};

class Noise : public testing::Test {
 protected:
  Party party(const char* name) {
    ByteArray<32> secret;
    SeedTree(1).stream(name).fill(secret);
    return Party(curve, secret);
  }
  Result<Handshake> start(Pattern pattern, bool initiator, const Party& own, const Party& other, std::uint8_t random, Bytes prologue = {}) {
    const ByteArray<32> random32 = {random};
    const bool known = pattern == Pattern::kKK || (pattern == Pattern::kXK && initiator);
    return Handshake::start(curve, pattern, initiator, own.identity(), known ? std::optional(other.public_key) : std::nullopt, prologue, random32);
  }
  crypto::HostCurve curve;
};

// "BOLT #8: Encrypted and Authenticated Transport", appendix A: initiator and responder, and the first messages.
TEST_F(Noise, Bolt8Vectors) {
  const Party initiator(curve, bytes("1111111111111111111111111111111111111111111111111111111111111111")),
      responder(curve, bytes("2121212121212121212121212121212121212121212121212121212121212121"));
  const auto ephemeral = [](std::uint8_t b) { return crypto::Scalar::from_bytes(Text(32, b)).value(); };
  const Text prologue = {'l', 'i', 'g', 'h', 't', 'n', 'i', 'n', 'g'};
  Handshake a = HandshakeTestAccess::start_with(curve, Pattern::kXK, true, initiator.identity(), responder.public_key, prologue, ephemeral(0x12)).value();
  Handshake b = HandshakeTestAccess::start_with(curve, Pattern::kXK, false, responder.identity(), std::nullopt, prologue, ephemeral(0x22)).value();
  ByteArray<kMaxHandshakeBytes> buffer;
  const auto act = [&](Handshake& from, Handshake& to) {
    const Bytes message = from.write({}, buffer).value();
    EXPECT_TRUE(to.read(message, {}).ok());
    return Text(message.begin(), message.end());
  };
  EXPECT_EQ(act(a, b), bytes("00036360e856310ce5d294e8be33fc807077dc56ac80d95d9cd4ddbd21325eff73f7"
                             "0df6086551151f58b8afe6c195782c6a"));
  EXPECT_EQ(act(b, a), bytes("0002466d7fcae563e5cb09a0d1870bb580344804617879a14949cf22285f1bae3f27"
                             "6e2470b93aac583c9ef6eafca3f730ae"));
  EXPECT_EQ(act(a, b), bytes("00b9e3a702e93e3a9948c2ed6e5fd7590a6e1c3a0344cfc9d5b57357049aa22355361aa02e55a8fc28fef5bd6d71ad0c"
                             "38228dc68b1c466263b47fdf31e560e139ba"));
  Keys of_a = a.finish().value(), of_b = b.finish().value();
  EXPECT_EQ(of_a.channel_binding, of_b.channel_binding);
  // The keys are those of the vectors: they seal BOLT 8's first message, "hello" behind its encrypted length.
  const ByteArray<2> length = {0, 5};
  const Text hello = {'h', 'e', 'l', 'l', 'o'};
  Text sealed_length(18), sealed_hello(21);
  ASSERT_TRUE(of_a.send.seal({}, length, sealed_length).ok());
  ASSERT_TRUE(of_a.send.seal({}, hello, sealed_hello).ok());
  EXPECT_EQ(sealed_length, bytes("cf2b30ddf0cf3f80e7c35a6e6730b59fe802"));
  EXPECT_EQ(sealed_hello, bytes("473180f396d88a8fb0db8cbcf25d2f214cf9ea1d95"));
}

/// Runs it to the end; `change` sees every message. Nothing if either side refuses.
struct Ends {
  Keys a, b;
  Text last_payload;
};
template <typename Change>
std::optional<Ends> run(Handshake& a, Handshake& b, Change change) {
  ByteArray<kMaxHandshakeBytes + 5> buffer;
  ByteArray<5> payload;
  Ends out;
  for (int i = 0; !a.done() || !b.done(); ++i) {
    Handshake& from = a.writes_next() ? a : b;
    Handshake& to = a.writes_next() ? b : a;
    const Text said = i == 0 ? Text() : Text{'h', 'i', static_cast<std::uint8_t>(i)};
    const auto message = from.write(said, buffer);
    if (!message) return std::nullopt;
    Text copy(message->begin(), message->end());
    change(i, copy);
    const auto heard = to.read(copy, payload);
    if (!heard) return std::nullopt;
    out.last_payload.assign(heard->begin(), heard->end());
    if (out.last_payload != said) return std::nullopt;
  }
  out.a = a.finish().value();
  out.b = b.finish().value();
  return out;
}
const auto unchanged = [](int, Text&) {};

TEST_F(Noise, EveryPatternGivesAChannelBothWays) {
  const Party wallet = party("wallet"), card = party("card");
  for (const Pattern pattern : {Pattern::kXX, Pattern::kKK, Pattern::kXK}) {
    Handshake a = start(pattern, true, wallet, card, 1).value(), b = start(pattern, false, card, wallet, 2).value();
    auto ends = run(a, b, unchanged);
    ASSERT_TRUE(ends.has_value());
    EXPECT_EQ(*a.peer(), card.public_key);
    EXPECT_EQ(*b.peer(), wallet.public_key);
    EXPECT_EQ(ends->a.channel_binding, ends->b.channel_binding);
    for (int i = 0; i < 3; ++i) {
      for (auto [from, to] : {std::pair(&ends->a, &ends->b), std::pair(&ends->b, &ends->a)}) {
        const Text text(static_cast<std::size_t>(i * 100), static_cast<std::uint8_t>(i));
        Text sealed(text.size() + kTagBytes), opened(text.size());
        ASSERT_TRUE(from->send.seal({}, text, sealed).ok());
        ASSERT_TRUE(to->receive.open({}, sealed, opened).ok());
        EXPECT_EQ(opened, text);
      }
    }
    EXPECT_EQ(a.finish().error().code, ErrorCode::kState);
    Text sealed(kTagBytes), opened;
    ASSERT_TRUE(ends->a.send.seal({}, {}, sealed).ok());
    ASSERT_TRUE(ends->b.receive.open({}, sealed, opened).ok());
    EXPECT_EQ(ends->b.receive.open({}, sealed, opened).error().code, ErrorCode::kBadSignature) << "replayed";
    ASSERT_TRUE(ends->a.send.seal({}, {}, sealed).ok());
    EXPECT_EQ(ends->b.receive.open({}, sealed, opened).error().code, ErrorCode::kState) << "the channel is over";
    EXPECT_EQ(ends->a.receive.open({}, sealed, opened).error().code, ErrorCode::kBadSignature) << "reflected";
    CipherState moved = std::move(ends->a.send);
    EXPECT_TRUE(moved.seal({}, {}, sealed).ok());
    EXPECT_EQ(ends->a.send.seal({}, {}, sealed).error().code, ErrorCode::kState) << "moved away";
  }
}

TEST_F(Noise, EveryChangedByteEndsIt) {
  const Party wallet = party("wallet"), card = party("card");
  for (const Pattern pattern : {Pattern::kXX, Pattern::kKK}) {
    for (int message = 0; message < (pattern == Pattern::kKK ? 2 : 3); ++message) {
      std::size_t size = 1;
      for (std::size_t at = 0; at < size; ++at) {
        Handshake a = start(pattern, true, wallet, card, 1).value(), b = start(pattern, false, card, wallet, 2).value();
        const auto ends = run(a, b, [&](int i, Text& m) {
          if (i != message) return;
          size = m.size();
          m[at] ^= 0x01;
        });
        EXPECT_FALSE(ends.has_value()) << "message " << message << " byte " << at;
      }
      for (const std::size_t cut : {std::size_t{0}, std::size_t{1}, std::size_t{33}, size - 1}) {
        Handshake a = start(pattern, true, wallet, card, 1).value(), b = start(pattern, false, card, wallet, 2).value();
        EXPECT_FALSE(run(a, b, [&](int i, Text& m) { m.resize(i == message ? cut : m.size()); }).has_value());
      }
    }
  }
}

TEST_F(Noise, NobodyElseGetsIn) {
  const Party wallet = party("wallet"), card = party("card"), mallory = party("mallory");
  const auto refused = [&](Result<Handshake> a, Result<Handshake> b) { return !run(a.value(), b.value(), unchanged).has_value(); };
  // KK: another card, another wallet, both pinned keys right but one secret wrong.
  EXPECT_TRUE(refused(start(Pattern::kKK, true, wallet, card, 1), start(Pattern::kKK, false, mallory, wallet, 2)));
  EXPECT_TRUE(refused(start(Pattern::kKK, true, mallory, card, 1), start(Pattern::kKK, false, card, wallet, 2)));
  Party thief = mallory;
  thief.public_key = wallet.public_key;
  EXPECT_TRUE(refused(start(Pattern::kKK, true, thief, card, 1), start(Pattern::kKK, false, card, wallet, 2)));
  // Another prologue (pairing, role), another pattern, the own message back.
  const Text one = {1}, two = {2};
  EXPECT_TRUE(refused(start(Pattern::kKK, true, wallet, card, 1, one), start(Pattern::kKK, false, card, wallet, 2, two)));
  EXPECT_TRUE(refused(start(Pattern::kKK, true, wallet, card, 1), start(Pattern::kXX, false, card, wallet, 2)));
  Handshake a = start(Pattern::kKK, true, wallet, card, 1).value();
  ByteArray<kMaxHandshakeBytes> buffer, payload;
  const Bytes own = a.write({}, buffer).value();
  EXPECT_FALSE(a.read(own, payload).ok());
  // A message of an earlier run does not open the next.
  Handshake b = start(Pattern::kKK, false, card, wallet, 2).value(), again = start(Pattern::kKK, true, wallet, card, 3).value();
  const Text first(own.begin(), own.end());
  ASSERT_TRUE(b.read(first, payload).ok());
  const Bytes answer = b.write({}, buffer).value();
  const Text stale(answer.begin(), answer.end());
  (void)again.write({}, buffer).value();
  EXPECT_EQ(again.read(stale, payload).error().code, ErrorCode::kBadSignature);
  EXPECT_EQ(again.write({}, buffer).error().code, ErrorCode::kState);
  // Who has shown a key and then failed is nobody.
  Handshake c = start(Pattern::kXX, true, wallet, card, 4).value(), d = start(Pattern::kXX, false, mallory, wallet, 5).value();
  ASSERT_TRUE(d.read(c.write({}, buffer).value(), payload).ok());
  Text shown;
  const Bytes second = d.write({}, buffer).value();
  shown.assign(second.begin(), second.end());
  shown.back() ^= 1;
  EXPECT_FALSE(c.read(shown, payload).ok());
  EXPECT_FALSE(c.peer().has_value());
}

TEST_F(Noise, AReplayedFirstMessageIsAnsweredAndMovesNothing) {
  const Party wallet = party("wallet"), card = party("card");
  ByteArray<kMaxHandshakeBytes> buffer, payload;
  // What a listener has of an old run: the first message and the first sealed one.
  Handshake a = start(Pattern::kKK, true, wallet, card, 1).value(), b = start(Pattern::kKK, false, card, wallet, 2).value();
  const Text first = [&] {
    const Bytes message = a.write({}, buffer).value();
    return Text(message.begin(), message.end());
  }();
  ASSERT_TRUE(b.read(first, payload).ok());
  ASSERT_TRUE(a.read(b.write({}, buffer).value(), payload).ok());
  Keys old_wallet = a.finish().value(), old_card = b.finish().value();
  const Text command = {'s', 'i', 'g', 'n'};
  Text sealed(command.size() + kTagBytes), opened(command.size());
  ASSERT_TRUE(old_wallet.send.seal({}, command, sealed).ok());

  // The card takes the old message for a new one, tells the listener nothing by its payload, and ends with the wallet as its peer...
  Handshake again = start(Pattern::kKK, false, card, wallet, 3).value();
  const auto heard = again.read(first, payload);
  ASSERT_TRUE(heard.ok()) << "nothing in KK's first message is the responder's own";
  EXPECT_TRUE(heard->empty());
  EXPECT_EQ(again.finish().error().code, ErrorCode::kState) << "no keys before it has answered";
  ASSERT_TRUE(again.write({}, buffer).ok());
  EXPECT_EQ(*again.peer(), wallet.public_key);
  Keys keys = again.finish().value();
  EXPECT_NE(keys.channel_binding, old_card.channel_binding) << "what is bound to the channel is bound to another one";
  // ... but nothing the listener has opens, and the channel is over.
  EXPECT_EQ(keys.receive.open({}, sealed, opened).error().code, ErrorCode::kBadSignature);
  EXPECT_FALSE(keys.receive.has_key());
  EXPECT_NE(opened, command);
  ASSERT_TRUE(old_card.receive.open({}, sealed, opened).ok()) << "the control: in its own run it does";
  EXPECT_EQ(opened, command);
}

TEST_F(Noise, AFirstMessageCarriesNoPayload) {
  const Party wallet = party("wallet"), card = party("card");
  const Text said = {'n', 'o', 'w'};
  for (const Pattern pattern : {Pattern::kXX, Pattern::kKK, Pattern::kXK}) {
    ByteArray<kMaxHandshakeBytes + 3> buffer, payload;
    Handshake a = start(pattern, true, wallet, card, 1).value(), b = start(pattern, false, card, wallet, 2).value();
    EXPECT_EQ(a.write(said, buffer).error().code, ErrorCode::kBadFormat);
    EXPECT_EQ(a.write({}, buffer).error().code, ErrorCode::kState);
    // A peer that says something there all the same: in XX, where it is not even sealed.
    if (pattern != Pattern::kXX) continue;
    Handshake honest = start(pattern, true, wallet, card, 1).value();
    const Bytes message = honest.write({}, buffer).value();
    Text longer(message.begin(), message.end());
    longer.insert(longer.end(), said.begin(), said.end());
    EXPECT_EQ(b.read(longer, payload).error().code, ErrorCode::kBadFormat);
  }
}

TEST_F(Noise, KeysThatAreNoneAreRefused) {
  const Party wallet = party("wallet"), card = party("card");
  const ByteArray<32> random32 = {1};
  crypto::CompressedPoint off = card.public_key;
  off[0] = 5;
  EXPECT_EQ(Handshake::start(curve, Pattern::kKK, true, wallet.identity(), off, {}, random32).error().code, ErrorCode::kBadFormat);
  EXPECT_EQ(Handshake::start(curve, Pattern::kKK, true, wallet.identity(), std::nullopt, {}, random32).error().code, ErrorCode::kState);
  EXPECT_EQ(Handshake::start(curve, Pattern::kXX, true, wallet.identity(), card.public_key, {}, random32).error().code, ErrorCode::kState);
}

}  // namespace
}  // namespace touchstone::mpc::noise
