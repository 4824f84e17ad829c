#include "mpc_dkls/multiply.h"

#include <algorithm>

#include "base/check.h"
#include "mpc_session/transcript.h"

namespace touchstone::mpc::dkls {

using crypto::Scalar;
using crypto::Sha256;

namespace {

/// g_0, g_1, ...: public and random, the key stream of a name.
class Gadget {
 public:
  Scalar next() {
    if (used_ == stream_.size()) {
      Seed seed;
      static_cast<ByteArray<32>&>(seed) = crypto::tagged_hash("touchstone/dkls23/multiply/gadget", {});
      stretch(seed, Stretch::kGadget, {}, block_, stream_);
      block_ += static_cast<std::uint32_t>(stream_.size() / 64);
      used_ = 0;
    }
    used_ += 32;
    return Scalar::from_bytes_reduce(Bytes(stream_).subspan(used_ - 32, 32));
  }

 private:
  ByteArray<512> stream_;
  std::size_t used_ = stream_.size();
  std::uint32_t block_ = 0;
};

std::uint32_t bit_of(const Choices& choices, std::uint32_t j) { return choices[j / 32] >> (j % 32) & 1; }

Sha256 begin_hash(const ByteArray<32>& context) {
  return Sha256::tagged("touchstone/dkls23/multiply/rows").update(context);
}
Sha256 begin_mu(const ByteArray<32>& context) {
  return Sha256::tagged("touchstone/dkls23/multiply/mu").update(context);
}

/// The challenge that combines the products for the check.
Products challenge(Sha256 rows) {
  Transcript t("touchstone/dkls23/multiply/theta");
  t.add(rows.finish());
  return {t.scalar(0), t.scalar(1)};
}

void add_to(Sha256& hash, const Scalar& value) { hash.update(value.to_secret().expose()); }

}  // namespace

Scalar multiply_factor(const Choices& choices) {
  Scalar sum;
  Gadget gadget;
  for (std::uint32_t j = 0; j < kOts; ++j) sum += Scalar::select(bit_of(choices, j) != 0, gadget.next(), Scalar());
  return sum;
}

MultiplySender::MultiplySender(const ByteArray<32>& context, const Rows& rows, const Row& delta,
                               const Products& factors, const Scalar& check)
    : context_(context),
      rows_(rows),
      delta_(delta),
      factors_{factors[0], factors[1], check},
      hash_(begin_hash(context)) {}

void MultiplySender::next_piece(MutableBytes rows) {
  TS_CHECK(rows.size() == kPieceBytes && next_ < kOts, "a piece has a fixed size, and there are kPieces of them");
  Pad pad0, pad1;
  for (std::size_t row = 0; row < kRowsPerPiece; ++row, ++next_) {
    extension_pad(context_, next_, rows_[next_], pad0);
    extension_pad(context_, next_, add(rows_[next_], delta_), pad1);
    for (std::size_t i = 0; i < kWidth; ++i)
      (pad0[i] - pad1[i] + factors_[i]).write_bytes(rows.subspan((row * kWidth + i) * 32, 32));
  }
  hash_.update(rows);
}

void MultiplySender::finish(MutableBytes eta32, MutableBytes mu32, Products& c) {
  TS_CHECK(next_ == kOts, "not all pieces were made");
  const Products theta = challenge(hash_);
  (factors_[kProducts] + theta[0] * factors_[0] + theta[1] * factors_[1]).write_bytes(eta32);
  Sha256 mu = begin_mu(context_);
  c = {};
  Gadget gadget;
  Pad pad;
  for (std::uint32_t j = 0; j < kOts; ++j) {  // made again rather than kept: 40 KB
    extension_pad(context_, j, rows_[j], pad);
    add_to(mu, pad[kProducts] + theta[0] * pad[0] + theta[1] * pad[1]);
    const Scalar g = gadget.next();
    for (std::size_t i = 0; i < kProducts; ++i) c[i] += g * pad[i];
  }
  for (Scalar& part : c) part = -part;
  const ByteArray<32> digest = mu.finish();
  std::copy(digest.begin(), digest.end(), mu32.begin());
}

void MultiplyReceiver::begin(const ByteArray<32>& context) {
  hash_ = begin_hash(context);
  next_ = 0;
}

void MultiplyReceiver::clear() {
  hash_ = Sha256();
  next_ = 0;
  for (auto& sum : sums_) sum = {};
}

Status MultiplyReceiver::take_piece(const ByteArray<32>& context, const Rows& t, const Choices& choices,
                                    Bytes untrusted_rows) {
  TS_CHECK(untrusted_rows.size() == kPieceBytes && next_ < kOts,
           "a piece has a fixed size, and there are kPieces of them");
  Pad pad;
  for (std::size_t row = 0; row < kRowsPerPiece; ++row, ++next_) {
    extension_pad(context, next_, t[next_], pad);
    const bool choice = bit_of(choices, next_) != 0;
    for (std::size_t i = 0; i < kWidth; ++i) {
      Scalar sent;
      TS_ASSIGN_OR_RETURN(sent, Scalar::from_bytes(untrusted_rows.subspan((row * kWidth + i) * 32, 32)));
      sums_[next_][i] = pad[i] + Scalar::select(choice, sent, Scalar());
    }
  }
  hash_.update(untrusted_rows);
  return {};
}

Status MultiplyReceiver::finish(const ByteArray<32>& context, const Choices& choices, Bytes untrusted_eta32,
                                Bytes untrusted_mu32, Products& d) {
  TS_CHECK(next_ == kOts, "not all pieces were taken");
  Scalar eta;
  TS_ASSIGN_OR_RETURN(eta, Scalar::from_bytes(untrusted_eta32));
  const Products theta = challenge(hash_);
  Sha256 mu = begin_mu(context);
  d = {};
  Gadget gadget;
  for (std::uint32_t j = 0; j < kOts; ++j) {
    const auto& sum = sums_[j];
    add_to(mu, sum[kProducts] + theta[0] * sum[0] + theta[1] * sum[1] -
                   Scalar::select(bit_of(choices, j) != 0, eta, Scalar()));
    const Scalar g = gadget.next();
    for (std::size_t i = 0; i < kProducts; ++i) d[i] += g * sum[i];
  }
  if (!equal_constant_time(mu.finish(), untrusted_mu32))
    return Error{ErrorCode::kMismatch, "the check of the multiplication failed"};
  return {};
}

}  // namespace touchstone::mpc::dkls
