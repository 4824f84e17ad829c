// All-but-one OT: a GGM tree (puncturable PRF) of 16 leaves, of which one party knows all and the other all but the one
// at its secret index (Roy, "SoftSpokenOT", ePrint 2022/192, section 5 and figures 13 and 14: the check values catch a
// tree that is not one). Freestanding.
#pragma once

#include <array>

#include "base/bytes.h"
#include "base/result.h"
#include "mpc_dkls/parameters.h"

namespace touchstone::mpc::dkls {

/// 3 levels x 2 masked sums, the sum of the check values, their hash.
inline constexpr std::size_t kTreeBytes = (2 * (kTreeDepth - 1) + 2) * 32;

/// The two nodes of the first level: everything follows from them.
struct FullTree {
  std::array<Seed, 2> nodes;
};
/// On each level the sibling of the node on the way to the missing leaf.
struct PuncturedTree {
  std::array<Seed, kTreeDepth> siblings;
};
using Leaves = std::array<Seed, kLeaves>;

/// Grows a tree from the key pairs of 4 base OTs, and says what the other side needs to follow. `context` binds the
/// check.
void make_tree(const std::array<std::array<Seed, 2>, kTreeDepth>& keys, const ByteArray<32>& context, FullTree& out,
               MutableBytes message);
/// From the keys of the choices 1 - (bit of index), highest bit first. Constant time in `index`, 0..15. Errors:
/// kMismatch (no tree; whether this is noticed may depend on the index, so the base OTs must not be used again).
Status open_tree(const std::array<Seed, kTreeDepth>& keys, std::uint32_t index, const ByteArray<32>& context,
                 Bytes untrusted_message, PuncturedTree& out);

void expand(const FullTree& tree, Leaves& out);
/// Zeros at `index`. Constant time in it.
void expand(const PuncturedTree& tree, std::uint32_t index, Leaves& out);

}  // namespace touchstone::mpc::dkls
