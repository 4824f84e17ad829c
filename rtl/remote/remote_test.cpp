// Both ends of the protocol against each other, and the core's end against benches that break it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "base/seed.h"
#include "contract/registers.h"
#include "frame_socket.h"
#include "rtl/secp_model.h"
#include "rtl_remote/client.h"
#include "rtl_remote/protocol.h"
#include "rtl_remote/server.h"

namespace touchstone::rtl::remote {
namespace {

namespace secp = contract::secp;
namespace wire = contract::accelerator;
using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::chrono::milliseconds kLimit = 5s;

/// A Verilated core served to one bench, which has left when end() returns.
class Served {
 public:
  explicit Served(std::chrono::milliseconds limit = kLimit) {
    ServeOptions options;
    options.once = true;
    options.limit = limit;
    std::promise<std::uint16_t> listening;
    options.on_listening = [&](std::uint16_t port) { listening.set_value(port); };
    thread_ = std::thread([this, options] { end_ = serve(core_, "a core", options); });
    port_ = listening.get_future().get();
  }
  ~Served() {
    if (thread_.joinable()) thread_.join();
  }
  std::uint16_t port() const { return port_; }
  Status end() {
    thread_.join();
    return end_;
  }
  SecpModel& core() { return core_; }

 private:
  SecpModel core_;
  Status end_;
  std::thread thread_;
  std::uint16_t port_ = 0;
};

/// A bench that says what it likes.
struct RawBench {
  FrameSocket socket;

  static FrameSocket::Deadline soon() { return std::chrono::steady_clock::now() + kLimit; }
  explicit RawBench(const Served& served) { EXPECT_TRUE(socket.connect("127.0.0.1", served.port(), soon()).ok()); }
  void greet() {
    EXPECT_TRUE(socket.send(wire::Hello{kMagic, kVersion}, soon()).ok());
    const auto answer = socket.receive(soon());
    ASSERT_TRUE(answer.ok());
    ASSERT_TRUE(wire::Welcome::decode(*answer).ok());
  }
  /// Why the core refuses what it hears; it closes the connection then.
  template <typename Message>
  std::string refusal(const Message& message) {
    EXPECT_TRUE(socket.send(message, soon()).ok());
    const auto answer = socket.receive(soon());
    const auto refused = answer ? wire::Refused::decode(*answer) : answer.error();
    return refused ? std::string(refused->reason.begin(), refused->reason.end())
                   : std::string("not refused: ") + refused.error().what;
  }
};

TEST(RemoteCore, CannotBeToldFromOneInThisProcess) {
  Served served;
  SecpModel near;
  {
    const auto far = connect("127.0.0.1", served.port(), kLimit);
    ASSERT_EQ(far->fault(), "");
    EXPECT_EQ(far->name(), "a core");
    for (SecpPort* core : {static_cast<SecpPort*>(&near), far.get()})
      core->set_entropy(
          [random = SeedTree(1).stream("words")]() mutable { return static_cast<std::uint32_t>(random.next_u64()); });
    Random random = SeedTree(2).stream("accesses");
    for (int i = 0; i < 1'000; ++i) {
      const auto offset = static_cast<std::uint32_t>(4 * random.below(secp::kSizeBytes / 4)),
                 value = static_cast<std::uint32_t>(random.next_u64());
      if (offset == secp::kStart) continue;
      near.write32(offset, value);
      far->write32(offset, value);
      if (i % 100 == 0) {
        near.write32(secp::kOp, static_cast<std::uint32_t>(i / 100));
        far->write32(secp::kOp, static_cast<std::uint32_t>(i / 100));
        EXPECT_EQ(near.execute(1'000'000), far->execute(1'000'000));
      }
      ASSERT_EQ(near.irq(), far->irq());
    }
    for (std::uint32_t offset = 0; offset < secp::kSizeBytes; offset += 4)
      ASSERT_EQ(near.read32(offset), far->read32(offset)) << offset;
    EXPECT_EQ(far->state_bytes().size(), near.state_bytes().size());
    near.reset();
    far->reset();
    EXPECT_EQ(far->read32(secp::kSlots), 0u);
    EXPECT_EQ(far->fault(), "");
  }
  EXPECT_TRUE(served.end().ok());
}

TEST(RemoteCore, IsWipedWhenItsBenchLeaves) {
  Served served;
  const auto holds_scalar = [&] {
    const Bytes state = served.core().state_bytes();
    const std::vector<std::uint8_t> scalar(16, 0xA5);
    return std::search(state.begin(), state.end(), scalar.begin(), scalar.end()) != state.end();
  };
  {
    const auto far = connect("127.0.0.1", served.port(), kLimit);
    for (std::uint32_t i = 0; i < 8; ++i) far->write32(secp::kK + 4 * i, 0xA5A5A5A5);
    EXPECT_EQ(far->read32(secp::kStatus), 0u);  // the writes are over
    EXPECT_TRUE(holds_scalar()) << "or a search would find nothing";
  }
  EXPECT_TRUE(served.end().ok());
  EXPECT_FALSE(holds_scalar());
}

TEST(RemoteCore, RefusesWhatIsNoBench) {
  for (const auto& [hello, why] : {std::pair{wire::Hello{kMagic ^ 1, kVersion}, "no touchstone bench"},
                                   {wire::Hello{kMagic, 2}, "another version of the protocol"}}) {
    Served served;
    EXPECT_THAT(RawBench(served).refusal(hello), HasSubstr(why));
    EXPECT_FALSE(served.end().ok());
  }
}

TEST(RemoteCore, RefusesWhatIsNoRequest) {
  const auto refusal = [](const auto& message) {
    Served served;
    RawBench bench(served);
    bench.greet();
    const std::string why = bench.refusal(message);
    EXPECT_FALSE(served.end().ok());
    return why;
  };
  EXPECT_THAT(refusal(wire::Write{secp::kStart, 1}), HasSubstr("START is written by Execute"));
  EXPECT_THAT(refusal(wire::Write{secp::kSizeBytes, 1}), HasSubstr("no such register"));
  EXPECT_THAT(refusal(wire::Read{2}), HasSubstr("no such register"));
  EXPECT_THAT(refusal(wire::ReadState{0xFFFFFFFF}), HasSubstr("no such part"));
  EXPECT_THAT(refusal(wire::Done{}), HasSubstr("no request"));
  EXPECT_THAT(refusal(wire::Entropy{1, 2}), HasSubstr("no request"));
}

TEST(RemoteCore, RefusesAnOperationWithoutAName) {
  Served served;
  RawBench bench(served);
  bench.greet();
  EXPECT_TRUE(bench.socket.send(wire::Write{secp::kOp, 15}, RawBench::soon()).ok());
  EXPECT_TRUE(wire::Done::decode(*bench.socket.receive(RawBench::soon())).ok());
  EXPECT_THAT(bench.refusal(wire::Execute{1'000'000}), HasSubstr("OP names no operation"));
}

TEST(RemoteCore, RefusesAnOperationThatTakesTooLong) {
  Served served;
  const auto far = connect("127.0.0.1", served.port(), kLimit);
  far->set_entropy([n = 0u]() mutable { return ++n; });
  EXPECT_EQ(far->execute(10), std::nullopt);
  EXPECT_THAT(far->fault(),
              HasSubstr("running an operation: it refused: the operation takes more cycles than the bench allows"));
  EXPECT_EQ(far->read32(secp::kStatus), 0u) << "nothing answers any more";
}

TEST(RemoteCore, OutlivesABenchThatGivesNoWords) {
  for (const bool answers : {false, true}) {
    Served served(200ms);
    RawBench bench(served);
    bench.greet();
    EXPECT_TRUE(bench.socket.send(wire::Execute{1'000'000}, RawBench::soon()).ok());
    EXPECT_TRUE(wire::EntropyWanted::decode(*bench.socket.receive(RawBench::soon())).ok());
    if (answers) {
      EXPECT_THAT(bench.refusal(wire::Read{0}), HasSubstr("Entropy: id"));
    }
    EXPECT_FALSE(served.end().ok());
  }
}

TEST(RemoteCore, DoesNotWaitForEverForAGreeting) {
  Served served(200ms);
  const RawBench bench(served);
  const Status end = served.end();
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(end.error().code, ErrorCode::kTimeout);
}

}  // namespace
}  // namespace touchstone::rtl::remote
