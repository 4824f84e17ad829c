#include "drivers/secp_driver.h"

#include "base/secret.h"
#include "crypto/point.h"
#include "drivers/irq.h"

namespace touchstone::firmware {

using crypto::Point;
using crypto::Scalar;
namespace secp = contract::secp;

namespace {
constexpr Error kNotOnCurve{ErrorCode::kNotOnCurve, "not a point of secp256k1"};
}  // namespace

// The core counts words from the least significant one, our numbers bytes from the most significant one.
void SecpDriver::write_number(std::uint32_t offset_bytes, Bytes big_endian) {
  for (std::uint32_t i = 0; i < 8; ++i)
    hal_.write32(secp::kBase + offset_bytes + 4 * i, load_be32(big_endian.data() + 28 - 4 * i));
}

void SecpDriver::read_number(std::uint32_t offset_bytes, ByteArray<32>& big_endian) {
  for (std::uint32_t i = 0; i < 8; ++i)
    store_be32(big_endian.data() + 28 - 4 * i, hal_.read32(secp::kBase + offset_bytes + 4 * i));
}

Status SecpDriver::check_free() {
  if ((hal_.read32(secp::kBase + secp::kStatus) & secp::kStatusBusyMask) == 0) return {};
  return Error{ErrorCode::kDevice, "accelerator busy"};
}

Result<Point> SecpDriver::run(secp::Op op) {
  hal_.write32(secp::kBase + secp::kIntrState, 1);
  hal_.write32(secp::kBase + secp::kIntrEnable, 1);
  hal_.write32(secp::kBase + secp::kOp, static_cast<std::uint32_t>(op) << secp::kOpShift);
  hal_.write32(secp::kBase + secp::kStart, 1);
  const Status done = wait_for_line(hal_, contract::Irq::kSecp, kTimeout_cycles);
  const std::uint32_t status = hal_.read32(secp::kBase + secp::kStatus);
  hal_.write32(secp::kBase + secp::kIntrState, 1);
  hal_.write32(secp::kBase + secp::kIntrEnable, 0);
  if (!done) return Error{ErrorCode::kDevice, "accelerator silent"};
  if ((status & (secp::kStatusBusyMask | secp::kStatusDoneMask)) != secp::kStatusDoneMask)
    return Error{ErrorCode::kDevice, "accelerator reports an end that is none"};
  if ((status & secp::kStatusNotOnCurveMask) != 0) return kNotOnCurve;
  // A Scalar is below the group order, so this bit cannot be ours.
  if ((status & secp::kStatusBadScalarMask) != 0) return Error{ErrorCode::kDevice, "accelerator refused a valid scalar"};
  if ((status & secp::kStatusInfinityMask) != 0) return Point{};
  Point out;
  read_number(secp::kRx, out.x);
  read_number(secp::kRy, out.y);
  out.infinity = false;
  return out;
}

Status SecpDriver::check_on_curve(const Point& p) {
  const Result<Point> lifted = lift_x(p.x);
  if (!lifted) return lifted.error();
  if (crypto::equal(*lifted, p) || crypto::equal(crypto::negate(*lifted), p)) return {};
  return kNotOnCurve;
}

Result<Point> SecpDriver::multiply(const Scalar& k, const Point& p) {
  if (p.infinity) return Point{};
  TS_RETURN_IF_ERROR(check_free());
  const Secret<32> scalar = k.to_secret();
  write_number(secp::kK, scalar.expose());
  write_number(secp::kPx, p.x);
  write_number(secp::kPy, p.y);
  return run(secp::Op::kMul);
}

Result<Point> SecpDriver::multiply_base(const Scalar& k) {
  TS_RETURN_IF_ERROR(check_free());
  const Secret<32> scalar = k.to_secret();
  write_number(secp::kK, scalar.expose());
  return run(secp::Op::kMulBase);
}

Result<Point> SecpDriver::add(const Point& p, const Point& q) {
  if (p.infinity || q.infinity) {
    const Point& sum = p.infinity ? q : p;
    if (!sum.infinity) TS_RETURN_IF_ERROR(check_on_curve(sum));
    return sum;
  }
  TS_RETURN_IF_ERROR(check_free());
  write_number(secp::kPx, p.x);
  write_number(secp::kPy, p.y);
  write_number(secp::kQx, q.x);
  write_number(secp::kQy, q.y);
  return run(secp::Op::kAdd);
}

Result<Point> SecpDriver::lift_x(const ByteArray<32>& x) {
  TS_RETURN_IF_ERROR(check_free());
  write_number(secp::kPx, x);
  return run(secp::Op::kLiftX);
}

}  // namespace touchstone::firmware
