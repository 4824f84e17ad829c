// A MuSig2 session of three, two of them hostile.
#include "contract/musig2.h"
#include "curve_host/host_curve.h"
#include "mpc/musig2_party.h"
#include "session.h"

namespace {
using namespace touchstone;

struct Fixture {
  crypto::HostCurve curve;
  std::array<crypto::Scalar, 3> shares = {crypto::Scalar::from_u32(7), crypto::Scalar::from_u32(8), crypto::Scalar::from_u32(9)};
  std::optional<mpc::musig2::KeyAggContext> keys;
  mpc::Parties parties;
  Fixture() {
    std::array<crypto::CompressedPoint, 3> points;
    for (std::size_t i = 0; i < 3; ++i) points[i] = crypto::compress(curve.multiply_base(shares[i]).value());
    keys.emplace(mpc::musig2::aggregate_keys(curve, points, {}).value());
    const std::array<mpc::PartyId, 3> ids = {1, 2, 3};
    parties = mpc::Parties::of(ids).value();
  }
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Fixture f;
  const ByteArray<32> message = {1}, random32 = {2};
  auto session = mpc::musig2::PartySession::create(f.curve, crypto::schnorr_verify, f.parties, 1, f.shares[0], *f.keys, message, {}, random32);
  fuzz::deliver_all(*session, session->id(), Bytes(data, size));
  return 0;
}
