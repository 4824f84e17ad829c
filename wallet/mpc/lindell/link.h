// What a wallet and a card agree on outside the protocol: which run it is, which shares a set-up is for, and how messages
// longer than the link's travel. Freestanding; the same on both sides.
//
// Every set-up has shares of its own: x1 + d and x2 - d, where x1 and x2 come from the roots and d from the nonces of both
// for that run. So X stays, and who knows a share of one set-up in part knows no more of the next than that. d is no
// secret: the evaluator knows it, and against nobody else are shares renewed.
#pragma once

#include <optional>

#include "crypto/scalar.h"
#include "mpc_session/session.h"

namespace touchstone::mpc::lindell {

inline constexpr PartyId kWalletParty = 1, kCardParty = 2;

/// What makes a run another one: fresh from both.
struct RunNonces {
  ByteArray<32> wallet{}, card{};
};
SessionId setup_session(const RunNonces& nonces);
SessionId sign_session(const RunNonces& nonces);
/// d of that set-up.
crypto::Scalar share_offset(const SessionId& setup, std::uint32_t epoch);

/// What the link takes at once: one byte, 1 if more of the message follows and else 0, and a part of it.
inline constexpr std::size_t kPieceBytes = 2560;

/// Cuts messages.
class PieceSender final : public Transport {
 public:
  explicit PieceSender(Transport& link) : link_(link) {}
  Status send(PartyId to, Bytes message) override;

 private:
  Transport& link_;
};

/// Puts them together again.
class PieceCollector {
 public:
  /// `place`: for the longest message.
  explicit PieceCollector(MutableBytes place) : place_(place) {}
  /// The message that is complete with this piece; it lies in the place until the next call. Errors: kBadFormat (no piece),
  /// kTooLarge.
  Result<std::optional<Bytes>> take(Bytes untrusted_piece);

 private:
  MutableBytes place_;
  std::size_t used_ = 0;
};

}  // namespace touchstone::mpc::lindell
