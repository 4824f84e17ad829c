// The payment a wallet sends: parsed and judged as the card does, in an account of either kind.
#include "chain/review.h"
#include "curve_host/host_curve.h"

namespace {
using namespace touchstone;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static crypto::HostCurve curve;
  static const crypto::Point key = curve.multiply_base(crypto::Scalar::from_u32(5)).value();
  int accepted = 0;
  for (const auto kind : {chain::AddressKind::kTaproot, chain::AddressKind::kSegwitV0}) {
    const auto review = chain::review(Bytes(data, size), {key, chain::Network::kRegtest, kind}, curve);
    if (!review) continue;
    ++accepted;
    if (review->total_sat + review->change_sat + review->fee_sat != review->input_sat) __builtin_trap();
  }
  if (accepted > 1) __builtin_trap();
  return 0;
}
