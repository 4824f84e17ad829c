// A new firmware image on its way into the staging slot. The boot ROM judges and installs it at the next start. What it would
// refuse is refused here already: a start that leads nowhere would only make the card forget how often it was tried.
// Freestanding.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/curve.h"
#include "crypto/point.h"
#include "drivers/devices.h"
#include "signed_image/image_header.h"

namespace touchstone::firmware {

/// Where an image is collected: the staging slot itself, or a door to it.
class UpdateStore {
 public:
  virtual ~UpdateStore() = default;
  /// What was staged is gone. `agreed_version` is the one the owner agreed to: no other is staged. Errors: kTooLarge,
  /// kBadFormat (shorter than a header, or not a number of words), kDevice.
  virtual Status update_begin(std::uint32_t image_bytes, std::uint32_t agreed_version) = 0;
  /// The next piece. As soon as the header is whole it must be one, of that length and version, and newer than what runs.
  /// Errors: kState (no image begun), kOutOfRange (not the offset that comes next, or beyond the image; not newer),
  /// kBadFormat (not a number of words), those of ImageHeader::parse(), kMismatch (length or version), kDevice. After any
  /// error a new beginning is needed.
  virtual Status update_write(std::uint32_t offset, Bytes untrusted_piece) = 0;
  /// The image is complete, the vendor's and what its header says: writes its valid word, last. Errors: kState,
  /// kBadSignature, kMismatch (hash), kStorage (the valid word was not kept), those of update_write().
  virtual Status update_commit() = 0;
  /// Starts the card anew, if an image was committed; else nothing.
  virtual void restart() = 0;
};

class UpdateSlot : public UpdateStore {
 public:
  struct Rule {
    crypto::XOnlyPoint vendor_key{};
    std::uint32_t running_version = 0;
  };
  /// `reset` starts the card anew and may return before it has done so.
  UpdateSlot(FlashPages& flash, crypto::Curve& curve, const Rule& rule, void (*reset)(void* context), void* context)
      : flash_(flash), curve_(curve), rule_(rule), reset_(reset), context_(context) {}
  Status update_begin(std::uint32_t image_bytes, std::uint32_t agreed_version) override;
  Status update_write(std::uint32_t offset, Bytes untrusted_piece) override;
  Status update_commit() override;
  void restart() override {
    if (committed_) reset_(context_);
  }

 private:
  Status program(std::uint32_t offset, Bytes piece);
  struct StagedHeader {
    ByteArray<ImageHeader::kBytes> bytes;  ///< with the valid word that flash does not have yet
    ImageHeader fields;
  };
  /// What lies in the slot, if it is the image that was agreed to.
  Result<StagedHeader> agreed_header(std::uint32_t image_bytes);
  Status check_program(std::uint32_t program_bytes, const ByteArray<32>& sha256);

  FlashPages& flash_;
  crypto::Curve& curve_;
  Rule rule_;
  void (*reset_)(void* context);
  void* context_;
  std::uint32_t image_bytes_ = 0;  // 0: none is under way
  std::uint32_t agreed_version_ = 0;
  std::uint32_t next_offset_ = 0;
  bool committed_ = false;
  alignas(4) ByteArray<4> valid_word_{};  // of the image, kept back until the end
};

}  // namespace touchstone::firmware
