// OT extension: SoftSpokenOT with k = 4 and the repetition code (Roy, ePrint 2022/192, figures 7 and 8), its
// consistency check made non-interactive by a hash of what was sent. It gives random OTs: the sender two pads of each,
// the receiver the one of its choice. Freestanding, constant time.
//
// Receiver: rows t_j from whole trees. Sender: rows q_j = t_j + x_j * Delta from trees with a missing leaf. A receiver
// that says different choices to different trees is caught, but each time it is caught or not tells it bits of Delta:
// after a failed check the set-up must be burned, over a loss of power too (its Fuse).
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/scalar.h"
#include "mpc_dkls/setup.h"

namespace touchstone::mpc::dkls {

using Rows = std::array<Row, kRows>;
/// Choices of the OTs, then random bits that mask the check.
using Choices = Wiped<Column>;
inline constexpr std::size_t kCorrectionBytes = kTrees * kColumnBytes;
using ExtensionNonce = ByteArray<11>;

struct ExtensionCheck {
  ByteArray<16> choice_hash;
  ByteArray<32> row_hash;
};

/// Receiver: rows of its choices, and the corrections to send (kCorrectionBytes). `nonce`: never twice under one set-up
/// (fresh random bytes).
void extension_choose(const std::array<FullTree, kTrees>& trees, const ExtensionNonce& nonce, const Choices& choices,
                      Rows& t, MutableBytes corrections);
/// Receiver: the check to send. `context` binds it to a session.
ExtensionCheck extension_check(const ByteArray<32>& context, const ExtensionNonce& nonce, Bytes corrections,
                               const Choices& choices, const Rows& t);
/// Sender. Errors: kMismatch: the receiver cheated, burn the set-up.
Status extension_answer(const OtSetup& setup, const ByteArray<32>& context, const ExtensionNonce& nonce,
                        Bytes untrusted_corrections, const ExtensionCheck& untrusted_check, Rows& q);

using Pad = std::array<crypto::Scalar, kWidth>;
/// Pad of OT j that belongs to a row: H(context, j, row). The receiver's row is t_j; the sender's rows are q_j and q_j
/// + Delta.
void extension_pad(const ByteArray<32>& context, std::uint32_t j, const Row& row, Pad& out);
Wiped<Row> add(const Row& a, const Row& b);

}  // namespace touchstone::mpc::dkls
