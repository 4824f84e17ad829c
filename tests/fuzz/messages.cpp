// Every message parser of the contract: what it takes, it writes again byte for byte. The first byte chooses the protocol.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "contract/accelerator.h"
#include "contract/dkls.h"
#include "contract/frost.h"
#include "contract/lindell.h"
#include "contract/lockstep.h"
#include "contract/messages.h"
#include "contract/musig2.h"

namespace {

using touchstone::Bytes;

struct Parse {
  Bytes input;
  template <typename Message>
  void operator()(const Message&) const {
    const auto message = Message::decode(input);
    if (!message) return;
    std::vector<std::uint8_t> buffer(Message::kMaxBytes);
    const auto again = message->encode(buffer);
    if (!again || !std::equal(again->begin(), again->end(), input.begin(), input.end())) std::abort();
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Parse parse{Bytes(data + 1, size - 1)};
  namespace contract = touchstone::contract;
  switch (data[0] % 7) {
    case 0: contract::for_each_message(parse); break;
    case 1: contract::lockstep::for_each_message(parse); break;
    case 2: contract::accelerator::for_each_message(parse); break;
    case 3: contract::musig2::for_each_message(parse); break;
    case 4: contract::frost::for_each_message(parse); break;
    case 5: contract::dkls::for_each_message(parse); break;
    default: contract::lindell::for_each_message(parse); break;
  }
  return 0;
}
