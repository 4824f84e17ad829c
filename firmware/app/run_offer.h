// The card's part of what makes a run another one. Freestanding.
#pragma once

#include <optional>

#include "base/secret.h"
#include "drivers/devices.h"

namespace touchstone::firmware {

class RunOffer {
 public:
  explicit RunOffer(Entropy& entropy) : entropy_(entropy) {}

  /// A fresh nonce, in the place of one that was made before. Errors: kDevice.
  Result<ByteArray<32>> make() {
    nonce_.emplace();
    if (const Status drawn = entropy_.fill(*nonce_); !drawn) {
      nonce_.reset();
      return drawn.error();
    }
    return *nonce_;
  }
  bool made() const { return nonce_.has_value(); }
  /// The nonce, once, and randomness for the run. Errors: kState (there is none), kDevice.
  Result<ByteArray<32>> take(MutableBytes random32) {
    if (!nonce_) return Error{ErrorCode::kState, "no run was offered"};
    const ByteArray<32> nonce = *nonce_;
    nonce_.reset();
    TS_RETURN_IF_ERROR(entropy_.fill(random32));
    return nonce;
  }
  void withdraw() { nonce_.reset(); }

 private:
  Entropy& entropy_;
  std::optional<ByteArray<32>> nonce_;
};

}  // namespace touchstone::firmware
