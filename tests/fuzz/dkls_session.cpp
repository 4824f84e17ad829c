// The DKLs23 sessions of a party whose only peer is hostile. The first byte chooses: set-up, key, signature.
#include "curve_host/host_curve.h"
#include "mpc_dkls/sign.h"
#include "mpc_session/network.h"
#include "session.h"

namespace {
using namespace touchstone;
using namespace touchstone::mpc::dkls;

struct Fixture {
  crypto::HostCurve curve;
  std::array<std::uint8_t, OtSetup::kBytes> stored;
  SigningKey key;
  Fixture() {
    const ByteArray<32> session = {1}, random = {2}, other_random = {3};
    mpc::MemoryFuse fuse;
    OtSetup first(&fuse), second;
    SetupSession a(curve, session, 1, 2, random, random, first), b(curve, session, 2, 1, other_random, other_random, second);
    mpc::Network network;
    network.join(1, a);
    network.join(2, b);
    network.run();
    TS_CHECK(first.store(stored).ok(), "set-up");
    const std::array<mpc::PartyId, 2> ids = {1, 2};
    key.signers = mpc::Parties::of(ids).value();
    for (std::uint32_t i = 0; i < 2; ++i) key.share_points[i] = curve.multiply_base(crypto::Scalar::from_u32(7 + i)).value();
    key.public_key = curve.multiply_base(crypto::Scalar::from_u32(15)).value();
  }
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static Fixture f;
  const ByteArray<32> id = {4}, random32 = {5};
  const Bytes input(data + 1, size - 1);
  mpc::MemoryFuse fuse;  // every input starts with a set-up that is whole
  OtSetup setup(&fuse);
  if (data[0] % 3 == 0) {
    SetupSession session(f.curve, id, 1, 2, random32, random32, setup);
    fuzz::deliver_all(session, id, input);
  } else if (data[0] % 3 == 1) {
    KeySession session(f.curve, {id, 1, 2, 0, {}, {}}, crypto::Scalar::from_u32(7), random32);
    fuzz::deliver_all(session, id, input);
  } else {
    static SignWorkspace<1> workspace;
    if (!setup.load(f.stored)) return 0;
    OtSetup* const setups[] = {&setup};
    SignSession session(f.curve, crypto::ecdsa_verify, {id, 1, &f.key, setups, {}}, random32, workspace.memory());
    fuzz::deliver_all(session, session.id(), input);
  }
  return 0;
}
