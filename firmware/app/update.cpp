#include "app/update.h"

#include <algorithm>
#include <utility>

#include "crypto/bip340.h"
#include "crypto/sha256.h"

namespace touchstone::firmware {
namespace {

using contract::kPageBytes;
constexpr std::uint32_t kSlot = contract::kFlashUpdateOffset;
constexpr std::size_t kChunkBytes = 256;  // divides a page; the first one is the header

}  // namespace

Status UpdateSlot::update_begin(std::uint32_t image_bytes, std::uint32_t agreed_version) {
  image_bytes_ = next_offset_ = 0;
  committed_ = false;
  if (image_bytes > contract::kFlashUpdateSizeBytes) return Error{ErrorCode::kTooLarge, "the image is larger than its slot"};
  if (image_bytes <= ImageHeader::kBytes || image_bytes % 4 != 0)
    return Error{ErrorCode::kBadFormat, "an image is a header and a number of words"};
  // With its header what was staged is no image any more; the other pages are erased when their time comes.
  TS_RETURN_IF_ERROR(flash_.erase_page(kSlot));
  image_bytes_ = image_bytes;
  agreed_version_ = agreed_version;
  return {};
}

Status UpdateSlot::update_write(std::uint32_t offset, Bytes untrusted_piece) {
  if (image_bytes_ == 0) return Error{ErrorCode::kState, "no update has begun"};
  const std::uint32_t image_bytes = std::exchange(image_bytes_, 0);  // until the piece is written
  if (offset != next_offset_ || untrusted_piece.size() > image_bytes - next_offset_)
    return Error{ErrorCode::kOutOfRange, "not the next piece"};
  if (untrusted_piece.empty() || untrusted_piece.size() % 4 != 0) return Error{ErrorCode::kBadFormat, "not a number of words"};
  while (!untrusted_piece.empty()) {
    const std::size_t in_chunk = std::min<std::size_t>(untrusted_piece.size(), kChunkBytes - next_offset_ % kChunkBytes);
    TS_RETURN_IF_ERROR(program(next_offset_, untrusted_piece.first(in_chunk)));
    next_offset_ += static_cast<std::uint32_t>(in_chunk);
    untrusted_piece = untrusted_piece.subspan(in_chunk);
    if (next_offset_ == ImageHeader::kBytes) TS_RETURN_IF_ERROR(agreed_header(image_bytes));
  }
  image_bytes_ = image_bytes;
  return {};
}

Status UpdateSlot::program(std::uint32_t offset, Bytes piece) {
  if (offset > 0 && offset % kPageBytes == 0) TS_RETURN_IF_ERROR(flash_.erase_page(kSlot + offset));
  alignas(4) ByteArray<kChunkBytes> words;  // the controller reads aligned RAM
  std::copy(piece.begin(), piece.end(), words.begin());
  if (offset + piece.size() == ImageHeader::kBytes) {
    std::copy_n(piece.end() - 4, 4, valid_word_.begin());
    piece = piece.first(piece.size() - 4);
  }
  return piece.empty() ? Status{} : flash_.program(kSlot + offset, Bytes(words).first(piece.size()));
}

Result<UpdateSlot::StagedHeader> UpdateSlot::agreed_header(std::uint32_t image_bytes) {
  StagedHeader out;
  flash_.read(kSlot, out.bytes);
  std::copy(valid_word_.begin(), valid_word_.end(), out.bytes.begin() + ImageHeader::kValidWordOffset);
  const auto fields = ImageHeader::parse(out.bytes);
  TS_RETURN_IF_ERROR(fields);
  if (fields->image_bytes() != image_bytes) return Error{ErrorCode::kMismatch, "the image is not as long as its header says"};
  if (fields->version != agreed_version_) return Error{ErrorCode::kMismatch, "not the version that the owner agreed to"};
  if (fields->version <= rule_.running_version) return Error{ErrorCode::kOutOfRange, "not newer than what runs"};
  out.fields = *fields;
  return out;
}

Status UpdateSlot::update_commit() {
  const std::uint32_t image_bytes = std::exchange(image_bytes_, 0);
  if (image_bytes == 0 || next_offset_ != image_bytes) return Error{ErrorCode::kState, "the image is not complete"};
  const auto header = agreed_header(image_bytes);
  TS_RETURN_IF_ERROR(header);
  const auto digest = ImageHeader::digest(Bytes(header->bytes).first(ImageHeader::kSignedBytes));
  TS_RETURN_IF_ERROR(crypto::bip340_verify(curve_, rule_.vendor_key, digest, header->fields.signature));
  TS_RETURN_IF_ERROR(check_program(header->fields.program_bytes, header->fields.program_sha256));
  TS_RETURN_IF_ERROR(flash_.program(kSlot + ImageHeader::kValidWordOffset, valid_word_));
  ByteArray<4> kept;
  flash_.read(kSlot + ImageHeader::kValidWordOffset, kept);
  if (kept != valid_word_) return Error{ErrorCode::kStorage, "the flash does not keep the image"};
  committed_ = true;
  return {};
}

Status UpdateSlot::check_program(std::uint32_t program_bytes, const ByteArray<32>& sha256) {
  crypto::Sha256 hash;
  ByteArray<kChunkBytes> chunk;
  for (std::uint32_t done = 0; done < program_bytes;) {
    const std::size_t size = std::min<std::size_t>(kChunkBytes, program_bytes - done);
    const MutableBytes part = MutableBytes(chunk).first(size);
    flash_.read(kSlot + static_cast<std::uint32_t>(ImageHeader::kBytes) + done, part);
    hash.update(part);
    done += static_cast<std::uint32_t>(size);
  }
  if (hash.finish() != sha256) return Error{ErrorCode::kMismatch, "the program is not what its header says"};
  return {};
}

}  // namespace touchstone::firmware
