// The blocks of the vault's calls, as both sides of the border read them (vault_calls.h). Freestanding.
//
// Plain numbers alone: any bytes are a value, so nothing of a caller can be more than wrong.
#pragma once

#include <cstring>
#include <type_traits>

#include "app/vault_calls.h"

namespace touchstone::firmware::vault_blocks {

struct Nothing {};
struct Flag {
  std::uint8_t value;
};
struct Cycles {
  std::uint64_t value;
};
struct QualityBlock {
  std::uint8_t contact_percent, ridge_percent;
};
struct RecordBlock {
  EnrolmentRecord::Body body;
};
struct EnrolBlock {
  ByteArray<33> wallet_public_key;
  std::uint8_t network, touches, scheme, fingers, any_order;
  std::uint32_t account, epoch;
};
struct SignBlock {
  SignOrder order;
  PartialSignature result;
};
struct ChannelAnswerBlock {
  ChannelHello hello;
  ChannelAnswer answer;
};
struct ChannelOpenBlock {
  ChannelClosing closing;
  ByteArray<32> send, receive;
  crypto::CompressedPoint wallet;
};
struct NonceBlock {
  ByteArray<32> nonce;
};
struct RunBeginBlock {
  std::uint8_t run;
  ByteArray<32> wallet_nonce;
  EcdsaOrder order;
};
struct RunMessageBlock {
  std::uint32_t bytes;
  ByteArray<kMaxRunMessageBytes> data;
};
struct PointBlock {
  ByteArray<32> x, y;
  std::uint8_t infinity;
};
struct AttestBlock {
  ByteArray<32> challenge;
  ByteArray<contract::AttestResponse::kMaxBytes> response;  // encoded
};
struct UpdateBeginBlock {
  std::uint32_t bytes, agreed_version;
};
/// A piece of an image goes over in several blocks.
struct UpdateBlock {
  std::uint32_t offset, bytes;
  ByteArray<256> data;
};
struct CurveBlock {
  enum Operation : std::uint8_t { kMultiply, kMultiplyBase, kAdd, kLiftX };
  std::uint8_t operation;
  ByteArray<32> k;  // the scalar, or the x to lift
  PointBlock p, q;  // the result comes back in p
};

inline PointBlock to_block(const crypto::Point& point) {
  return {point.x, point.y, static_cast<std::uint8_t>(point.infinity ? 1 : 0)};
}

inline crypto::Point from_block(const PointBlock& block) {
  return block.infinity != 0 ? crypto::Point{} : crypto::Point{block.x, block.y, false};
}

template <typename Block>
constexpr std::size_t size_of() {
  static_assert(std::is_trivially_copyable_v<Block> && sizeof(Block) <= kMaxVaultBlockBytes);
  return std::is_empty_v<Block> ? 0 : sizeof(Block);
}

/// From and to bytes; an empty block has none.
template <typename Block>
void load(Block& block, Bytes bytes) {
  if (!bytes.empty()) std::memcpy(static_cast<void*>(&block), bytes.data(), bytes.size());
}
template <typename Block>
void store(MutableBytes bytes, const Block& block) {
  if (!bytes.empty()) std::memcpy(bytes.data(), &block, bytes.size());
}

}  // namespace touchstone::firmware::vault_blocks
