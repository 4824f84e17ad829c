// Lindell17's signers, each with a hostile peer. The first byte chooses: owner, evaluator.
#include "lindell_fixture.h"
#include "session.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace touchstone;
  if (size == 0) return 0;
  static fuzz::LindellFixture fixture;
  const Bytes input(data + 1, size - 1);
  if (data[0] % 2 == 0) {
    mpc::MemoryFuse fuse;  // every input starts with a key that is whole
    auto session = fixture.owner_signer(fuse);
    fuzz::deliver_all(session, fixture.session(), input);
    // What was decrypted and is no signature has burnt the key.
    if (session.failure() && session.failure()->error.code == ErrorCode::kBadSignature && !fuse.blown()) std::abort();
  } else {
    auto session = fixture.evaluator_signer();
    fuzz::deliver_all(session, fixture.session(), input);
  }
  return 0;
}
