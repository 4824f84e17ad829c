#include "mpc_session/roots.h"

#include <gtest/gtest.h>

#include "support/hex.h"

namespace touchstone::mpc {
namespace {

using test::hex;

TEST(MpcRoots, AShareDependsOnEveryPartOfItsName) {
  Secret<32> root;
  for (std::size_t i = 0; i < 32; ++i) root.expose()[i] = static_cast<std::uint8_t>(i);
  const auto share = [&](const KeyName& key) { return hex(derive_share(root, key)->to_bytes()); };
  const std::string base = share({Scheme::kMusig2, 1, 0, 1});
  // Worked out apart from this code, with Python's hmac and integers: RFC 5869 with an empty salt, then mod n.
  EXPECT_EQ(base, "ed7b17dcb59ecd3c52d1f406d6588c38c2649922b8a9d71efc59f60801c8e928");
  for (const Scheme other : {Scheme::kFrost, Scheme::kDkls23, Scheme::kLindell17}) EXPECT_NE(share({other, 1, 0, 1}), base);
  EXPECT_NE(share({Scheme::kMusig2, 0, 0, 1}), base);
  EXPECT_NE(share({Scheme::kMusig2, 1, 1, 1}), base);
  EXPECT_NE(share({Scheme::kMusig2, 1, 0, 2}), base);
  Secret<32> seal, other_seal;
  derive_sealing_key(root, {Scheme::kMusig2, 1, 0, 1}, seal);
  derive_sealing_key(root, {Scheme::kLindell17, 1, 0, 1}, other_seal);
  EXPECT_NE(hex(seal.expose()), base);
  EXPECT_NE(hex(seal.expose()), hex(other_seal.expose()));
  root.expose()[31] ^= 1;
  EXPECT_NE(share({Scheme::kMusig2, 1, 0, 1}), base);
  EXPECT_NE(base, hex(root.expose()));
}

}  // namespace
}  // namespace touchstone::mpc
