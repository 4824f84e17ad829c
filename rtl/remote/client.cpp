#include "rtl_remote/client.h"

#include <algorithm>
#include <limits>
#include <type_traits>
#include <vector>

#include "contract/registers.h"
#include "frame_socket.h"
#include "rtl_remote/protocol.h"

namespace touchstone::rtl::remote {
namespace {

namespace wire = contract::accelerator;

// More than any core asks for in one operation: 5 words, each waited for as long as the core's patience lasts.
constexpr int kMaxWords = 10'000;

std::string register_at(std::uint32_t offset_bytes) {
  for (const contract::RegisterInfo& r : contract::kSecpRegisters)
    if (offset_bytes >= r.offset_bytes && offset_bytes < r.offset_bytes + 4 * r.count) return std::string(r.name);
  return "offset " + std::to_string(offset_bytes);
}

// What was being done when it failed. Never a value: it may be a scalar.
std::string describe(const wire::Hello&) { return "greeting it"; }
std::string describe(const wire::Reset&) { return "resetting it"; }
std::string describe(const wire::Write& m) { return "writing " + register_at(m.offset); }
std::string describe(const wire::Read& m) { return "reading " + register_at(m.offset); }
std::string describe(const wire::Execute&) { return "running an operation"; }
std::string describe(const wire::ReadState&) { return "reading its state"; }

std::string printable(Bytes untrusted_text) {
  std::string out(untrusted_text.begin(), untrusted_text.end());
  std::replace_if(
      out.begin(), out.end(), [](unsigned char c) { return c < 0x20 || c > 0x7E; }, '?');
  return out;
}

class Client final : public SecpPort {
 public:
  Client(const std::string& host, std::uint16_t port, std::chrono::milliseconds limit)
      : where_("the accelerator at " + host + ":" + std::to_string(port)), limit_(limit) {
    if (const Status connected = socket_.connect(host, port, deadline()); !connected) {
      fail("connecting", connected.error().what,
           "start one there: touchstone rtl serve --port " + std::to_string(port));
      return;
    }
    const auto welcome = ask<wire::Welcome>(wire::Hello{kMagic, kVersion},
                                            "is it a touchstone accelerator, and is no other bench connected to it?");
    if (welcome) check(*welcome);
  }

  void set_entropy(Entropy entropy) override { entropy_ = std::move(entropy); }
  void reset() override { done(wire::Reset{}); }
  void write32(std::uint32_t offset_bytes, std::uint32_t value) override {
    done(wire::Write{static_cast<std::uint16_t>(offset_bytes), value});
  }
  std::uint32_t read32(std::uint32_t offset_bytes) override {
    const auto answer = ask<wire::Value>(wire::Read{static_cast<std::uint16_t>(offset_bytes)});
    return answer ? answer->value : 0;
  }
  std::optional<std::uint64_t> execute(std::uint64_t max_cycles) override {
    const wire::Execute request{
        static_cast<std::uint32_t>(std::min<std::uint64_t>(max_cycles, std::numeric_limits<std::uint32_t>::max()))};
    const auto answer = ask<wire::Executed>(request);
    if (!answer) return std::nullopt;
    if (answer->cycles == 0 || answer->cycles > request.max_cycles) {
      fail(describe(request), "it says that took " + std::to_string(answer->cycles) + " cycles, not 1 to " +
                                  std::to_string(request.max_cycles));
      return std::nullopt;
    }
    take_irq(describe(request), answer->irq);
    return fault_.empty() ? std::optional<std::uint64_t>(answer->cycles) : std::nullopt;
  }
  bool irq() const override { return irq_; }

  Bytes state_bytes() override {
    state_.clear();
    while (state_.size() < state_size_bytes_) {
      const wire::ReadState request{static_cast<std::uint32_t>(state_.size())};
      const auto part = ask<wire::State>(request);
      if (!part) break;
      if (part->data.size() != std::min(kPart_bytes, state_size_bytes_ - state_.size())) {
        fail(describe(request), "a part of the wrong size");
        break;
      }
      state_.insert(state_.end(), part->data.begin(), part->data.end());
    }
    if (!fault_.empty()) state_.clear();
    return state_;
  }
  std::string name() const override { return name_; }
  std::string fault() const override { return fault_; }

 private:
  FrameSocket::Deadline deadline() const { return std::chrono::steady_clock::now() + limit_; }

  void fail(const std::string& doing, const std::string& why, const std::string& remedy = {}) {
    if (fault_.empty())
      fault_ = where_ + " failed while " + doing + ": " + why + (remedy.empty() ? "" : " (" + remedy + ")");
    irq_ = false;
    socket_.close();
  }

  /// Sends a request and waits for its answer; on the way it hands out random words. Nothing after a fault. A view in
  /// the answer holds until the next request.
  template <typename Answer, typename Request>
  std::optional<Answer> ask(const Request& request, const char* remedy = "") {
    if (!fault_.empty()) return std::nullopt;
    const FrameSocket::Deadline until = deadline();
    const auto failed = [&](const std::string& why) {
      fail(describe(request), why, remedy);
      return std::nullopt;
    };
    if (const Status sent = socket_.send(request, until); !sent) return failed(sent.error().what);
    for (int words = 0;; ++words) {
      const Result<Bytes> frame = socket_.receive(until);
      if (!frame)
        return failed(frame.error().code == ErrorCode::kTimeout
                          ? "no answer within " + std::to_string(limit_.count()) + " ms"
                          : frame.error().what);
      if (wants_word_ && std::is_same_v<Request, wire::Execute> && wire::EntropyWanted::decode(*frame)) {
        if (words == kMaxWords) return failed("it asks for random words without end");
        const std::optional<std::uint32_t> word = entropy_ ? entropy_() : std::nullopt;
        if (const Status sent = socket_.send(wire::Entropy{word.has_value(), word.value_or(0)}, until); !sent)
          return failed(sent.error().what);
        continue;
      }
      if (const auto refused = wire::Refused::decode(*frame))
        return failed("it refused: " + printable(refused->reason));
      const Result<Answer> answer = Answer::decode(*frame);
      if (!answer) return failed(std::string("it answered what is no answer to that (") + answer.error().what + ")");
      return *answer;
    }
  }

  void check(const wire::Welcome& welcome) {
    const std::string doing = describe(wire::Hello{}), remedy = "build both ends from one revision";
    if (welcome.magic != kMagic) return fail(doing, "it is no touchstone accelerator");
    if (welcome.version != kVersion)
      return fail(doing,
                  "it speaks version " + std::to_string(welcome.version) + " of the protocol, this bench version " +
                      std::to_string(kVersion),
                  remedy);
    if (welcome.register_map != register_map()) return fail(doing, "it was built for another register map", remedy);
    const auto entropy = static_cast<wire::Welcome::Entropy>(welcome.entropy);
    if (entropy != wire::Welcome::Entropy::kOwn && entropy != wire::Welcome::Entropy::kBench)
      return fail(doing, "it does not say where its random words come from");
    if (welcome.state_bytes > kMaxState_bytes)
      return fail(doing, "it has a state of " + std::to_string(welcome.state_bytes) + " bytes, more than any core");
    wants_word_ = entropy == wire::Welcome::Entropy::kBench;
    state_size_bytes_ = welcome.state_bytes;
    name_ = printable(welcome.core);
  }

  template <typename Request>
  void done(const Request& request) {
    if (const auto answer = ask<wire::Done>(request)) take_irq(describe(request), answer->irq);
  }
  void take_irq(const std::string& doing, std::uint8_t untrusted_level) {
    if (untrusted_level > 1) return fail(doing, "its interrupt output is neither 0 nor 1");
    irq_ = untrusted_level == 1;
  }

  std::string where_, name_, fault_;
  std::chrono::milliseconds limit_;
  FrameSocket socket_;
  Entropy entropy_;
  bool wants_word_ = false, irq_ = false;
  std::size_t state_size_bytes_ = 0;
  std::vector<std::uint8_t> state_;
};

}  // namespace

std::unique_ptr<SecpPort> connect(const std::string& host, std::uint16_t port, std::chrono::milliseconds limit) {
  return std::make_unique<Client>(host, port, limit);
}

}  // namespace touchstone::rtl::remote
