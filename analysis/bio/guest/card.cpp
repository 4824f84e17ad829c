// What a touch costs on the card's processor, from its picture to the secret. Lines as guest/codes.cpp prints them, then one with the numbers
// of the network. For `touchstone bio card` alone.
#include <algorithm>
#include <array>

#include "biometrics/converter.h"
#include "embed/embedder.h"
#include "guest/measure.h"
#include "guest/stack.h"
#include "ridges/angle.h"
#include "ridges/print_analysis.h"

namespace {

using namespace touchstone;
using namespace touchstone::biometrics;

firmware::RiscvHal hal;
rtl_tools::Measure measure(hal);

constexpr int kSide_px = 192;
alignas(8) ByteArray<96 * 1024> work;
ByteArray<std::size_t{kSide_px} * kSide_px> picture;
Feature touch;

template <typename Call>
void run(std::string_view name, std::size_t work_bytes, const Call& call) {
  if (work_bytes > work.size()) measure.fail("the work area is too small");
  const rtl_tools::Stack stack;
  measure(name, call);
  measure.number(static_cast<std::uint32_t>(stack.used()));
  measure.number(static_cast<std::uint32_t>(work_bytes));
  measure.end_line();
}

/// A full sensor with more minutiae than the card describes. Ridges of 9 px, and a spiral of the phase, which
/// is what a minutia is, every 32 px, turning one way and the other.
void draw_print() {
  constexpr int kPitch_px = 32;
  for (int y = 0; y < kSide_px; ++y) {
    for (int x = 0; x < kSide_px; ++x) {
      int phase = y * 256 / 9;
      for (int cy = kPitch_px / 2; cy < kSide_px; cy += kPitch_px) {
        for (int cx = kPitch_px / 2; cx < kSide_px; cx += kPitch_px) {
          const int turn = angle_of(y - cy, x - cx);
          phase += ((cx + cy) / kPitch_px) % 2 == 0 ? turn : -turn;
        }
      }
      picture[static_cast<std::size_t>(y * kSide_px + x)] = static_cast<std::uint8_t>(128 + cosine_q7(static_cast<std::uint8_t>(phase)) * 3 / 4);
    }
  }
}

}  // namespace

int main() {
  draw_print();
  const ImageView view{picture, kSide_px, kSide_px};
  const Network network = finger_network();
  const Architecture& sizes = network.architecture();
  const std::size_t analysis_bytes = PrintAnalysis::work_bytes(kSide_px, kSide_px);

  std::optional<Result<PrintAnalysis>> print;
  run("analysis", analysis_bytes, [&] { print = PrintAnalysis::analyse(view, work); });
  if (!print->ok() || (*print)->minutiae().size() < kCardMinutiae) measure.fail("the picture shows too few minutiae");
  static Patch patch;
  run("sampling", 0, [&] {
    for (int i = 0; i < kCardMinutiae; ++i) (*print)->sample((*print)->minutiae()[static_cast<std::size_t>(i)], patch);
  });
  std::array<std::int16_t, Network::kMaxDescriptor> descriptor;
  const MutableBytes activations = MutableBytes(work).subspan((analysis_bytes + 7) / 8 * 8);
  std::uint8_t worth = 0;
  alignas(8) static ByteArray<48 * 1024> weights;
  if (Network::copy_bytes(sizes) > weights.size()) measure.fail("the network is too large");
  const Network copy = network.copied_to(weights);
  run("network", Network::work_bytes(sizes) + Network::copy_bytes(sizes), [&] {
    for (int i = 0; i < kCardMinutiae; ++i) copy.describe(patch, activations, std::span(descriptor).first(sizes.descriptor), worth);
  });
  static std::array<std::int32_t, kDirectionBasis * Network::kMaxDescriptor> sum;
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] = static_cast<std::int32_t>(i * 7919 % 20011) - 10000;
  run("projection", 0, [&] { network.project(std::span(sum).first(std::size_t{kDirectionBasis} * sizes.descriptor), std::span(touch.components).first(sizes.dimensions)); });

  std::copy(picture.begin(), picture.end(), work.begin());
  Status extracted;
  run("vector-from-picture", extract_work_bytes(kSide_px, kSide_px), [&] {
    extracted = extract({Bytes(work).first(picture.size()), kSide_px, kSide_px}, work, touch);
  });
  if (!extracted) measure.fail("no vector");
  HelperData helper;
  Secret<32> root, again;
  if (!enrol({{&touch, 1}, 1, false}, ByteArray<32>{7}, work, helper, root)) measure.fail("enrolment");
  Status opened;
  run("secret-from-vector", converter_work_bytes(), [&] { opened = regenerate({&touch, 1}, helper, work, again); });
  if (!opened) measure.fail("the record did not open");

  measure("numbers", [] {});
  measure.number(network.products_a_minutia() * kCardMinutiae);
  measure.number(network.products_a_touch());
  measure.number(static_cast<std::uint32_t>(Network::file_bytes(sizes)));
  measure.end_line();
  return 0;
}
