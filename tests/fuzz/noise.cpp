// Handshake messages from a stranger, for every pattern and role, and sealed messages after a true handshake.
#include <algorithm>
#include <cstdlib>

#include "curve_host/host_curve.h"
#include "mpc_channel/noise.h"

namespace {
using namespace touchstone;
namespace noise = mpc::noise;

struct Fixture {
  crypto::HostCurve curve;
  crypto::Scalar own = crypto::Scalar::from_u32(11), other = crypto::Scalar::from_u32(12);
  crypto::CompressedPoint own_key = crypto::compress(curve.multiply_base(own).value()),
                          other_key = crypto::compress(curve.multiply_base(other).value());
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static Fixture f;
  const auto pattern = static_cast<noise::Pattern>(data[0] % 3);
  const bool initiator = data[0] & 0x80;
  const bool known = pattern == noise::Pattern::kKK || (pattern == noise::Pattern::kXK && initiator);
  const ByteArray<32> random32 = {5};
  auto handshake = noise::Handshake::start(f.curve, pattern, initiator, {f.own, f.own_key}, known ? std::optional(f.other_key) : std::nullopt, {}, random32);
  if (!handshake) std::abort();
  ByteReader reader(Bytes(data + 1, size - 1));
  ByteArray<512> buffer;
  while (!handshake->done()) {
    if (handshake->writes_next()) {
      if (!handshake->write({}, buffer)) break;
      continue;
    }
    const std::size_t length = std::min<std::size_t>(reader.u8(), reader.remaining());
    if (length == 0 || !handshake->read(reader.take(length), buffer)) break;
  }
  // XX is finished by anybody, with a key of its own; never with that of the other party.
  if (handshake->done() && handshake->peer() == f.other_key) std::abort();

  // After a true handshake: nothing that was not sealed by the peer opens, and the first that does not ends the channel.
  auto peer = noise::Handshake::start(f.curve, noise::Pattern::kKK, false, {f.other, f.other_key}, f.own_key, {}, random32);
  auto own = noise::Handshake::start(f.curve, noise::Pattern::kKK, true, {f.own, f.own_key}, f.other_key, {}, random32);
  if (!peer->read(own->write({}, buffer).value(), {}) || !own->read(peer->write({}, buffer).value(), {})) std::abort();
  noise::Keys keys = own->finish().value();
  const Bytes sealed(data + 1, std::min<std::size_t>(data[0], size - 1));
  const std::size_t text = std::max(sealed.size(), noise::kTagBytes) - noise::kTagBytes;
  if (keys.receive.open({}, sealed, MutableBytes(buffer).first(text))) std::abort();
  if (sealed.size() >= noise::kTagBytes && keys.receive.has_key()) std::abort();
  return 0;
}
