// A protocol session under fuzz: the input is a list of messages, each with a sender, as a hostile peer chooses them.
//   byte: sender | 0x80: the true session id is put in | 16-bit length | bytes
#pragma once

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "mpc_session/session.h"

namespace touchstone::fuzz {

struct Sink final : mpc::Transport {
  Status send(mpc::PartyId, Bytes) override { return {}; }
};

/// Delivers until the input or the session ends. No peer whose input is noise may bring it to a result. `after`, called with the
/// transport after each message: what is told to the session from inside.
template <typename After>
void deliver_all(mpc::Session& session, const mpc::SessionId& id, Bytes input, After&& after) {
  Sink sink;
  (void)session.start(sink);
  ByteReader reader(input);
  while (reader.remaining() > 3) {
    const std::uint8_t head = reader.u8();
    const Bytes bytes = reader.take(std::min<std::size_t>(reader.le16(), reader.remaining()));
    std::vector<std::uint8_t> message(bytes.begin(), bytes.end());
    if (head & 0x80 && message.size() > id.size()) std::copy(id.begin(), id.end(), message.begin() + 1);
    const bool over = session.done() || session.failure();
    const auto result = session.receive(head & 0x7F, message, sink);
    if (over && result.ok()) std::abort();                        // nothing is taken after the end
    if (!result.ok() && !session.failure() && !over) std::abort();  // an error ends it
    after(sink);
  }
  if (session.done()) std::abort();
}
inline void deliver_all(mpc::Session& session, const mpc::SessionId& id, Bytes input) {
  deliver_all(session, id, input, [](mpc::Transport&) {});
}

}  // namespace touchstone::fuzz
