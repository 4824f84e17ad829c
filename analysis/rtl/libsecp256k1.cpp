#include <secp256k1.h>

#include "curve_host/host_curve.h"
#include "reference.h"

namespace touchstone::rtl_tools {

namespace {

class Libsecp256k1 final : public Reference {
 public:
  const char* name() const override { return "libsecp256k1"; }
  bool on_curve(const Affine& untrusted) override { return curve_.add({untrusted.x, untrusted.y, false}, {}).ok(); }
  MaybePoint multiply(const Number& k, const Affine& p) override {
    return maybe(curve_.multiply(crypto::Scalar::from_bytes(k).value(), {p.x, p.y, false}).value());
  }
  MaybePoint add(const MaybePoint& p, const MaybePoint& q) override {
    return maybe(curve_.add(point(p), point(q)).value());
  }
  std::optional<Affine> lift_x(const Number& untrusted_x) override {
    const auto lifted = curve_.lift_x(untrusted_x);
    return lifted.ok() ? maybe(*lifted) : std::nullopt;
  }
  // Its functions on secret keys refuse 0.
  Number add_n(const Number& a, const Number& b) override {
    if (a == Number{}) return b;
    Number sum = a;
    return secp256k1_ec_seckey_tweak_add(secp256k1_context_static, sum.data(), b.data()) == 1 ? sum : Number{};
  }
  Number multiply_n(const Number& a, const Number& b) override {
    if (a == Number{} || b == Number{}) return {};
    Number product = a;
    return secp256k1_ec_seckey_tweak_mul(secp256k1_context_static, product.data(), b.data()) == 1 ? product : Number{};
  }
  /// a^(n - 2): it has no inverse in its interface.
  Number invert_n(const Number& a) override {
    Number exponent = kOrder;
    exponent[31] = static_cast<std::uint8_t>(exponent[31] - 2);
    Number out{};
    out[31] = 1;
    for (const std::uint8_t byte : exponent)
      for (int bit = 7; bit >= 0; --bit) {
        out = multiply_n(out, out);
        if (byte >> bit & 1) out = multiply_n(out, a);
      }
    return out;
  }

 private:
  static MaybePoint maybe(const crypto::Point& p) { return p.infinity ? std::nullopt : MaybePoint({p.x, p.y}); }
  static crypto::Point point(const MaybePoint& p) { return p ? crypto::Point{p->x, p->y, false} : crypto::Point{}; }

  crypto::HostCurve curve_;
};

}  // namespace

std::unique_ptr<Reference> make_libsecp256k1() { return std::make_unique<Libsecp256k1>(); }

}  // namespace touchstone::rtl_tools
