#include "mpc_lindell/link.h"

#include <algorithm>

#include "mpc_session/transcript.h"

namespace touchstone::mpc::lindell {
namespace {

SessionId session_id(const crypto::HashTag& run, const RunNonces& nonces) {
  return Transcript(run).add(nonces.wallet).add(nonces.card).digest();
}

}  // namespace

SessionId setup_session(const RunNonces& nonces) { return session_id("touchstone/lindell/run/setup", nonces); }
SessionId sign_session(const RunNonces& nonces) { return session_id("touchstone/lindell/run/sign", nonces); }

crypto::Scalar share_offset(const SessionId& setup, std::uint32_t epoch) {
  return Transcript("touchstone/lindell/share offset").add(setup).add_u32(epoch).scalar();
}

Status PieceSender::send(PartyId to, Bytes message) {
  do {
    const Bytes part = message.first(std::min(message.size(), kPieceBytes - 1));
    message = message.subspan(part.size());
    ByteArray<kPieceBytes> piece;
    piece[0] = message.empty() ? 0 : 1;
    std::copy(part.begin(), part.end(), piece.begin() + 1);
    TS_RETURN_IF_ERROR(link_.send(to, Bytes(piece).first(1 + part.size())));
  } while (!message.empty());
  return {};
}

Result<std::optional<Bytes>> PieceCollector::take(Bytes untrusted_piece) {
  const std::size_t start = used_;
  used_ = 0;
  if (untrusted_piece.empty() || untrusted_piece[0] > 1) return Error{ErrorCode::kBadFormat, "no piece of a message"};
  const Bytes part = untrusted_piece.subspan(1);
  if (part.empty()) return Error{ErrorCode::kBadFormat, "an empty piece of a message"};
  if (part.size() > place_.size() - start) return Error{ErrorCode::kTooLarge, "longer than any message"};
  std::copy(part.begin(), part.end(), place_.begin() + static_cast<std::ptrdiff_t>(start));
  const std::size_t end = start + part.size();
  if (untrusted_piece[0] == 0) return std::optional<Bytes>(place_.first(end));
  used_ = end;
  return std::optional<Bytes>();
}

}  // namespace touchstone::mpc::lindell
