#include "chain/der.h"

#include <algorithm>

#include "crypto/scalar.h"

namespace touchstone::chain {
namespace {

constexpr std::uint8_t kSequence = 0x30, kInteger = 0x02;

/// The shortest form: no zeros in front but the one that keeps the number from being negative.
void put_integer(ByteWriter& writer, Bytes big_endian) {
  while (big_endian.size() > 1 && big_endian[0] == 0) big_endian = big_endian.subspan(1);
  const bool negative = (big_endian[0] & 0x80) != 0;
  writer.u8(kInteger);
  writer.u8(static_cast<std::uint8_t>(big_endian.size() + (negative ? 1 : 0)));
  if (negative) writer.u8(0);
  writer.put(big_endian);
}

/// An INTEGER into 32 bytes, its form judged only as far as that needs. False if it does not fit.
bool read_integer(ByteReader& reader, MutableBytes out32) {
  if (reader.u8() != kInteger) return false;
  Bytes number = reader.take(reader.u8());
  if (number.empty()) return false;
  while (!number.empty() && number[0] == 0) number = number.subspan(1);
  if (reader.failed() || number.size() > out32.size()) return false;
  std::copy(number.begin(), number.end(), out32.end() - static_cast<std::ptrdiff_t>(number.size()));
  return true;
}

}  // namespace

Result<DerSignature> der_encode(const crypto::EcdsaSignature& signature) {
  const Bytes r_bytes = Bytes(signature).first(32), s_bytes = Bytes(signature).last(32);
  const auto r = crypto::Scalar::from_bytes(r_bytes), s = crypto::Scalar::from_bytes(s_bytes);
  if (!r || !s || r->is_zero() || s->is_zero()) return Error{ErrorCode::kOutOfRange, "der: r or s"};
  if (s->is_high()) return Error{ErrorCode::kOutOfRange, "der: high s"};
  DerSignature der;
  ByteWriter body(MutableBytes(der.bytes).subspan(2));
  put_integer(body, r_bytes);
  put_integer(body, s_bytes);
  TS_CHECK(!body.failed(), "the longest signature fits");
  der.bytes[0] = kSequence;
  der.bytes[1] = static_cast<std::uint8_t>(body.size());
  der.size = body.size() + 2;
  return der;
}

Result<crypto::EcdsaSignature> der_decode(Bytes untrusted_bytes) {
  constexpr Error kBad{ErrorCode::kBadFormat, "der: not a strict signature"};
  ByteReader reader(untrusted_bytes);
  const std::uint8_t tag = reader.u8();
  const std::size_t size = reader.u8();
  if (tag != kSequence || size != reader.remaining()) return kBad;
  crypto::EcdsaSignature signature{};
  if (!read_integer(reader, MutableBytes(signature).first(32)) || !read_integer(reader, MutableBytes(signature).last(32)))
    return kBad;
  if (!reader.complete()) return kBad;
  // There is one strict form of every pair: this one.
  const auto der = der_encode(signature);
  if (!der) return der.error();
  if (!std::equal(untrusted_bytes.begin(), untrusted_bytes.end(), der->view().begin(), der->view().end())) return kBad;
  return signature;
}

}  // namespace touchstone::chain
