#include "biometrics/converter.h"

#include <algorithm>
#include <array>
#include <bit>

#include "ridges/angle.h"

namespace touchstone::biometrics {
namespace {

constexpr int kNone = -1;  // no touch is left out

/// The sum of a finger's touches but `left_out`, brought back to a standard deviation of 32: every finger weighs the same.
void fuse(std::span<const Feature> touches, int left_out, Feature& out) {
  std::array<std::int32_t, kMaxDimensions> sum{};
  const WipeAtExit wipe_sum(sum);
  out.dimensions = touches[0].dimensions;
  for (std::size_t t = 0; t < touches.size(); ++t) {
    if (static_cast<int>(t) == left_out) continue;
    for (std::size_t i = 0; i < out.dimensions; ++i) sum[i] += touches[t].components[i];
  }
  std::uint32_t energy = 0;  // 8 touches of at most 127: below 2^28
  for (const std::int32_t s : sum) energy += static_cast<std::uint32_t>(s * s);
  const auto deviation = static_cast<std::int32_t>(std::max<std::uint32_t>(square_root(energy / out.dimensions), 1));
  for (std::size_t i = 0; i < out.dimensions; ++i) {
    out.components[i] = static_cast<std::int8_t>(std::clamp<std::int32_t>(sum[i] * 32 / deviation, -127, 127));
  }
}

using FusedFingers = std::array<Feature, kMaxFingers>;
using Views = std::array<codes::Vector, kMaxFingers>;

std::span<const codes::Vector> views_of(std::span<const Feature> fingers, Views& views) {
  std::transform(fingers.begin(), fingers.end(), views.begin(), [](const Feature& f) { return f.vector(); });
  return std::span(views).first(fingers.size());
}

Status check(const EnrolmentTouches& enrolment) {
  const auto count = static_cast<int>(enrolment.touches.size());
  if (enrolment.fingers < 1 || enrolment.fingers > kMaxFingers) return Error{ErrorCode::kOutOfRange, "number of fingers"};
  if (count == 0 || count % enrolment.fingers != 0 || count / enrolment.fingers > kMaxTouches) {
    return Error{ErrorCode::kOutOfRange, "number of touches"};
  }
  for (const Feature& touch : enrolment.touches) {
    if (touch.dimensions == 0 || touch.dimensions != enrolment.touches[0].dimensions) {
      return Error{ErrorCode::kOutOfRange, "a touch holds no vector"};
    }
  }
  return {};
}

std::span<const Feature> fuse_all(const EnrolmentTouches& enrolment, int left_out, FusedFingers& fused) {
  const auto fingers = static_cast<std::size_t>(enrolment.fingers);
  const std::size_t touches = enrolment.touches.size() / fingers;
  for (std::size_t f = 0; f < fingers; ++f) fuse(enrolment.touches.subspan(f * touches, touches), left_out, fused[f]);
  return std::span(fused).first(fingers);
}

Status enrol_but(const EnrolmentTouches& enrolment, int left_out, Bytes randomness, MutableBytes work_area, HelperData& out, Secret<32>& root) {
  FusedFingers fused;
  Views views;
  const auto fingers = fuse_all(enrolment, left_out, fused);
  const codes::EnrolOptions options{code_for(enrolment.fingers, fused[0].dimensions), enrolment.any_order, false};
  return codes::enrol(views_of(fingers, views), options, randomness, work_area, out, root);
}

Status regenerate_from(std::span<const codes::Vector> vectors, const HelperData& helper, MutableBytes work_area, Secret<32>& root) {
  const Network network = finger_network();
  codes::RegenerateOptions options;
  options.list_size = kListSize;
  options.least_agreement_percent = kLeastAgreement_percent;
  if (helper.dimensions == network.architecture().dimensions) options.reliability = network.reliability();
  return codes::regenerate(vectors, helper, options, work_area, root);
}

}  // namespace

codes::CodeChoice code_for(int fingers, int dimensions) {
  static constexpr std::array<std::uint16_t, kMaxFingers> kMessage_bits = {24, 40, 56, 96};
  TS_CHECK(fingers >= 1 && fingers <= kMaxFingers, "number of fingers");
  const int n = std::min<int>(1024, static_cast<int>(std::bit_floor(static_cast<unsigned>(fingers * dimensions))));
  return {codes::CodeFamily::kPolar, static_cast<std::uint16_t>(n), kMessage_bits[static_cast<std::size_t>(fingers - 1)]};
}

std::size_t converter_work_bytes() {
  return codes::regenerate_work_bytes({codes::CodeFamily::kPolar, 1024, 1}, kMaxDimensions, kMaxFingers, kListSize);
}

Status enrol(const EnrolmentTouches& enrolment, Bytes randomness, MutableBytes work_area, HelperData& out, Secret<32>& root) {
  TS_RETURN_IF_ERROR(check(enrolment));
  return enrol_but(enrolment, kNone, randomness, work_area, out, root);
}

Status rehearse(const EnrolmentTouches& enrolment, int left_out, Bytes randomness, MutableBytes work_area) {
  TS_RETURN_IF_ERROR(check(enrolment));
  const auto touches = static_cast<int>(enrolment.touches.size()) / enrolment.fingers;
  if (left_out < 0 || left_out >= touches) return Error{ErrorCode::kOutOfRange, "no such touch"};
  HelperData helper;
  Secret<32> root, again;
  TS_RETURN_IF_ERROR(enrol_but(enrolment, touches == 1 ? kNone : left_out, randomness, work_area, helper, root));
  Views probes;
  for (int f = 0; f < enrolment.fingers; ++f) {
    probes[static_cast<std::size_t>(f)] = enrolment.touches[static_cast<std::size_t>(f * touches + left_out)].vector();
  }
  return regenerate_from(std::span(probes).first(static_cast<std::size_t>(enrolment.fingers)), helper, work_area, again);
}

Status reopen(const EnrolmentTouches& enrolment, const HelperData& helper, MutableBytes work_area, Secret<32>& root) {
  root.wipe_now();
  TS_RETURN_IF_ERROR(check(enrolment));
  FusedFingers fused;
  return regenerate(fuse_all(enrolment, kNone, fused), helper, work_area, root);
}

Status regenerate(std::span<const Feature> fingers, const HelperData& helper, MutableBytes work_area, Secret<32>& root) {
  root.wipe_now();
  if (fingers.size() > kMaxFingers) return Error{ErrorCode::kOutOfRange, "number of fingers"};
  Views views;
  return regenerate_from(views_of(fingers, views), helper, work_area, root);
}

}  // namespace touchstone::biometrics
