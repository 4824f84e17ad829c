// The payment a wallet sends: parsed and judged as the card does.
#include "chain/review.h"
#include "curve_host/host_curve.h"

namespace {
using namespace touchstone;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static crypto::HostCurve curve;
  static const chain::AccountKeys keys{.aggregate_key = curve.multiply_base(crypto::Scalar::from_u32(5)).value()};
  (void)chain::review(Bytes(data, size), keys, curve);
  return 0;
}
