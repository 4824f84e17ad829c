// Hexadecimal and Base64 text for command lines and files; messages of the contract as bytes.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/check.h"
#include "base/result.h"
#include "chain/psbt_writer.h"

namespace touchstone::wallet {

std::string to_hex(Bytes bytes);
/// Errors: kBadFormat (odd length, other characters).
Result<chain::ByteVector> from_hex(std::string_view untrusted_text);
/// Hexadecimal text of exactly out.size() bytes, decoded in place: no second copy is left. Errors: kBadFormat.
Status from_hex(std::string_view untrusted_text, MutableBytes out);

/// RFC 4648 section 4, with padding; white space between characters is skipped. Errors: kBadFormat.
Result<chain::ByteVector> from_base64(std::string_view untrusted_text);
std::string to_base64(Bytes bytes);

/// A message of the wallet's own making, which fits.
template <typename Message>
chain::ByteVector encoded(const Message& message) {
  chain::ByteVector buffer(Message::kMaxBytes);
  const auto used = message.encode(buffer);
  TS_CHECK(used.ok(), "the wallet's own message fits");
  buffer.resize(used->size());
  return buffer;
}

}  // namespace touchstone::wallet
