// Two-party multiplication: random vector OLE from OTs (DKLs23, protocol 5.2, with l = 2 and rho = 1). The sender has
// two factors a_1, a_2, the receiver one random factor b; they end with c_i + d_i = a_i * b. Freestanding, constant
// time.
//
// b = sum g_j * beta_j over the choices beta of the OTs and a public random vector g: with 160 more OTs than bits it
// stays uniform although a cheating sender may learn some choices. In pieces: nobody holds the whole message.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/scalar.h"
#include "crypto/sha256.h"
#include "mpc_dkls/extension.h"

namespace touchstone::mpc::dkls {

using Products = std::array<crypto::Scalar, kProducts>;

/// b of the receiver's choices.
crypto::Scalar multiply_factor(const Choices& choices);

class MultiplySender {
 public:
  /// `rows` (the extension's q) and `delta` must outlive the object. `check`: a random scalar.
  MultiplySender(const ByteArray<32>& context, const Rows& rows, const Row& delta, const Products& factors,
                 const crypto::Scalar& check);
  /// The next piece, kPieceBytes.
  void next_piece(MutableBytes rows);
  /// After kPieces pieces: the check and the sender's part of the products.
  void finish(MutableBytes eta32, MutableBytes mu32, Products& c);
  std::size_t pieces_made() const { return next_ / kRowsPerPiece; }

 private:
  const ByteArray<32>& context_;
  const Rows& rows_;
  const Row& delta_;
  std::array<crypto::Scalar, kWidth> factors_;
  crypto::Sha256 hash_;
  std::uint32_t next_ = 0;
};

class MultiplyReceiver {
 public:
  void begin(const ByteArray<32>& context);
  /// Pieces in order. `t`: the extension's rows. Errors: kOutOfRange (no canonical scalars).
  Status take_piece(const ByteArray<32>& context, const Rows& t, const Choices& choices, Bytes untrusted_rows);
  /// The receiver's part of the products. Errors: kOutOfRange, kMismatch: the sender cheated.
  Status finish(const ByteArray<32>& context, const Choices& choices, Bytes untrusted_eta32, Bytes untrusted_mu32,
                Products& d);
  /// Wipes it; begin() makes it usable again.
  void clear();
  std::size_t pieces_taken() const { return next_ / kRowsPerPiece; }

 private:
  crypto::Sha256 hash_;
  std::uint32_t next_ = 0;
  std::array<std::array<crypto::Scalar, kWidth>, kOts> sums_;
};

}  // namespace touchstone::mpc::dkls
