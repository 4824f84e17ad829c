// A MuSig2 session of three, two of them hostile.
#include "musig2_fixture.h"
#include "session.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static touchstone::fuzz::Musig2Fixture fixture;
  auto session = fixture.signer(1);
  touchstone::fuzz::deliver_all(session, session.id(), touchstone::Bytes(data, size));
  return 0;
}
