#include "scalars.h"

namespace touchstone::rtl_tools {

std::vector<Number> edge_scalars() {
  std::vector<Number> out;
  for (const char* hex : {"0000000000000000000000000000000000000000000000000000000000000000", "0000000000000000000000000000000000000000000000000000000000000001",
                          "0000000000000000000000000000000000000000000000000000000000000002", "0000000000000000000000000000000000000000000000000000000000000003",
                          "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd036413f",    // n - 2
                          "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140",    // n - 1
                          "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",    // n
                          "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364142",    // n + 1
                          "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                          "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0",    // (n - 1) / 2
                          "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1",
                          "5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72",    // lambda
                          "ac9c52b33fa3cf1f5ad9e3fd77ed9ba4a880b9fc8ec739c2e0cfc810b51283cf"})  // n - lambda
    out.push_back(number(hex));
  for (std::size_t bit = 0; bit < 256; bit += 15) {
    Number sparse{};
    sparse[31 - bit / 8] = static_cast<std::uint8_t>(1u << (bit % 8));
    out.push_back(sparse);
    Number dense{};
    for (std::size_t i = 31 - bit / 8; i < 32; ++i) dense[i] = 0xFF;
    dense[0] &= 0x7F;
    out.push_back(dense);
  }
  return out;
}

}  // namespace touchstone::rtl_tools
