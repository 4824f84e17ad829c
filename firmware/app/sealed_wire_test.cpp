// The channel between phone and card over an air that does what it likes: SealedWire and the vault on one side, the wallet's CardLink
// on the other.
#include "app/sealed_wire.h"

#include <gtest/gtest.h>

#include "app/testing/bench.h"
#include "base/seed.h"
#include "identity/development_vendor.h"
#include "wallet/attestation.h"
#include "wallet/card_link.h"

namespace touchstone::firmware::testing {
namespace {

using wallet::ByteVector;
using wallet::CardLink;

struct Listener : WireListener {
  void on_open() override { log += "open "; }
  void on_message(Bytes untrusted_message) override { log += std::string(untrusted_message.begin(), untrusted_message.end()) + " "; }
  void on_closed() override { log += "closed "; }
  std::string log;
};

Bytes bytes_of(const std::string& text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

struct Air {
  explicit Air(std::uint32_t phone = 5) : identity(crypto::Scalar::from_u32(phone)) {
    wire.start(listener);
    connect();
  }
  /// A new connection; nothing has been said yet.
  void connect() {
    air.sent.clear();
    air.open();
    air.poll();
  }
  /// `message` arrives at the card; true if it did not end the connection.
  bool arrives(Bytes message) {
    air.deliver(message);
    air.poll();
    const bool ends = air.waits();
    while (air.waits()) air.poll();
    return !ends;
  }
  /// The whole handshake.
  void open() {
    ASSERT_TRUE(arrives(link.begin().value()));
    const auto taken = link.take(air.sent.at(0));
    ASSERT_TRUE(taken && taken->opened);
    ASSERT_TRUE(arrives(taken->bytes));
  }
  ByteVector seal(const std::string& text) { return link.seal(bytes_of(text)).value(); }

  Bench bench;
  FakeWire air;
  Listener listener;
  SealedWire wire{air, bench.stub};
  Random random = SeedTree(3).stream("phone");
  crypto::Scalar identity;
  CardLink link{bench.curve, identity, [this](MutableBytes out) { random.fill(out); }};
};

TEST(SealedWire, CarriesBothWaysAndKnowsThePhone) {
  Air a;
  EXPECT_EQ(a.listener.log, "");
  EXPECT_FALSE(a.wire.can_send());
  a.open();
  EXPECT_EQ(a.listener.log, "open ");
  EXPECT_EQ(a.wire.peer(), crypto::compress(a.bench.curve.multiply_base(a.identity).value()));
  ASSERT_TRUE(a.arrives(a.seal("pay")));
  ASSERT_TRUE(a.arrives(a.seal("")));
  EXPECT_EQ(a.listener.log, "open pay  ");
  for (const std::string text : {"signed", ""}) {
    ASSERT_TRUE(a.wire.send(bytes_of(text)));
    const auto heard = a.link.take(a.air.sent.back());
    ASSERT_TRUE(heard && !heard->opened);
    EXPECT_EQ(std::string(heard->bytes.begin(), heard->bytes.end()), text);
  }
  const std::string longest(contract::kMaxMessageBytes, 'x');
  ASSERT_TRUE(a.arrives(a.seal(longest)));
  EXPECT_EQ(a.listener.log, "open pay  " + longest + " ");
  a.air.close();
  while (a.air.waits()) a.air.poll();
  EXPECT_FALSE(a.wire.can_send());
  EXPECT_EQ(a.wire.peer(), crypto::CompressedPoint{});
}

/// Brings the connection to where the phone's message number `place` is due - hello, closing, the first that is sealed - and returns it.
ByteVector due(Air& a, int place) {
  ByteVector message = a.link.begin().value();
  if (place == 0) return message;
  EXPECT_TRUE(a.arrives(message));
  message = a.link.take(a.air.sent.at(0)).value().bytes;
  if (place == 1) return message;
  EXPECT_TRUE(a.arrives(message));
  return a.seal("pay");
}

TEST(SealedWire, AChangedByteEndsTheConnectionUnheard) {
  for (int place = 0; place < 3; ++place) {
    const std::size_t size = [&] { Air a; return due(a, place).size(); }();
    for (std::size_t at = 0; at < size; ++at) {
      Air a;
      ByteVector message = due(a, place);
      message[at] ^= 0x01;
      // Another ephemeral key shows when the card's answer does not fit the phone's own.
      const bool goes_on = a.arrives(message);
      EXPECT_TRUE(!goes_on || (place == 0 && !a.link.take(a.air.sent.at(0)))) << place << ": byte " << at;
      EXPECT_EQ(a.listener.log.find("pay"), std::string::npos);
    }
  }
}

TEST(SealedWire, AMessageOfAnotherLengthEndsTheConnectionUnheard) {
  for (int place = 0; place < 3; ++place) {
    const std::size_t size = [&] { Air a; return due(a, place).size(); }();
    for (std::size_t length = 0; length <= size + 1; ++length) {
      if (length == size) continue;
      Air a;
      ByteVector message = due(a, place);
      message.resize(length);
      EXPECT_FALSE(a.arrives(message)) << place << ": " << length << " bytes";
      EXPECT_EQ(a.listener.log.find("pay"), std::string::npos);
    }
  }
}

TEST(SealedWire, WhatIsRepeatedLeftOutSwappedOrReflectedEndsTheConnection) {
  const auto after_open = [](auto&& attack) {
    Air a;
    a.open();
    ASSERT_TRUE(a.arrives(a.seal("one")));
    attack(a);
    EXPECT_EQ(a.listener.log, "open one closed ");
  };
  after_open([](Air& a) {
    const ByteVector two = a.seal("two");
    a.listener.log.clear();
    ASSERT_TRUE(a.arrives(two));
    a.listener.log = "open one ";
    EXPECT_FALSE(a.arrives(two)) << "repeated";
  });
  after_open([](Air& a) {
    (void)a.seal("left out");
    EXPECT_FALSE(a.arrives(a.seal("two")));
  });
  after_open([](Air& a) {
    const ByteVector two = a.seal("two"), three = a.seal("three");
    EXPECT_FALSE(a.arrives(three));
  });
  after_open([](Air& a) {
    ASSERT_TRUE(a.wire.send(bytes_of("mine")));
    EXPECT_FALSE(a.arrives(ByteVector(a.air.sent.back()))) << "reflected";
  });
  after_open([](Air& a) { EXPECT_FALSE(a.arrives(bytes_of("in the clear, by who knows no better"))); });
}

TEST(SealedWire, NothingOfAnEarlierConnectionCounts) {
  Air a;
  a.open();
  const ByteVector old_message = a.seal("old");
  a.air.close();
  while (a.air.waits()) a.air.poll();
  a.connect();
  EXPECT_FALSE(a.wire.can_send());
  a.open();
  EXPECT_FALSE(a.arrives(old_message));
  EXPECT_EQ(a.listener.log, "open closed open closed ");
}

TEST(SealedWire, HalfAHandshakeIsForgotten) {
  Air a;
  ASSERT_TRUE(a.arrives(a.link.begin().value()));
  const ByteVector closing = a.link.take(a.air.sent.at(0)).value().bytes;
  a.air.close();
  while (a.air.waits()) a.air.poll();
  EXPECT_EQ(a.listener.log, "") << "nothing had opened";
  ChannelClosing late;
  std::copy(closing.begin(), closing.end(), late.begin());
  EXPECT_EQ(a.bench.stub.channel_open(late).error().code, ErrorCode::kState);
  a.connect();
  a.open();
  EXPECT_EQ(a.listener.log, "open ");
}

// The phone's end by itself.
TEST(CardLink, KnowsNothingBeforeItsHandshakeAndAfterAFailure) {
  Air a;
  const ByteArray<20> some{};
  EXPECT_EQ(a.link.take(some).error().code, ErrorCode::kState);
  EXPECT_EQ(a.link.seal(some).error().code, ErrorCode::kState);
  const ByteVector first = a.link.begin().value(), second = a.link.begin().value();
  EXPECT_NE(first, second) << "a key for each";
  ASSERT_TRUE(a.arrives(first));
  EXPECT_FALSE(a.link.take(a.air.sent.at(0))) << "the answer to another hello";
  EXPECT_FALSE(a.link.is_open());
  a.connect();
  a.open();
  EXPECT_TRUE(a.link.is_open());
  EXPECT_FALSE(a.link.take(some));
  EXPECT_FALSE(a.link.is_open());
  EXPECT_EQ(a.link.seal(some).error().code, ErrorCode::kState);
}

TEST(SealedWire, AnEarlierHandshakeOpensNothing) {
  Air a;
  const ByteVector hello = a.link.begin().value();
  ASSERT_TRUE(a.arrives(hello));
  const ByteVector closing = a.link.take(a.air.sent.at(0)).value().bytes;
  ASSERT_TRUE(a.arrives(closing));
  a.air.close();
  while (a.air.waits()) a.air.poll();
  a.connect();
  ASSERT_TRUE(a.arrives(hello)) << "nobody can tell yet";
  EXPECT_FALSE(a.arrives(closing));
  EXPECT_EQ(a.listener.log, "open closed ");
}

// What the card says of itself holds on this channel alone: it is of no use to somebody in the middle.
TEST(SealedWire, AttestsOnItsChannel) {
  Air a;
  const ByteArray<32> challenge{8};
  a.open();
  const auto on_channel = a.bench.stub.attest(challenge);
  ASSERT_TRUE(on_channel);
  const auto verified = [&](const contract::AttestResponse& response, const ByteArray<32>& binding) {
    return wallet::verify_attestation(response, challenge, binding, identity::development_vendor_key()).ok();
  };
  EXPECT_TRUE(verified(*on_channel, a.link.binding()));
  EXPECT_FALSE(verified(*on_channel, {}));
  const ByteArray<32> first = a.link.binding();
  a.connect();
  a.open();
  const auto again = a.bench.stub.attest(challenge);
  ASSERT_TRUE(again);
  EXPECT_TRUE(verified(*again, a.link.binding()));
  EXPECT_FALSE(verified(*again, first));
  a.bench.stub.run_forget();
  EXPECT_TRUE(verified(*a.bench.stub.attest(challenge), {}));
}

TEST(SealedWire, TheVaultOpensNothingOutOfOrder) {
  Air a;
  EXPECT_EQ(a.bench.stub.channel_open({}).error().code, ErrorCode::kState);
  ChannelHello hello;
  const ByteVector bytes = a.link.begin().value();
  std::copy(bytes.begin(), bytes.end(), hello.begin());
  ASSERT_TRUE(a.bench.stub.channel_answer(hello));
  a.bench.stub.run_forget();
  EXPECT_EQ(a.bench.stub.channel_open({}).error().code, ErrorCode::kState);
  ASSERT_TRUE(a.bench.stub.channel_answer(hello));
  EXPECT_FALSE(a.bench.stub.channel_open({}));
  EXPECT_EQ(a.bench.stub.channel_open({}).error().code, ErrorCode::kState) << "one try a handshake";
  hello[1] = 4;
  EXPECT_FALSE(a.bench.stub.channel_answer(hello));
}

}  // namespace
}  // namespace touchstone::firmware::testing
