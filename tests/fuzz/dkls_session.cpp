// The DKLs23 sessions of a party whose only peer is hostile. The first byte chooses: set-up, key, signature.
#include "dkls_fixture.h"
#include "session.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace touchstone;
  if (size == 0) return 0;
  static fuzz::DklsFixture fixture;
  const Bytes input(data + 1, size - 1);
  fuzz::DklsFixture::Party party;
  if (data[0] % 3 == 0) {
    auto session = fixture.set_up(1, party.setup);
    fuzz::deliver_all(session, fixture.session(), input);
  } else if (data[0] % 3 == 1) {
    auto session = fixture.agree(1);
    fuzz::deliver_all(session, fixture.session(), input);
  } else {
    static mpc::dkls::SignWorkspace<1> workspace;
    fixture.load(1, party);
    auto session = fixture.signer(1, party, workspace);
    fuzz::deliver_all(session, session.id(), input, [&](mpc::Transport& transport) { fixture.tell_share(session, 1, transport); });
  }
  return 0;
}
