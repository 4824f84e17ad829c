// The numbers inside secret nonces, for published vectors and to see them wiped. Tests only.
#pragma once

#include "mpc_frost/sign.h"

namespace touchstone::mpc::frost {

struct SecretNoncesTestAccess {
  static ByteArray<32> hiding(const SecretNonces& nonces) { return nonces.hiding_.to_bytes(); }
  static ByteArray<32> binding(const SecretNonces& nonces) { return nonces.binding_.to_bytes(); }
};

}  // namespace touchstone::mpc::frost
