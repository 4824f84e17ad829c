// FROST's sessions as party 1 of three sees them, the others hostile. The first byte chooses generation, refresh, resharing or signature.
#include "frost_fixture.h"
#include "session.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace touchstone;
  static fuzz::FrostFixture fixture;
  if (size == 0) return 0;
  const Bytes messages(data + 1, size - 1);
  if (data[0] % 4 == 3) {
    auto session = fixture.signer(1);
    fuzz::deliver_all(session, session.id(), messages);
  } else {
    auto session = fixture.receiver(data[0] % 4, 1);
    fuzz::deliver_all(session, session.id(), messages);
  }
  return 0;
}
