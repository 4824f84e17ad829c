// A card in plain C++ for tests: fake devices around CardApp, a finger that follows a plan, and time that only moves when
// the card sleeps or a device takes its time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/card_app.h"
#include "app/card_vault.h"
#include "app/vault_calls.h"
#include "base/seed.h"
#include "curve_host/host_curve.h"

namespace touchstone::firmware::testing {

/// Virtual time and what is planned in it.
class FakeClock : public Clock {
 public:
  std::uint64_t now_cycles() override { return now_; }
  void sleep_until(std::uint64_t deadline_cycles) override;
  /// Lets `cycles` pass, with everything planned in them.
  void advance(std::uint64_t cycles);
  void at(std::uint64_t cycles, std::function<void()> action) { plan_.emplace(cycles, std::move(action)); }
  void after_ms(std::uint64_t ms, std::function<void()> action) { at(now_ + ms * kCyclesPerMs, std::move(action)); }
  /// Level-sensitive wake-up: sleep returns at once while it is true.
  std::function<bool()> attention = [] { return false; };
  /// Nothing will ever happen again.
  bool dead() const { return dead_; }
  void revive() { dead_ = false; }

 private:
  void run_to(std::uint64_t cycles);
  std::uint64_t now_ = 0;
  std::multimap<std::uint64_t, std::function<void()>> plan_;
  bool dead_ = false;
};

using Pixels = std::vector<std::uint8_t>;

/// One touch of the user: how long after the card began to wait, how long, and with which finger.
struct Touch {
  std::uint64_t after_ms, for_ms;
  const Pixels* finger;
};

class FakeSensor : public FingerSensor {
 public:
  FakeSensor(FakeClock& clock, Geometry geometry) : clock_(clock), geometry_(geometry) {}
  Geometry geometry() const override { return geometry_; }
  Status start() override;
  Status arm_touch() override;
  Result<bool> touched() override;
  Result<bool> finger_present() override;
  Status capture(MutableBytes image) override;
  Status sleep() override;

  /// The finger lies there from now on, whatever the card waits for; nullptr lifts it.
  void lay(const Pixels* finger) { finger_ = finger; }
  bool irq() const { return armed_ && finger_ != nullptr; }
  std::deque<Touch> plan;  ///< one is begun each time the card waits for a touch
  bool broken = false;
  int captures = 0;
  bool asleep = true;
  std::function<void()> on_capture = [] {};

 private:
  FakeClock& clock_;
  Geometry geometry_;
  const Pixels* finger_ = nullptr;
  bool armed_ = false;
};

/// Records the words of every page shown; the pixels are drawn too, into a frame.
class RecordingScreen : public Screen {
 public:
  Canvas& canvas() override { return canvas_; }
  Status present() override;
  std::uint64_t maintain() override { return kNever; }

  std::function<void(const std::string&)> on_page = [](const std::string&) {};
  /// Texts of every page in drawing order, lines separated by '|'.
  std::vector<std::string> pages;
  bool broken = false;
  const Display::Frame& frame() const { return frame_; }

 private:
  class Recorder : public FrameCanvas {
   public:
    using FrameCanvas::FrameCanvas;
    void clear() override;
    void text(int x_px, int y_px, Font font, std::string_view text, Ink ink) override;
    void icon(int x_px, int y_px, Icon icon) override;
    std::string words;
  };
  Display::Frame frame_{};
  Recorder canvas_{frame_};
};

/// Flash that can lose power: after `words_until_cut` more words, nothing is written any more.
class FakeFlash : public FlashPages {
 public:
  FakeFlash() : bytes(contract::kFlashSizeBytes, 0xFF) {}
  Status erase_page(std::uint32_t offset) override;
  Status program(std::uint32_t offset, Bytes data) override;
  void read(std::uint32_t offset, MutableBytes out) override { std::memcpy(out.data(), &bytes[offset], out.size()); }

  Pixels bytes;
  std::optional<int> words_until_cut;
  std::optional<std::uint32_t> worn_page;  ///< offset of a page that does not keep what is written
  std::function<void()> on_erase = [] {};
  int words_programmed = 0;
};

class FakeEntropy : public Entropy {
 public:
  Status fill(MutableBytes out) override;
  bool broken = false;
  std::function<void()> on_fill = [] {};

 private:
  Random random_{SeedTree(1).stream("entropy")};
};

class FakeWire : public Wire {
 public:
  void start(WireListener& listener) override { listener_ = &listener; }
  bool waits() override { return !incoming_.empty(); }
  void poll() override;
  Status send(Bytes message) override;
  bool can_send() const override { return open_ && !jammed; }
  bool receiving() const override { return receives; }
  void disconnect() override {
    if (open_) close();
  }

  const crypto::CompressedPoint& peer() const override { return who; }

  bool is_open() const { return open_; }
  void open() { incoming_.push_back({Event::kOpen, {}}); }
  void close() { incoming_.push_back({Event::kClose, {}}); }
  void deliver(Bytes message) { incoming_.push_back({Event::kMessage, Pixels(message.begin(), message.end())}); }
  std::vector<Pixels> sent;
  crypto::CompressedPoint who{};  ///< speaks with the card
  std::function<void()> before_open = [] {};
  std::function<void(Bytes)> on_sent = [](Bytes) {};
  bool jammed = false;    ///< nothing goes out any more
  bool receives = false;  ///< a message is on its way in

 private:
  enum class Event { kOpen, kClose, kMessage };
  struct Incoming {
    Event event;
    Pixels message;
  };
  std::deque<Incoming> incoming_;
  bool open_ = false;
  WireListener* listener_ = nullptr;
};

class FakeDisplayLine : public DisplayLine {
 public:
  bool display_present() override { return present; }
  bool present = true;
};

/// The border as on the card: the vault sees a copy of the block, and of its results only what a call gives back.
class CopyingGate : public VaultGate {
 public:
  std::uint32_t call(VaultCall call, MutableBytes block) override {
    before(call);
    alignas(8) ByteArray<kMaxVaultBlockBytes> copy{};
    const MutableBytes used = MutableBytes(copy).first(block.size());
    std::copy(block.begin(), block.end(), used.begin());
    const std::uint32_t code = dispatch(*vault, static_cast<std::uint32_t>(call), used);
    if (code == 0) std::copy(used.begin(), used.end(), block.begin());
    return code;
  }
  std::function<void(VaultCall)> before = [](VaultCall) {};
  Vault* vault = nullptr;
};

/// A curve whose next additions can be made wrong: a fault in the accelerator.
class FaultyCurve : public crypto::HostCurve {
 public:
  Result<crypto::Point> add(const crypto::Point& p, const crypto::Point& q) override {
    if (additions_until_fault && (*additions_until_fault)-- == 0) return HostCurve::add(p, p);
    return HostCurve::add(p, q);
  }
  std::optional<int> additions_until_fault;
};

class FakePhases : public PhasePort {
 public:
  void set_phase(Phase phase) override { phases.push_back(phase); }
  Phase phase() override { return phases.empty() ? Phase::kBoot : phases.back(); }
  void mark(std::uint32_t number) override { marks.push_back(number); }
  std::vector<Phase> phases;
  std::vector<std::uint32_t> marks;
};

}  // namespace touchstone::firmware::testing
