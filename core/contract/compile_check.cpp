// Every generated C++ header must compile under the strict warnings.
#include "contract/accelerator.h"
#include "contract/dkls.h"
#include "contract/events.h"
#include "contract/frost.h"
#include "contract/lindell.h"
#include "contract/lockstep.h"
#include "contract/messages.h"
#include "contract/musig2.h"
#include "contract/register_tables.h"
#include "contract/registers.h"

static_assert(touchstone::contract::secp::kK == 0x140);
static_assert(touchstone::contract::kMaxMessageBytes >= touchstone::contract::SignRequest::kMaxBytes);
