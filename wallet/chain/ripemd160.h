// RIPEMD-160, for BIP32 fingerprints only. Freestanding.
#pragma once

#include "base/bytes.h"

namespace touchstone::chain {

/// RIPEMD-160 (Dobbertin, Bosselaers, Preneel, 1996) of public data.
ByteArray<20> ripemd160(Bytes data);

}  // namespace touchstone::chain
