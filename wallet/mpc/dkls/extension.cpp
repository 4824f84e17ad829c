#include "mpc_dkls/extension.h"

#include <algorithm>

#include "crypto/sha256.h"
#include "mpc_session/transcript.h"

namespace touchstone::mpc::dkls {
namespace {

/// Trees whose columns fill a word of every row.
constexpr std::size_t kGroup = 32 / kTreeDepth;
using Block = Wiped<std::array<std::uint32_t, 32>>;

/// Bit b of word c becomes bit c of word b.
void transpose(std::array<std::uint32_t, 32>& m) {
  std::uint32_t mask = 0x0000ffff;
  for (std::size_t step = 16; step != 0; step >>= 1, mask ^= mask << step)
    for (std::size_t i = 0; i < 32; i = (i + step + 1) & ~step) {
      const std::uint32_t swapped = ((m[i] >> step) ^ m[i + step]) & mask;
      m[i] ^= swapped << step;
      m[i + step] ^= swapped;
    }
}

void add_to(Column& sum, const Column& term, std::uint32_t mask = ~0u) {
  for (std::size_t i = 0; i < kColumnWords; ++i) sum[i] ^= term[i] & mask;
}

void stretch_leaf(const Seed& leaf, const ExtensionNonce& nonce, Column& out) {
  Secret<kColumnBytes> bytes;
  stretch(leaf, Stretch::kColumn, nonce, 0, bytes.expose());
  for (std::size_t i = 0; i < kColumnWords; ++i) out[i] = load_le32(&bytes.expose()[4 * i]);
}

/// Calls fill(tree, first of its 4 columns) for every tree, and turns the columns into rows.
template <typename Fill>
void make_rows(Rows& rows, const Fill& fill) {
  Wiped<std::array<Column, 32>> columns;
  for (std::size_t word = 0; word < kLambda / 32; ++word) {
    for (Column& column : columns) column = {};
    for (std::size_t i = 0; i < kGroup; ++i) fill(word * kGroup + i, &columns[i * kTreeDepth]);
    for (std::size_t w = 0; w < kColumnWords; ++w) {
      Block block;
      for (std::size_t c = 0; c < 32; ++c) block[c] = columns[c][w];
      transpose(block);
      for (std::size_t b = 0; b < 32; ++b) rows[32 * w + b][word] = block[b];
    }
  }
}

/// The public linear hash of the check: row j counts e_j = chi_{j / 128} * X^{j mod 128} in GF(2^128), and the last 128
/// rows mask the bits. Calls use(j, e_j) for the OTs.
template <typename Use>
void for_each_weight(const ByteArray<32>& seed, const Use& use) {
  Row weight{};
  for (std::uint32_t j = 0; j < kOts; ++j) {
    if (j % kLambda == 0) {
      const auto number = static_cast<std::uint32_t>(j / kLambda);
      const ByteArray<32> chi =
          crypto::Sha256::tagged("touchstone/dkls23/extension/chi").update(seed).update_be32(number).finish();
      for (std::size_t i = 0; i < weight.size(); ++i) weight[i] = load_le32(&chi[4 * i]);
    }
    use(j, weight);
    const std::uint32_t carry = weight[3] >> 31;
    for (std::size_t i = weight.size(); i-- > 1;) weight[i] = weight[i] << 1 | weight[i - 1] >> 31;
    weight[0] = weight[0] << 1 ^ carry * 0x87;  // X^128 = X^7 + X^2 + X + 1
  }
}

ByteArray<32> weight_seed(const ByteArray<32>& context, const ExtensionNonce& nonce, Bytes corrections) {
  return Transcript("touchstone/dkls23/extension").add(context).add(nonce).add(corrections).digest();
}

/// For every bit of the hash its value in all columns.
using RowHash = Wiped<std::array<Row, kLambda>>;
RowHash hash_rows(const ByteArray<32>& seed, const Rows& rows) {
  RowHash sum;
  for_each_weight(seed, [&](std::uint32_t j, const Row& weight) {
    Wiped<Row> row;
    static_cast<Row&>(row) = rows[j];
    for (std::size_t bit = 0; bit < kLambda; ++bit) {
      const std::uint32_t mask = 0u - (weight[bit / 32] >> (bit % 32) & 1);  // public, but no branch foresees it
      for (std::size_t i = 0; i < row.size(); ++i) sum[bit][i] ^= row[i] & mask;
    }
  });
  for (std::size_t bit = 0; bit < kLambda; ++bit)
    for (std::size_t i = 0; i < sum[bit].size(); ++i) sum[bit][i] ^= rows[kOts + bit][i];
  return sum;
}

ByteArray<32> digest(const ByteArray<32>& seed, const RowHash& hash) {
  crypto::Sha256 out = crypto::Sha256::tagged("touchstone/dkls23/extension/rows").update(seed);
  for (const Row& row : hash) {
    Secret<16> bytes;
    for (std::size_t i = 0; i < row.size(); ++i) store_le32(&bytes.expose()[4 * i], row[i]);
    out.update(bytes.expose());
  }
  return out.finish();
}

}  // namespace

Wiped<Row> add(const Row& a, const Row& b) {
  Wiped<Row> out;
  for (std::size_t i = 0; i < a.size(); ++i) out[i] = a[i] ^ b[i];
  return out;
}

void extension_choose(const std::array<FullTree, kTrees>& trees, const ExtensionNonce& nonce, const Choices& choices,
                      Rows& t, MutableBytes corrections) {
  make_rows(t, [&](std::size_t tree, Column* columns) {
    Leaves leaves;
    expand(trees[tree], leaves);
    Wiped<Column> sum = choices, stretched;
    for (std::size_t y = 0; y < kLeaves; ++y) {
      stretch_leaf(leaves[y], nonce, stretched);
      add_to(sum, stretched);
      for (std::size_t bit = 0; bit < kTreeDepth; ++bit)
        if (y >> bit & 1) add_to(columns[bit], stretched);
    }
    for (std::size_t i = 0; i < kColumnWords; ++i) store_le32(&corrections[tree * kColumnBytes + 4 * i], sum[i]);
  });
}

ExtensionCheck extension_check(const ByteArray<32>& context, const ExtensionNonce& nonce, Bytes corrections,
                               const Choices& choices, const Rows& t) {
  const ByteArray<32> seed = weight_seed(context, nonce, corrections);
  Wiped<Row> choice_hash;
  for_each_weight(seed, [&](std::uint32_t j, const Row& weight) {
    const std::uint32_t mask = mask_of(choices[j / 32] >> (j % 32) & 1);
    for (std::size_t i = 0; i < weight.size(); ++i) choice_hash[i] ^= weight[i] & mask;
  });
  ExtensionCheck check;
  for (std::size_t i = 0; i < choice_hash.size(); ++i)
    store_le32(&check.choice_hash[4 * i], choice_hash[i] ^ choices[kOts / 32 + i]);
  check.row_hash = digest(seed, hash_rows(seed, t));
  return check;
}

Status extension_answer(const OtSetup& setup, const ByteArray<32>& context, const ExtensionNonce& nonce,
                        Bytes untrusted_corrections, const ExtensionCheck& untrusted_check, Rows& q) {
  make_rows(q, [&](std::size_t tree, Column* columns) {
    const std::uint32_t missing = setup.missing(tree);
    Leaves leaves;
    expand(setup.punctured_trees()[tree], missing, leaves);
    Wiped<Column> stretched;
    for (std::uint32_t y = 0; y < kLeaves; ++y) {
      stretch_leaf(leaves[y], nonce, stretched);
      for (std::size_t bit = 0; bit < kTreeDepth; ++bit)  // at the missing leaf every bit is 0
        add_to(columns[bit], stretched, mask_of((missing ^ y) >> bit & 1));
    }
    Column correction;
    for (std::size_t i = 0; i < kColumnWords; ++i)
      correction[i] = load_le32(&untrusted_corrections[tree * kColumnBytes + 4 * i]);
    for (std::size_t bit = 0; bit < kTreeDepth; ++bit) add_to(columns[bit], correction, mask_of(missing >> bit & 1));
  });
  const ByteArray<32> seed = weight_seed(context, nonce, untrusted_corrections);
  RowHash hash = hash_rows(seed, q);
  for (std::size_t bit = 0; bit < kLambda; ++bit) {
    const std::uint32_t mask = mask_of(untrusted_check.choice_hash[bit / 8] >> (bit % 8) & 1);
    for (std::size_t i = 0; i < hash[bit].size(); ++i) hash[bit][i] ^= setup.delta()[i] & mask;
  }
  if (!equal_constant_time(digest(seed, hash), untrusted_check.row_hash))
    return Error{ErrorCode::kMismatch, "the consistency check of the OT extension failed"};
  return {};
}

void extension_pad(const ByteArray<32>& context, std::uint32_t j, const Row& row, Pad& out) {
  Secret<52> input;  // with the tag before it and the padding behind it two blocks, of which the first is a constant
  const MutableBytes bytes = input.expose();
  std::copy(context.begin(), context.end(), bytes.begin());
  store_be32(&bytes[32], j);
  for (std::size_t i = 0; i < row.size(); ++i) store_le32(&bytes[36 + 4 * i], row[i]);
  Seed seed;
  static_cast<ByteArray<32>&>(seed) = crypto::tagged_hash("touchstone/dkls23/extension/pad", bytes);
  Secret<32 * kWidth> wide;
  stretch(seed, Stretch::kPad, {}, 0, wide.expose());
  for (std::size_t k = 0; k < kWidth; ++k)
    out[k] = crypto::Scalar::from_bytes_reduce(wide.expose().subspan(32 * k, 32));
}

}  // namespace touchstone::mpc::dkls
