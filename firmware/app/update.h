// A new firmware image on its way into the staging slot. The boot ROM judges and installs it at the next start; what is
// checked here only saves the owner a restart. Freestanding.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "drivers/devices.h"

namespace touchstone::firmware {

/// Where an image is collected: the staging slot itself, or a door to it.
class UpdateStore {
 public:
  virtual ~UpdateStore() = default;
  /// What was there is gone. Errors: kTooLarge, kBadFormat (shorter than a header), kDevice.
  virtual Status begin(std::uint32_t image_bytes) = 0;
  /// The next piece, a multiple of 4 bytes unless it is the last. Errors: kState (no image begun, or not the offset that
  /// comes next), kOutOfRange (beyond the image), kBadFormat (odd length), kDevice.
  virtual Status write(std::uint32_t offset, Bytes untrusted_piece) = 0;
  /// The image is complete and its hash is right: writes its valid word, last. Errors: kState, kBadFormat, kMismatch (hash),
  /// kDevice.
  virtual Status commit() = 0;
  /// Starts the card anew; what is staged is judged by the boot ROM.
  virtual void restart() = 0;
};

class UpdateSlot : public UpdateStore {
 public:
  /// `reset` starts the card anew and may return before it has done so.
  UpdateSlot(FlashPages& flash, void (*reset)(void* context), void* context)
      : flash_(flash), reset_(reset), context_(context) {}
  Status begin(std::uint32_t image_bytes) override;
  Status write(std::uint32_t offset, Bytes untrusted_piece) override;
  Status commit() override;
  void restart() override { reset_(context_); }

 private:
  FlashPages& flash_;
  void (*reset_)(void* context);
  void* context_;
  std::uint32_t image_bytes_ = 0;  // 0: none is under way
  std::uint32_t next_offset_ = 0;
  alignas(4) ByteArray<4> valid_word_{};  // of the image, kept back until the end
};

}  // namespace touchstone::firmware
