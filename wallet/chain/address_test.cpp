#include "chain/address.h"

#include <gtest/gtest.h>

#include "chain/base58.h"
#include "chain/bech32.h"
#include "chain/test_support.h"

namespace touchstone::chain {
namespace {

using test::from_hex;
using test::to_hex;

// The strings below are those of BIP350, "Test vectors".
TEST(Bech32, Bip350ValidStrings) {
  for (std::string_view text :
       {"A1LQFN3A", "a1lqfn3a",
        "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6",
        "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
        "11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllludsr8",
        "split1checkupstagehandshakeupstreamerranterredcaperredlc445v", "?1v759aa"}) {
    const auto variant = bech32_check(text);
    ASSERT_TRUE(variant.ok()) << text;
    EXPECT_EQ(*variant, Bech32Variant::kBech32m) << text;
  }
}

TEST(Bech32, Bip350InvalidStrings) {
  for (std::string_view text :
       {"\x20"
        "1xj0phk",
        "\x7f"
        "1g6xzxy",
        "\x80"
        "1vctc34",
        "an84characterslonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11d6pts4", "qyrz8wqd2c9m",
        "1qyrz8wqd2c9m", "y1b0jsk6g", "lt1igcx5c0", "in1muywd", "mm1crxm3i", "au1s5cgom", "M1VUXWEZ", "16plkw9",
        "1p2gdwpf"}) {
    EXPECT_FALSE(bech32_check(text).ok()) << text;
  }
}

TEST(Bech32, Bip350ValidAddresses) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "0014751e76e8199196d454941c45d1b3a323f1433bd6"},
      {"tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
       "00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262"},
      {"bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
       "5128751e76e8199196d454941c45d1b3a323f1433bd6751e76e8199196d454941c45d1b3a323f1433bd6"},
      {"BC1SW50QGDZ25J", "6002751e"},
      {"bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs", "5210751e76e8199196d454941c45d1b3a323"},
      {"tb1qqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesrxh6hy",
       "0020000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433"},
      {"tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c",
       "5120000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433"},
      {"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
       "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"}};
  for (const auto& [text, script_hex] : cases) {
    std::string lower(text);
    for (char& c : lower) c = static_cast<char>(std::tolower(c));
    const Network network = lower.starts_with("bc1") ? Network::kMain : Network::kTest;
    const auto script = script_of_address(text, network);
    ASSERT_TRUE(script.ok()) << text;
    EXPECT_EQ(to_hex(script->view()), script_hex);
    EXPECT_EQ(address_of_script(script->view(), network)->view(), lower);
    const Network other = network == Network::kMain ? Network::kTest : Network::kMain;
    EXPECT_EQ(script_of_address(text, other).error().code, ErrorCode::kMismatch);
  }
}

TEST(Bech32, Bip350InvalidAddresses) {
  for (std::string_view text :
       {"tc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq5zuyut",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
        "tb1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqglt7rf",
        "BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh",
        "tb1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq24jc47",
        "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",
        "BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R", "bc1pw5dgrnzv",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav",
        "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P", "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47Zagq",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf",
        "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vpggkg4j", "bc1gmk9yu"}) {
    EXPECT_FALSE(script_of_address(text, Network::kMain).ok()) << text;
    EXPECT_FALSE(script_of_address(text, Network::kTest).ok()) << text;
  }
}

TEST(Address, EverySingleCharacterErrorIsFound) {
  const std::string_view charset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  const auto good = segwit_encode("bcrt", 1, ByteVector(32, 0x42));
  ASSERT_TRUE(good.ok());
  for (std::size_t i = 5; i < good->size(); ++i) {
    for (char c : charset) {
      std::string text(good->view());
      if (text[i] == c) continue;
      text[i] = c;
      EXPECT_FALSE(script_of_address(text, Network::kRegtest).ok()) << text;
    }
  }
}

// Bech32 keeps its checksum when a 'q' is put before a final 'p' (BIP350, "Motivation"): five zero bits too many must tell.
TEST(Address, AnInsertedCharacterIsFoundInVersionZeroToo) {
  std::size_t tried = 0;
  for (std::uint8_t seed = 0; seed < 255; ++seed) {
    std::string text(segwit_encode("bcrt", 0, ByteVector(20, seed))->view());
    if (text.back() != 'p') continue;
    text.insert(text.size() - 1, "q");
    EXPECT_EQ(bech32_check(text).value(), Bech32Variant::kBech32) << text;
    EXPECT_FALSE(script_of_address(text, Network::kRegtest).ok()) << text;
    ++tried;
  }
  EXPECT_GT(tried, 0u);
}

// The address of the genesis block's coinbase key, and the all-zero hash.
TEST(Address, Base58) {
  const std::string_view genesis = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
  const auto script = script_of_address(genesis, Network::kMain);
  ASSERT_TRUE(script.ok());
  EXPECT_EQ(to_hex(script->view()), "76a91462e907b15cbf27d5425399ebf6f0fb50ebb88f1888ac");
  EXPECT_EQ(address_of_script(script->view(), Network::kMain)->view(), genesis);
  EXPECT_EQ(script_of_address(genesis, Network::kTest).error().code, ErrorCode::kMismatch);

  const ByteVector zero_hash = from_hex("76a914000000000000000000000000000000000000000088ac");
  EXPECT_EQ(address_of_script(zero_hash, Network::kMain)->view(), "1111111111111111111114oLvT2");
  EXPECT_EQ(script_of_address("1111111111111111111114oLvT2", Network::kMain)->view().size(), 25u);
  EXPECT_FALSE(script_of_address("111111111111111111114oLvT2", Network::kMain).ok());
  EXPECT_FALSE(script_of_address("11111111111111111111114oLvT2", Network::kMain).ok());

  for (const auto& [hex, first] : {std::pair{"a914abababababababababababababababababababab87", '3'}}) {
    const ByteVector p2sh = from_hex(hex);
    const auto text = address_of_script(p2sh, Network::kMain);
    ASSERT_TRUE(text.ok());
    EXPECT_EQ(text->view()[0], first);
    EXPECT_EQ(test::bytes_of(script_of_address(text->view(), Network::kMain)->view()), p2sh);
    EXPECT_EQ(address_of_script(p2sh, Network::kRegtest)->view()[0], '2');
  }
  for (std::string_view bad : {"", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "0A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
                               "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa1"}) {
    EXPECT_FALSE(script_of_address(bad, Network::kMain).ok()) << bad;
  }
}

TEST(Address, ScriptsWithoutAnAddress) {
  for (std::string_view hex :
       {"", "6a", "51", "76a914", "5103aabb", "0015aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
    EXPECT_FALSE(address_of_script(from_hex(hex), Network::kMain).ok()) << hex;
  }
}

TEST(Address, NetworksHaveNames) {
  for (Network network : {Network::kMain, Network::kTest, Network::kSignet, Network::kRegtest}) {
    EXPECT_EQ(network_from_string(to_string(network)).value(), network);
  }
  EXPECT_FALSE(network_from_string("mainnet").ok());
  const ByteArray<34> script = p2tr_script({});
  EXPECT_EQ(address_of_script(script, Network::kSignet)->view(), address_of_script(script, Network::kTest)->view());
  EXPECT_TRUE(address_of_script(script, Network::kRegtest)->view().starts_with("bcrt1p"));
}

TEST(Amount, Text) {
  EXPECT_EQ(format_btc(0).view(), "0.00000000 BTC");
  EXPECT_EQ(format_btc(1).view(), "0.00000001 BTC");
  EXPECT_EQ(format_btc(123'456'789'012).view(), "1234.56789012 BTC");
  EXPECT_EQ(format_btc(2'100'000'000'000'000).view(), "21000000.00000000 BTC");
  EXPECT_EQ(format_sat(2'100'000'000'000'000).view(), "2100000000000000 sat");
  EXPECT_FALSE(format_btc(~std::uint64_t{0}).truncated());
  EXPECT_FALSE(format_sat(~std::uint64_t{0}).truncated());
}

TEST(FixedText, SaysWhenItWasCut) {
  FixedText<4> text("abcd");
  EXPECT_FALSE(text.truncated());
  text.append('e');
  EXPECT_TRUE(text.truncated());
  EXPECT_EQ(text.view(), "abcd");
  text.clear();
  text.append_decimal(7, 3);
  EXPECT_EQ(text.view(), "007");
}

}  // namespace
}  // namespace touchstone::chain
