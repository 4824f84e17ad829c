#include "codes/helper_data.h"

#include <bit>

#include "base/check.h"

namespace touchstone::codes {
namespace {

constexpr std::uint8_t kAnyOrder = 1;
constexpr std::uint8_t kWeak = 2;

}  // namespace

Status HelperData::validate() const {
  if (dimensions < 64 || dimensions > 1024 || !std::has_single_bit(dimensions)) {
    return Error{ErrorCode::kBadFormat, "helper data: dimensions are not a power of two from 64 to 1024"};
  }
  if (fingers < 1 || fingers > kMaxFingers || fingers * dimensions > kMaxDimensions) {
    return Error{ErrorCode::kBadFormat, "helper data: number of fingers"};
  }
  if (any_order && fingers == 1) return Error{ErrorCode::kBadFormat, "helper data: one finger has no order"};
  const auto known = CodeChoice::make(code.family, code.n, code.k);
  if (!known) return known.error();
  if (bits_left_q8() < 0 && !weak) {
    return Error{ErrorCode::kBadFormat, "helper data: fewer sign patterns than check bits, and not marked as weak"};
  }
  if (bits_left_q8() >= 0 && weak) return Error{ErrorCode::kBadFormat, "helper data: marked as weak and is not"};
  return {};
}

ByteArray<HelperData::kHeaderBytes> HelperData::header() const {
  ByteArray<kHeaderBytes> out{};
  ByteWriter writer(out);
  writer.u8(kVersion);
  writer.u8(static_cast<std::uint8_t>(code.family));
  writer.le16(code.n);
  writer.le16(code.k);
  writer.le16(dimensions);
  writer.u8(fingers);
  writer.u8(static_cast<std::uint8_t>((any_order ? kAnyOrder : 0) | (weak ? kWeak : 0)));
  TS_CHECK(!writer.failed() && writer.size() == kHeaderBytes, "layout of helper data");
  return out;
}

Bytes HelperData::serialize(MutableBytes buffer) const {
  ByteWriter writer(buffer);
  writer.put(header());
  writer.put(seed);
  writer.put(Bytes(offset).first(offset_bytes()));
  writer.put(check);
  TS_CHECK(!writer.failed() && writer.size() == bytes(), "buffer for helper data");
  return writer.written();
}

Result<HelperData> HelperData::parse(Bytes untrusted) {
  ByteReader reader(untrusted);
  const std::uint8_t version = reader.u8();
  if (reader.failed()) return Error{ErrorCode::kBadFormat, "helper data: empty"};
  if (version != kVersion) return Error{ErrorCode::kUnsupported, "helper data: unknown version"};
  HelperData out;
  out.code.family = static_cast<CodeFamily>(reader.u8());
  out.code.n = reader.le16();
  out.code.k = reader.le16();
  out.dimensions = reader.le16();
  out.fingers = reader.u8();
  const std::uint8_t flags = reader.u8();
  if (reader.failed()) return Error{ErrorCode::kBadFormat, "helper data: cut off"};
  if ((flags & ~(kAnyOrder | kWeak)) != 0) return Error{ErrorCode::kBadFormat, "helper data: reserved flag is set"};
  out.any_order = (flags & kAnyOrder) != 0;
  out.weak = (flags & kWeak) != 0;
  TS_RETURN_IF_ERROR(out.validate());
  reader.copy(out.seed);
  reader.copy(MutableBytes(out.offset).first(out.offset_bytes()));
  reader.copy(out.check);
  if (!reader.complete()) return Error{ErrorCode::kBadFormat, "helper data: wrong length"};
  if (out.code.n % 8 != 0 && out.offset[out.offset_bytes() - 1] >> (out.code.n % 8) != 0) {
    return Error{ErrorCode::kBadFormat, "helper data: reserved bit of the offset is set"};
  }
  return out;
}

}  // namespace touchstone::codes
