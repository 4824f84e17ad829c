// Published vectors: BIP341 (wallet-test-vectors.json), BIP143 (the examples in its text) and BIP32 (the extended keys
// there).
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "chain/der.h"
#include "chain/sighash.h"
#include "chain/test_support.h"
#include "curve_host/host_ecdsa.h"
#include "support/data.h"

namespace touchstone::chain {
namespace {

using crypto::Scalar;
using nlohmann::json;
using test::array_from_hex;
using test::from_hex;
using test::to_hex;

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

json bip341(const std::filesystem::path& folder) { return json::parse(text_of(folder / "wallet-test-vectors.json")); }

struct Leaf {
  std::size_t id;
  ByteArray<32> hash;
  std::uint8_t version;
  ByteVector script;
  std::string path;  // sibling hashes from the leaf up, hexadecimal
};

/// Hash of a script tree; appends its leaves with their Merkle paths.
ByteArray<32> tree_hash(const json& tree, std::vector<Leaf>& leaves) {
  if (tree.is_object()) {
    Leaf leaf{tree["id"], {}, tree["leafVersion"], from_hex(tree["script"].get<std::string>()), ""};
    leaf.hash = tap_leaf_hash(leaf.version, leaf.script);
    leaves.push_back(leaf);
    return leaf.hash;
  }
  std::vector<Leaf> left, right;
  const ByteArray<32> left_hash = tree_hash(tree[0], left);
  const ByteArray<32> right_hash = tree_hash(tree[1], right);
  for (Leaf& leaf : left) leaf.path += to_hex(right_hash);
  for (Leaf& leaf : right) leaf.path += to_hex(left_hash);
  leaves.insert(leaves.end(), left.begin(), left.end());
  leaves.insert(leaves.end(), right.begin(), right.end());
  return tap_branch_hash(left_hash, right_hash);
}

TEST(Bip341Vectors, ScriptPubKeys) {
  TS_DATA_OR_SKIP(path, "vectors/bip341");
  crypto::HostCurve curve;
  const json cases = bip341(path)["scriptPubKey"];
  ASSERT_EQ(cases.size(), 7u);
  for (const json& c : cases) {
    const auto internal = array_from_hex<32>(c["given"]["internalPubkey"].get<std::string>());
    std::vector<Leaf> leaves;
    ByteVector root;
    if (!c["given"]["scriptTree"].is_null()) {
      const ByteArray<32> hash = tree_hash(c["given"]["scriptTree"], leaves);
      root.assign(hash.begin(), hash.end());
      EXPECT_EQ(to_hex(root), c["intermediary"]["merkleRoot"]);
    }
    const ByteArray<32> tweak = tap_tweak_hash(internal, root);
    EXPECT_EQ(to_hex(tweak), c["intermediary"]["tweak"]);
    const auto output = tweak_internal_key(internal, tweak, curve);
    ASSERT_TRUE(output.ok());
    EXPECT_EQ(to_hex(output->x_only), c["intermediary"]["tweakedPubkey"]);
    const ByteArray<34> script = p2tr_script(output->x_only);
    EXPECT_EQ(to_hex(script), c["expected"]["scriptPubKey"]);
    const std::string address = c["expected"]["bip350Address"];
    EXPECT_EQ(address_of_script(script, Network::kMain)->view(), address);
    EXPECT_EQ(to_hex(script_of_address(address, Network::kMain)->view()), c["expected"]["scriptPubKey"]);
    for (const Leaf& leaf : leaves) {
      EXPECT_EQ(to_hex(leaf.hash), c["intermediary"]["leafHashes"][leaf.id]);
      const std::uint8_t control = static_cast<std::uint8_t>(leaf.version | (output->odd_y ? 1 : 0));
      EXPECT_EQ(to_hex(Bytes(&control, 1)) + to_hex(internal) + leaf.path,
                c["expected"]["scriptPathControlBlocks"][leaf.id]);
    }
  }
}

TEST(Bip341Vectors, KeyPathSpending) {
  TS_DATA_OR_SKIP(path, "vectors/bip341");
  crypto::HostCurve curve;
  std::size_t checked = 0;
  const json cases = bip341(path)["keyPathSpending"];
  for (const json& c : cases) {
    const ByteVector unsigned_bytes = from_hex(c["given"]["rawUnsignedTx"].get<std::string>());
    const ByteVector signed_bytes = from_hex(c["auxiliary"]["fullySignedTx"].get<std::string>());
    const auto tx = Transaction::parse(unsigned_bytes, Transaction::Format::kNoWitness);
    const auto signed_tx = Transaction::parse(signed_bytes);
    ASSERT_TRUE(tx.ok() && signed_tx.ok());
    std::vector<ByteVector> scripts;
    for (const json& utxo : c["given"]["utxosSpent"])
      scripts.push_back(from_hex(utxo["scriptPubKey"].get<std::string>()));
    std::vector<TxOutput> spent;
    for (std::size_t i = 0; i < scripts.size(); ++i)
      spent.push_back({c["given"]["utxosSpent"][i]["amountSats"], scripts[i], {}});

    for (const json& input : c["inputSpending"]) {
      const std::size_t index = input["given"]["txinIndex"];
      const std::uint8_t hash_type = input["given"]["hashType"];
      const auto message = taproot_signature_message(*tx, spent, index, hash_type);
      ASSERT_TRUE(message.ok()) << index;
      EXPECT_EQ(to_hex(message->view()), input["intermediary"]["sigMsg"]) << index;
      const auto hash = taproot_sighash(*tx, spent, index, hash_type);
      EXPECT_EQ(to_hex(*hash), input["intermediary"]["sigHash"]) << index;

      // The tweaked private key of the vector opens the spent output, and its signature stands in the signed transaction.
      const Scalar secret = Scalar::from_bytes(from_hex(input["given"]["internalPrivkey"].get<std::string>())).value();
      const auto point = curve.multiply_base(secret).value();
      EXPECT_EQ(to_hex(point.x), input["intermediary"]["internalPubkey"]);
      const ByteVector root = input["given"]["merkleRoot"].is_null()
                                  ? ByteVector{}
                                  : from_hex(input["given"]["merkleRoot"].get<std::string>());
      const ByteArray<32> tweak = tap_tweak_hash(point.x, root);
      EXPECT_EQ(to_hex(tweak), input["intermediary"]["tweak"]);
      const Scalar tweaked = secret.negate_if(!point.has_even_y()) + Scalar::from_bytes(tweak).value();
      EXPECT_EQ(to_hex(tweaked.to_bytes()), input["intermediary"]["tweakedPrivkey"]);
      ByteVector signature = test::bytes_of(crypto::schnorr_sign(tweaked, *hash, ByteArray<32>{}).value());
      if (hash_type != kSighashDefault) signature.push_back(hash_type);
      EXPECT_EQ(to_hex(signature), input["expected"]["witness"][0]) << index;
      EXPECT_EQ(test::bytes_of(signed_tx->witness_item(index, 0)), signature) << index;
      ++checked;
    }
    // Hash types that do not exist.
    for (std::uint8_t bad : {0x04, 0x7f, 0x80, 0x84, 0xff}) {
      EXPECT_EQ(taproot_sighash(*tx, spent, 0, bad).error().code, ErrorCode::kUnsupported);
    }
    EXPECT_EQ(taproot_sighash(*tx, spent, 5, kSighashSingle).error().code, ErrorCode::kOutOfRange);
    EXPECT_EQ(taproot_sighash(*tx, spent, 9, kSighashAll).error().code, ErrorCode::kOutOfRange);
    EXPECT_EQ(taproot_sighash(*tx, std::span(spent).first(8), 0, kSighashAll).error().code, ErrorCode::kMismatch);
  }
  EXPECT_EQ(checked, 7u);
}

/// The hexadecimal digits that `line` has after `mark`; empty where it has none.
std::string digits_after(const std::string& line, std::string_view mark) {
  std::size_t at = line.find(mark);
  if (at == std::string::npos) return "";
  at = line.find_first_not_of(" :", at + mark.size());
  if (at == std::string::npos) return "";
  return line.substr(at, std::min(line.find_first_not_of("0123456789abcdef", at), line.size()) - at);
}

/// The longest run of hexadecimal digits in `line`.
std::string longest_digits(const std::string& line) {
  std::string longest;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const std::size_t end = std::min(line.find_first_not_of("0123456789abcdef", at), line.size());
    if (end - at > longest.size()) longest = line.substr(at, end - at);
    at = end;
  }
  return longest;
}

/// What BIP143 hashes, taken apart again: what segwit_v0_sighash is to be asked for.
struct Preimage {
  ByteVector outpoint, script_code;
  std::uint64_t amount_sat = 0;
  std::uint32_t hash_type = 0;
};
Preimage preimage_of(const ByteVector& bytes) {
  ByteReader reader(bytes);
  reader.take(4 + 32 + 32);
  Preimage out;
  out.outpoint = test::bytes_of(reader.take(36));
  bool bad = false;
  out.script_code = test::bytes_of(read_var_bytes(reader, bad));
  out.amount_sat = reader.le64();
  reader.take(4 + 32 + 4);
  out.hash_type = reader.le32();
  EXPECT_TRUE(!bad && reader.complete());
  return out;
}

// All examples of the text: P2WPKH, P2SH-P2WPKH, and P2WSH with every hash type and code separators. From the preimage
// come the inputs of the function alone; the hash is made from the transaction.
TEST(Bip143Vectors, SignatureHashes) {
  TS_DATA_OR_SKIP(path, "vectors/bip143/bip-0143.mediawiki");
  crypto::HostCurve curve;
  std::stringstream text(text_of(path));
  ByteVector tx_bytes;
  std::optional<Preimage> preimage;
  std::optional<ByteArray<32>> hash;
  std::string key;
  std::vector<std::uint32_t> types;
  std::size_t signatures = 0;
  for (std::string line; std::getline(text, line);) {
    if (const std::string found = longest_digits(line); found.size() >= 100) {
      const ByteVector bytes = from_hex(found);
      if (line.find("preimage") != std::string::npos) preimage = preimage_of(bytes);
      else if (Transaction::parse(bytes).ok()) tx_bytes = bytes;
    }
    if (const std::string found = digits_after(line, "public key"); found.size() == 66) key = found;
    std::string expected = digits_after(line, "sigHash");
    if (expected.empty()) expected = digits_after(line, "sighash");
    if (expected.size() == 64 && preimage) {
      const auto tx = Transaction::parse(tx_bytes);
      ASSERT_TRUE(tx.ok()) << line;
      std::size_t index = 0;
      for (const TxInput& input : tx->inputs()) {
        if (std::equal(preimage->outpoint.begin(), preimage->outpoint.end(), input.serialised.begin())) break;
        ++index;
      }
      const auto made = segwit_v0_sighash(*tx, preimage->script_code, preimage->amount_sat, index,
                                          static_cast<std::uint8_t>(preimage->hash_type));
      ASSERT_TRUE(made.ok()) << line;
      EXPECT_EQ(to_hex(*made), expected);
      types.push_back(preimage->hash_type);
      hash = *made;
      preimage.reset();
    }
    const std::string signature = digits_after(line, "signature");
    if (signature.empty() || !hash) continue;
    const ByteVector item = from_hex(signature);
    if (const auto parsed = der_decode(Bytes(item).first(item.size() - 1))) {
      const auto point = crypto::decompress(curve, from_hex(key));
      EXPECT_TRUE(crypto::host_ecdsa_verify(curve, *point, *hash, *parsed).ok()) << line;
      EXPECT_EQ(item.back(), types.back());
      ++signatures;
    }
    hash.reset();
  }
  EXPECT_EQ(types, (std::vector<std::uint32_t>{1, 1, 3, 3, 0x83, 0x83, 1, 2, 3, 0x81, 0x82, 0x83, 1, 1}));
  EXPECT_EQ(signatures, 12u);  // those of the last two examples have a high s
}

/// The 78 bytes of an extended key's text (Base58, checksum dropped).
ByteVector extended_key_bytes(std::string_view text) {
  constexpr std::string_view kAlphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  ByteVector number(82);
  for (char c : text) {
    std::size_t carry = kAlphabet.find(c);
    for (auto b = number.rbegin(); b != number.rend(); ++b) {
      carry += std::size_t{*b} * 58;
      *b = static_cast<std::uint8_t>(carry);
      carry >>= 8;
    }
  }
  number.resize(78);
  return number;
}

// Every step of the BIP's chains that is not hardened, from its parent as printed.
TEST(Bip32Vectors, PublicDerivation) {
  TS_DATA_OR_SKIP(path, "vectors/bip32/bip-0032.mediawiki");
  crypto::HostCurve curve;
  std::stringstream text(text_of(path));
  ExtendedPublicKey parent;
  std::size_t checked = 0;
  for (std::string line; std::getline(text, line);) {
    const std::string mark = "ext pub: ";
    const std::size_t at = line.find(mark);
    if (at == std::string::npos) continue;
    const ByteVector bytes = extended_key_bytes(std::string_view(line).substr(at + mark.size()));
    const std::uint8_t depth = bytes[4];
    const std::uint32_t index = load_be32(bytes.data() + 9);
    const auto key = crypto::decompress(curve, Bytes(bytes).subspan(45, 33));
    if (!key) continue;  // the invalid keys at the end of the text
    ExtendedPublicKey current{*key, {}};
    std::copy_n(bytes.begin() + 13, 32, current.chain_code.begin());
    if (depth > 0 && index < 0x8000'0000) {
      const ByteArray<4> fingerprint = parent.fingerprint();
      EXPECT_TRUE(std::equal(fingerprint.begin(), fingerprint.end(), bytes.begin() + 5)) << line;
      const auto child = derive_child(parent, index, curve);
      ASSERT_TRUE(child.ok());
      EXPECT_TRUE(crypto::equal(child->extended.key, current.key)) << line;
      EXPECT_EQ(child->extended.chain_code, current.chain_code) << line;
      ++checked;
    }
    parent = current;
  }
  EXPECT_EQ(checked, 6u);
}

}  // namespace
}  // namespace touchstone::chain
