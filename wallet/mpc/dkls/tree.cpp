#include "mpc_dkls/tree.h"

#include <algorithm>

#include "crypto/sha256.h"
#include "mpc_dkls/randomness.h"

namespace touchstone::mpc::dkls {
namespace {

void add(MutableBytes sum, Bytes term, std::uint32_t mask = ~0u) {
  for (std::size_t i = 0; i < 32; ++i) sum[i] = static_cast<std::uint8_t>(sum[i] ^ (term[i] & mask));
}

/// The first `count` nodes become 2 * count children, in place.
void grow(Leaves& nodes, std::size_t count) {
  for (std::size_t y = count; y-- > 0;) {
    Secret<64> children;
    stretch(nodes[y], Stretch::kChildren, {}, 0, children.expose());
    std::copy_n(children.expose().begin(), 32, nodes[2 * y].begin());
    std::copy_n(children.expose().begin() + 32, 32, nodes[2 * y + 1].begin());
  }
}

/// Of the nodes of a level, children of `count` parents: nothing is known at or below the missing node, `prefix` of the
/// level before, but the child `sibling` of it, which is `known`.
void punch(Leaves& nodes, std::size_t count, std::uint32_t missing, const Seed& known) {
  for (std::uint32_t p = 0; p < count; ++p) {
    const std::uint32_t is_known = mask_if_equal(p, missing ^ 1), is_lost = mask_if_equal(p, missing);
    for (std::size_t i = 0; i < 32; ++i)
      nodes[p][i] = static_cast<std::uint8_t>((nodes[p][i] & ~(is_known | is_lost)) | (known[i] & is_known));
  }
}

Seed check_value(const Seed& leaf) {
  Seed out;
  stretch(leaf, Stretch::kCheck, {}, 0, out);
  return out;
}

crypto::Sha256 check_hash(const ByteArray<32>& context) {
  return crypto::Sha256::tagged("touchstone/dkls23/tree").update(context);
}

}  // namespace

void make_tree(const std::array<std::array<Seed, 2>, kTreeDepth>& keys, const ByteArray<32>& context, FullTree& out,
               MutableBytes message) {
  out.nodes = keys[0];
  std::fill(message.begin(), message.end(), std::uint8_t{0});
  Leaves nodes;
  nodes[0] = keys[0][0];
  nodes[1] = keys[0][1];
  std::size_t count = 2;
  for (std::size_t level = 1; level < kTreeDepth; ++level) {
    grow(nodes, count);
    count *= 2;
    for (std::size_t side = 0; side < 2; ++side) {
      const MutableBytes sum = message.subspan((2 * (level - 1) + side) * 32, 32);
      add(sum, keys[level][side]);
      for (std::size_t p = side; p < count; p += 2) add(sum, nodes[p]);
    }
  }
  const MutableBytes sum = message.subspan(kTreeBytes - 64, 32);
  crypto::Sha256 hash = check_hash(context);
  for (const Seed& leaf : nodes) {
    const Seed check = check_value(leaf);
    add(sum, check);
    hash.update(check);
  }
  const ByteArray<32> digest = hash.finish();
  std::copy(digest.begin(), digest.end(), message.last(32).begin());
}

Status open_tree(const std::array<Seed, kTreeDepth>& keys, std::uint32_t index, const ByteArray<32>& context,
                 Bytes untrusted_message, PuncturedTree& out) {
  Leaves nodes;
  out.siblings[0] = keys[0];
  punch(nodes, 2, index >> (kTreeDepth - 1), out.siblings[0]);
  std::size_t count = 2;
  for (std::size_t level = 1; level < kTreeDepth; ++level) {
    const std::uint32_t missing = index >> (kTreeDepth - 1 - level), parent = missing >> 1;
    const std::uint32_t side = (missing & 1) ^ 1, right = mask_of(side);
    grow(nodes, count);
    count *= 2;
    Seed known = keys[level];
    const Bytes sums = untrusted_message.subspan(2 * (level - 1) * 32, 64);
    add(known, sums.first(32), ~right);
    add(known, sums.last(32), right);
    for (std::uint32_t p = 0; p < count; ++p)
      add(known, nodes[p], mask_if_equal(p & 1, side) & ~mask_if_equal(p >> 1, parent));
    out.siblings[level] = known;
    punch(nodes, count, missing, known);
  }
  // The missing check value must be what is left of the sum.
  std::array<Seed, kLeaves> checks;
  Seed rest;
  std::copy_n(untrusted_message.begin() + kTreeBytes - 64, 32, rest.begin());
  for (std::uint32_t p = 0; p < kLeaves; ++p) {
    checks[p] = check_value(nodes[p]);
    add(rest, checks[p], ~mask_if_equal(p, index));
  }
  crypto::Sha256 hash = check_hash(context);
  for (std::uint32_t p = 0; p < kLeaves; ++p) {
    const std::uint32_t lost = mask_if_equal(p, index);
    for (std::size_t i = 0; i < 32; ++i)
      checks[p][i] = static_cast<std::uint8_t>((checks[p][i] & ~lost) | (rest[i] & lost));
    hash.update(checks[p]);
  }
  if (!equal_constant_time(hash.finish(), untrusted_message.last(32)))
    return Error{ErrorCode::kMismatch, "the tree does not fit its check values"};
  return {};
}

void expand(const FullTree& tree, Leaves& out) {
  out[0] = tree.nodes[0];
  out[1] = tree.nodes[1];
  for (std::size_t count = 2; count < kLeaves; count *= 2) grow(out, count);
}

void expand(const PuncturedTree& tree, std::uint32_t index, Leaves& out) {
  punch(out, 2, index >> (kTreeDepth - 1), tree.siblings[0]);
  for (std::size_t level = 1, count = 2; level < kTreeDepth; ++level) {
    grow(out, count);
    count *= 2;
    punch(out, count, index >> (kTreeDepth - 1 - level), tree.siblings[level]);
  }
}

}  // namespace touchstone::mpc::dkls
