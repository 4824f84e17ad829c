// What codes, rotation and joint lock cost on the card's processor. A line each: a name, then in hex cycles, awake cycles, instructions,
// bytes of stack and bytes of work area. For `touchstone bio codes --card` alone.
#include <algorithm>
#include <array>

#include "codes/bch.h"
#include "codes/code_offset.h"
#include "codes/rotation.h"
#include "crypto/sha256.h"
#include "guest/measure.h"
#include "guest/stack.h"

namespace {

using namespace touchstone;
using namespace touchstone::codes;

firmware::RiscvHal hal;
rtl_tools::Measure measure(hal);

/// The same numbers on every run, spread like a whitened vector's: bytes of a hash, turned to a standard deviation of about 32.
class Numbers {
 public:
  explicit Numbers(std::uint8_t seed) { state_[0] = seed; }
  std::int8_t next() {
    if (left_ == 0) {
      state_ = crypto::sha256(state_);
      left_ = state_.size();
    }
    return static_cast<std::int8_t>((state_[--left_] - 128) * 55 / 128);
  }

 private:
  ByteArray<32> state_{};
  std::size_t left_ = 0;
};

alignas(4) ByteArray<72 * 1024> work;
std::array<std::int8_t, 1024> enrolled, probe;

template <typename Call>
void run(std::string_view name, std::size_t work_bytes, const Call& call) {
  const rtl_tools::Stack stack;
  measure(name, call);
  measure.number(static_cast<std::uint32_t>(stack.used()));
  measure.number(static_cast<std::uint32_t>(work_bytes));
  measure.end_line();
}

void rotate(std::string_view name, int log2) {
  const std::span values(reinterpret_cast<std::int32_t*>(work.data()), std::size_t{1} << log2);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = 127 * enrolled[i % enrolled.size()];
  run(name, 4 * values.size(), [&] { Rotation({1}, log2).apply(values); });
}

void decode_polar(std::string_view name, int log2, int k, int list_size) {
  const PolarCode code(log2, k);
  std::array<std::int16_t, 1024> llr;
  for (std::size_t i = 0; i < llr.size(); ++i) llr[i] = static_cast<std::int16_t>(probe[i] / 2);
  PolarListDecoder decoder(code, list_size, work);
  run(name, PolarListDecoder::work_bytes(log2, list_size), [&] { decoder.decode(std::span(llr).first(at(code.length()))); });
}

void decode_bch(std::string_view name, int n, int k) {
  const BchCode code = *BchCode::find(n, k);
  BitWord<1024> message, word;
  for (int i = 0; i < k; ++i) message.set(i, enrolled[at(i)] < 0);
  const MutableWords words = MutableWords(word.limbs).first(at(words_for(n)));
  code.encode(Words(message.limbs).first(at(words_for(k))), words);
  for (int e = 0; e < code.correctable(); ++e) flip(words, e * n / code.correctable());
  bool good = false;
  run(name, 0, [&] { good = code.decode(words); });
  if (!good) measure.fail("a word with t errors was not decoded");
}

void regenerate_root(std::string_view name, const char* code, int dimensions, int fingers, bool any_order, int list_size) {
  std::array<Vector, kMaxFingers> views, probes;
  for (std::size_t f = 0; f < at(fingers); ++f) {
    const std::size_t first = f * at(dimensions);
    views[f] = Vector(enrolled).subspan(first, at(dimensions));
    // The order tried last.
    probes[any_order ? at(fingers) - 1 - f : f] = Vector(probe).subspan(first, at(dimensions));
  }
  HelperData helper;
  Secret<32> root, again;
  const CodeChoice choice = CodeChoice::parse(code).value();
  const std::size_t bytes = regenerate_work_bytes(choice, dimensions, fingers, list_size);
  if (!enrol(std::span(views).first(at(fingers)), {choice, any_order}, ByteArray<32>{7}, work, helper, root).ok()) measure.fail("enrolment");
  bool good = false;
  run(name, bytes, [&] {
    RegenerateOptions options;
    options.list_size = list_size;
    good = regenerate(std::span(probes).first(at(fingers)), helper, options, MutableBytes(work).first(bytes), again).ok();
  });
  if (!good || !equal_constant_time(root.expose(), again.expose())) measure.fail("the record did not open");
}

}  // namespace

int main() {
  Numbers numbers(1), noise(2);
  for (std::size_t i = 0; i < enrolled.size(); ++i) {
    enrolled[i] = numbers.next();
    probe[i] = static_cast<std::int8_t>((3 * enrolled[i] + 4 * noise.next()) / 5);  // a correlation of 0.6
  }
  rotate("rotation-256", 8);
  rotate("rotation-512", 9);
  rotate("rotation-1024", 10);
  run("code-polar-512-24", 0, [] { static_cast<void>(PolarCode(9, 24)); });
  decode_polar("decode-polar-256-20-list-8", 8, 20, 8);
  decode_polar("decode-polar-512-24-list-8", 9, 24, 8);
  decode_polar("decode-polar-512-24-list-32", 9, 24, 32);
  decode_polar("decode-polar-1024-40-list-8", 10, 40, 8);
  decode_bch("decode-bch-511-31", 511, 31);
  decode_bch("decode-bch-255-47", 255, 47);
  run("enrol-polar-512-24", enrol_work_bytes(512, 1), [] {
    HelperData helper;
    Secret<32> root;
    const Vector finger = Vector(enrolled).first(512);
    const EnrolOptions options{CodeChoice{CodeFamily::kPolar, 512, 24}};
    if (!enrol({&finger, 1}, options, ByteArray<32>{7}, work, helper, root).ok()) measure.fail("enrolment");
  });
  regenerate_root("regenerate-polar-256-20-list-8", "polar-256-20", 256, 1, false, 8);
  regenerate_root("regenerate-polar-512-24-list-8", "polar-512-24", 512, 1, false, 8);
  regenerate_root("regenerate-polar-512-24-list-32", "polar-512-24", 512, 1, false, 32);
  regenerate_root("regenerate-polar-512-24-list-8-set-of-2", "polar-512-24", 256, 2, true, 8);
  regenerate_root("regenerate-polar-1024-40-list-8-sequence-of-2", "polar-1024-40", 512, 2, false, 8);
  return 0;
}
