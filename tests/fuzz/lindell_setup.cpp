// Lindell17's set-up, each side with a hostile peer. The first byte chooses: owner, evaluator.
#include "lindell_fixture.h"
#include "session.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace touchstone;
  if (size == 0) return 0;
  static fuzz::LindellFixture fixture;
  const Bytes input(data + 1, size - 1);
  if (data[0] % 2 == 0) {
    auto session = fixture.owner_setup();
    fuzz::deliver_all(session, fixture.session(), input);
  } else {
    auto session = fixture.evaluator_setup();
    fuzz::deliver_all(session, fixture.session(), input);
  }
  return 0;
}
