// BootRom: what the mask ROM decides - which image runs, and who the card is with it. Portable: the ROM's port and the host's
// tests give it a BootBoard. Freestanding.
//
// Two slots: `firmware` runs, `update` is where the firmware stages a new image. A staged image that is whole, signed and
// newer than the running one is copied over it, the valid word last; only then it is forgotten in its staging slot. Power may
// go at any flash operation: either the running image is still whole, or the staged one is, and the next start goes on.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/curve.h"
#include "drivers/devices.h"
#include "rom/handover.h"
#include "signed_image/image_header.h"

namespace touchstone::firmware {

using BootState = contract::simctl::BootState;

/// One-time programmable memory, as the boot ROM uses it (contract: otp).
class Fuses {
 public:
  virtual ~Fuses() = default;
  virtual void read_device_secret(Secret<32>& out) = 0;
  virtual ByteArray<64> device_certificate() = 0;
  /// The oldest version that may run; 0 on a new card.
  virtual std::uint32_t min_version() = 0;
  /// Torn, it counts for what was there before, for `version`, or for something in between.
  virtual void raise_min_version(std::uint32_t version) = 0;
  virtual bool debug_locked() = 0;
  /// Until the next reset: the device secret reads 0, nothing can be set.
  virtual void lock() = 0;
};

class BootReport {
 public:
  virtual ~BootReport() = default;
  virtual void report(BootState state, std::uint32_t version) = 0;
};

struct BootBoard {
  Bytes flash;        ///< all of it, as the processor reads it
  FlashPages& pages;  ///< the same flash, to be changed
  Fuses& fuses;
  crypto::Curve& curve;
  Entropy& entropy;
  BootReport& report;
  crypto::XOnlyPoint vendor_key;
  MutableBytes page_buffer;  ///< one page of RAM, word-aligned
};

class BootRom {
 public:
  explicit BootRom(const BootBoard& board) : board_(board) {}

  /// Finishes or begins an update if one is staged, and verifies what is to run. Errors: kBadSignature, kMismatch, kState and
  /// others of verify_image(), kOutOfRange (older than MIN_VERSION): nothing may run.
  Result<ImageHeader> choose_image();

  /// The identity of this card with this image, for the image. Afterwards the secret is out of reach until the next reset.
  /// Errors: kDevice.
  Status hand_over(const ImageHeader& image, Handover& out);

 private:
  Result<ImageHeader> verify(std::uint32_t slot_offset);
  Result<ImageHeader> install(const ImageHeader& staged);
  Status copy_image(std::uint32_t image_bytes);
  /// Copies bytes [from, to) of the staged image.
  Status copy(std::uint32_t from, std::uint32_t to);
  void discard_staged();

  BootBoard board_;
};

}  // namespace touchstone::firmware
