#include "rom/boot.h"

#include <algorithm>

#include "crypto/bip340.h"

namespace touchstone::firmware {
namespace {

using contract::kPageBytes;
constexpr std::uint32_t kRunning = contract::kFlashFirmwareOffset;
constexpr std::uint32_t kStaged = contract::kFlashUpdateOffset;
constexpr std::uint32_t kSlotBytes = contract::kFlashFirmwareSizeBytes;

}  // namespace

Result<ImageHeader> BootRom::verify(std::uint32_t slot_offset) {
  const auto image = verify_image(board_.flash.subspan(slot_offset, kSlotBytes), board_.vendor_key, board_.curve);
  if (image && image->version < board_.fuses.min_version())
    return Error{ErrorCode::kOutOfRange, "older than what has run before"};
  return image;
}

Result<ImageHeader> BootRom::choose_image() {
  Result<ImageHeader> running = verify(kRunning);
  // A staging slot without a valid word is empty, or an upload was torn: nothing to judge.
  const bool waits = load_le32(&board_.flash[kStaged + ImageHeader::kValidWordOffset]) == ImageHeader::kValidWord;
  bool settled = false;  // what waits has been dealt with, and may go
  if (waits) {
    const Result<ImageHeader> staged = verify(kStaged);
    if (staged && (!running || staged->version > running->version)) {
      running = install(*staged);
      settled = running.ok();
    } else if (running) {
      // The same image in both slots: an update that lost power at its very end.
      const bool finished = staged && staged->version == running->version && staged->program_sha256 == running->program_sha256;
      if (finished) board_.report.report(BootState::kUpdated, running->version);
      else board_.report.report(BootState::kUpdateRefused, staged ? staged->version : 0);
      settled = true;
    }
  }
  if (!running) {
    board_.fuses.lock();
    board_.report.report(BootState::kNoImage, 0);
    return running;
  }
  // From now on nothing older runs. Before the staged copy goes: it may be all that MIN_VERSION allows.
  if (running->version > board_.fuses.min_version()) board_.fuses.raise_min_version(running->version);
  if (settled) discard_staged();
  return running;
}

Result<ImageHeader> BootRom::install(const ImageHeader& staged) {
  board_.report.report(BootState::kUpdating, staged.version);
  constexpr int kTries = 2;
  for (int i = 0; i < kTries; ++i) {
    if (!copy_image(staged.image_bytes())) continue;
    const auto installed = verify(kRunning);
    if (!installed) continue;
    board_.report.report(BootState::kUpdated, staged.version);
    return installed;
  }
  board_.report.report(BootState::kUpdateFailed, staged.version);
  return Error{ErrorCode::kDevice, "the flash does not take the image"};
}

Status BootRom::copy_image(std::uint32_t image_bytes) {
  // The first page goes first and comes last: while the rest changes there is no valid word.
  TS_RETURN_IF_ERROR(board_.pages.erase_page(kRunning));
  for (std::uint32_t page = kPageBytes; page < image_bytes; page += kPageBytes) {
    TS_RETURN_IF_ERROR(board_.pages.erase_page(kRunning + page));
    TS_RETURN_IF_ERROR(copy(page, std::min(page + kPageBytes, image_bytes)));
  }
  TS_RETURN_IF_ERROR(copy(ImageHeader::kBytes, std::min(kPageBytes, image_bytes)));
  TS_RETURN_IF_ERROR(copy(0, ImageHeader::kValidWordOffset));
  return copy(ImageHeader::kValidWordOffset, ImageHeader::kBytes);
}

Status BootRom::copy(std::uint32_t from, std::uint32_t to) {
  const MutableBytes buffer = board_.page_buffer.first(to - from);
  std::copy_n(board_.flash.begin() + kStaged + from, buffer.size(), buffer.begin());
  return board_.pages.program(kRunning + from, buffer);
}

// If even this fails, the next start judges the staged image again.
void BootRom::discard_staged() { static_cast<void>(board_.pages.erase_page(kStaged)); }

Status BootRom::hand_over(const ImageHeader& image, Handover& out) {
  Secret<32> device_secret;
  board_.fuses.read_device_secret(device_secret);
  out.vendor_key = board_.vendor_key;
  out.device_certificate = board_.fuses.device_certificate();
  out.measurement = {image.program_sha256, image.version,
                     board_.fuses.debug_locked() ? identity::Lifecycle::kProduction : identity::Lifecycle::kDebug};
  board_.fuses.lock();

  const crypto::Scalar device_key = identity::device_key(device_secret);
  out.alias_secret = identity::alias_secret(device_secret, out.measurement);
  device_secret.wipe_now();
  const auto device_public = crypto::bip340_public_key(board_.curve, device_key);
  TS_RETURN_IF_ERROR(device_public);
  const auto alias_public = crypto::bip340_public_key(board_.curve, identity::alias_key(out.alias_secret));
  TS_RETURN_IF_ERROR(alias_public);
  out.device_key = *device_public;
  out.alias_key = *alias_public;

  // A generator that is silent or unhealthy costs the hedge, not the secrecy of the nonce (BIP340, "Default Signing").
  Secret<32> fresh;
  static_cast<void>(board_.entropy.fill(fresh.expose()));
  const auto digest = identity::alias_certificate_digest(out.measurement, out.alias_key);
  const auto certificate = crypto::bip340_sign(board_.curve, device_key, digest, fresh);
  TS_RETURN_IF_ERROR(certificate);
  out.alias_certificate = *certificate;
  out.magic = Handover::kMagic;
  board_.report.report(BootState::kRunning, image.version);
  return {};
}

}  // namespace touchstone::firmware
