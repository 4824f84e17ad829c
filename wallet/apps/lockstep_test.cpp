#include "wallet/lockstep.h"

#include <gtest/gtest.h>

#include "base/seed.h"
#include "contract/events.h"
#include "contract/lockstep.h"
#include "wallet/test_card.h"

namespace touchstone::wallet::lockstep {
namespace {

namespace wire = contract::lockstep;

/// The frames of `bytes` without their headers.
std::vector<ByteVector> frames_of(Bytes bytes) {
  std::vector<ByteVector> out;
  while (!bytes.empty()) {
    ByteArray<kHeaderBytes> header{};
    std::copy_n(bytes.begin(), kHeaderBytes, header.begin());
    const std::size_t size = frame_bytes(header).value();
    out.emplace_back(bytes.begin() + kHeaderBytes, bytes.begin() + static_cast<std::ptrdiff_t>(kHeaderBytes + size));
    bytes = bytes.subspan(kHeaderBytes + size);
  }
  return out;
}

Result<std::optional<Input>> decode_input(Bytes bytes) {
  InputDecoder decoder;
  const auto frames = frames_of(bytes);
  for (std::size_t i = 0; i + 1 < frames.size(); ++i) {
    const auto part = decoder.take(frames[i]);
    if (!part) return part.error();
    EXPECT_FALSE(part->has_value());
  }
  return decoder.take(frames.back());
}

Result<Actions> decode_answer(Bytes bytes) {
  AnswerDecoder decoder;
  bool done = false;
  for (const ByteVector& frame : frames_of(bytes)) {
    EXPECT_FALSE(done) << "nothing follows Done";
    const auto last = decoder.take(frame);
    if (!last) return last.error();
    done = *last;
  }
  EXPECT_TRUE(done);
  return std::move(decoder.actions());
}

std::vector<Input> all_inputs() {
  Start start;
  start.seed = 99;
  start.account = {chain::Network::kSignet, 3, 4};
  start.vendor_key.fill(8);
  start.untrusted_state = {1, 2, 3};
  Sign sign;
  sign.payment.coin = {{5}, 6, 7, {1, 9}};
  sign.payment.recipients = {{"here", 10}, {"there", 11}};
  sign.payment.fee_sat = 12;
  sign.payment.change_index = 13;
  sign.payment.lock_time = 14;
  std::vector<Input> out;
  out.emplace_back(std::move(start));
  out.emplace_back(Pair{wallet::test::root_of(0x77), 3, 2, true});
  sign.secret_a = wallet::test::root_of(0x78);
  out.emplace_back(std::move(sign));
  out.emplace_back(Guest{});
  out.emplace_back(Update{ByteVector(100'000, 0xEE)});
  out.emplace_back(LinkOpened{});
  out.emplace_back(LinkMessage{{9, 8, 7}});
  out.emplace_back(LinkClosed{0x13});
  out.emplace_back(Woke{});
  return out;
}

Actions all_actions() {
  return {Connect{}, Disconnect{}, Send{{1, 2, 3}}, Event{"wallet.failed", {{"session", std::int64_t{-4}}, {"why", std::string("because")}}},
          SaveState{{4, 5}}, Publish{{1}, {2}, {3}, {4, 5, 6}}, WakeAfter{70'000}};
}

TEST(Lockstep, EveryInputArrivesAsItWasSent) {
  for (const Input& input : all_inputs()) {
    const ByteVector bytes = encode(input);
    const auto read = decode_input(bytes);
    ASSERT_TRUE(read && read->has_value());
    EXPECT_EQ((*read)->index(), input.index());
    EXPECT_EQ(encode(**read), bytes) << "input " << input.index();
  }
}

TEST(Lockstep, AnAnswerArrivesAsItWasSent) {
  const ByteVector bytes = encode(all_actions());
  const auto read = decode_answer(bytes);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), all_actions().size());
  EXPECT_EQ(encode(*read), bytes);
  EXPECT_EQ(std::get<std::int64_t>(std::get<Event>((*read)[3]).fields[0].second), -4);
}

TEST(Lockstep, EveryCutOrLengthenedFrameIsRefused) {
  for (const Input& input : all_inputs())
    for (ByteVector frame : frames_of(encode(input))) {
      if (frame.size() > 5000) continue;  // Image: any length of data is one, given the right length field
      frame.push_back(0);
      EXPECT_FALSE(InputDecoder().take(frame));
      for (frame.pop_back(); !frame.empty();) {
        frame.pop_back();
        EXPECT_FALSE(InputDecoder().take(frame)) << "id " << int{frame.empty() ? std::uint8_t{0} : frame[0]} << ", " << frame.size();
      }
    }
  for (ByteVector frame : frames_of(encode(all_actions()))) {
    if (frame[0] == wire::Number::kId || frame[0] == wire::Text::kId) continue;  // refused anyway without their event
    frame.push_back(0);
    EXPECT_FALSE(AnswerDecoder().take(frame));
    for (frame.pop_back(); !frame.empty();) {
      frame.pop_back();
      EXPECT_FALSE(AnswerDecoder().take(frame));
    }
  }
}

TEST(Lockstep, WhatDoesNotBelongTogetherIsRefused) {
  const auto frame = [](const auto& message) {
    ByteVector out(std::decay_t<decltype(message)>::kMaxBytes);
    out.resize(message.encode(out)->size());
    return out;
  };
  InputDecoder input;
  ASSERT_TRUE(input.take(frame(wire::PayTo{})));
  EXPECT_FALSE(input.take(frame(wire::LinkOpened{})));
  InputDecoder image;
  const ByteVector piece(10);
  ASSERT_TRUE(image.take(frame(wire::Image{piece})));
  EXPECT_FALSE(image.take(frame(wire::Sign{})));
  EXPECT_FALSE(InputDecoder().take(frame(wire::Done{}))) << "of the other side";
  EXPECT_FALSE(AnswerDecoder().take(frame(wire::Pair{}))) << "of the other side";
  EXPECT_FALSE(AnswerDecoder().take(frame(wire::Number{}))) << "a field without its event";
  AnswerDecoder event;
  const std::string name = "wallet.link_lost";
  ASSERT_TRUE(event.take(frame(wire::Event{Bytes(reinterpret_cast<const std::uint8_t*>(name.data()), name.size()), 1})));
  EXPECT_FALSE(event.take(frame(wire::Done{}))) << "an event without its field";
  wire::Start start;
  start.version = kVersion + 1;
  start.network = 3;
  start.attestation = 1;
  start.scheme = 1;
  EXPECT_EQ(InputDecoder().take(frame(start)).error().code, ErrorCode::kUnsupported);
  start.version = kVersion;
  EXPECT_TRUE(InputDecoder().take(frame(start)));
  start.network = 4;
  EXPECT_FALSE(InputDecoder().take(frame(start)));
  start.network = 3;
  start.scheme = 2;
  EXPECT_FALSE(InputDecoder().take(frame(start))) << "no scheme of an account";
}

TEST(Lockstep, NothingGrowsWithoutEnd) {
  EXPECT_FALSE(frame_bytes({0, 0, 0, 0}));
  EXPECT_FALSE(frame_bytes({0xFF, 0xFF, 0xFF, 0xFF}));
  AnswerDecoder answer;
  const ByteVector connect = {wire::Connect::kId};
  std::size_t taken = 0;
  while (taken < 10 * kMaxAnswerFrames && answer.take(connect)) ++taken;
  EXPECT_EQ(taken, kMaxAnswerFrames);
  InputDecoder image;
  ByteVector piece(wire::Image::kMaxBytes);
  const ByteVector data(32768);
  piece.resize(wire::Image{data}.encode(piece)->size());
  taken = 0;
  while (taken < 1000 && image.take(piece)) ++taken;
  EXPECT_EQ(taken, kMaxImageBytes / data.size());
}

TEST(Lockstep, NoChangedByteDoesHarm) {
  Random random(3);
  std::vector<ByteVector> frames = frames_of(encode(all_actions()));
  for (const Input& input : all_inputs())
    for (const ByteVector& f : frames_of(encode(input)))
      if (f.size() < 5000) frames.push_back(f);
  for (int i = 0; i < 20'000; ++i) {
    ByteVector frame = frames[random.below(frames.size())];
    for (std::uint64_t n = 1 + random.below(4); n > 0; --n) frame[random.below(frame.size())] = static_cast<std::uint8_t>(random.below(256));
    (void)InputDecoder().take(frame);
    (void)AnswerDecoder().take(frame);
  }
}

TEST(Lockstep, EventsAreThoseOfTheContract) {
  using V = std::variant<std::int64_t, std::string>;
  const auto number = [](const char* n) { return std::pair<std::string, V>(n, std::int64_t{1}); };
  const auto text = [](const char* n) { return std::pair<std::string, V>(n, std::string("x")); };
  EXPECT_TRUE(check_event({"wallet.failed", {number("session"), text("why")}}));
  EXPECT_TRUE(check_event({"wallet.link_lost", {number("session")}}));
  EXPECT_FALSE(check_event({"wallet.failed", {text("why"), number("session")}})) << "order";
  EXPECT_FALSE(check_event({"wallet.failed", {number("session")}})) << "a field less";
  EXPECT_FALSE(check_event({"wallet.failed", {number("session"), text("why"), text("who")}})) << "a field more";
  EXPECT_FALSE(check_event({"wallet.failed", {text("session"), text("why")}})) << "type";
  EXPECT_FALSE(check_event({"wallet.rich", {}}));
  EXPECT_FALSE(check_event({"power.off", {}})) << "not the wallet's";
  EXPECT_FALSE(check_event({"wallet.program", {text("state"), text("why")}})) << "about the program, not by it";
  EXPECT_FALSE(check_event({"wallet.face", {text("person"), text("state")}})) << "it sees no face";
}

}  // namespace
}  // namespace touchstone::wallet::lockstep
