// Byte views, byte order and bounded reading and writing. Freestanding.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace touchstone {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;
template <std::size_t N>
using ByteArray = std::array<std::uint8_t, N>;

constexpr std::uint16_t load_le16(const std::uint8_t* p) {
  return static_cast<std::uint16_t>(p[0] | p[1] << 8);
}
constexpr std::uint32_t load_le32(const std::uint8_t* p) {
  return std::uint32_t{p[0]} | std::uint32_t{p[1]} << 8 | std::uint32_t{p[2]} << 16 | std::uint32_t{p[3]} << 24;
}
constexpr std::uint64_t load_le64(const std::uint8_t* p) {
  return std::uint64_t{load_le32(p)} | std::uint64_t{load_le32(p + 4)} << 32;
}
constexpr std::uint32_t load_be32(const std::uint8_t* p) {
  return std::uint32_t{p[3]} | std::uint32_t{p[2]} << 8 | std::uint32_t{p[1]} << 16 | std::uint32_t{p[0]} << 24;
}
constexpr std::uint64_t load_be64(const std::uint8_t* p) {
  return std::uint64_t{load_be32(p)} << 32 | load_be32(p + 4);
}
constexpr void store_le16(std::uint8_t* p, std::uint16_t v) {
  p[0] = static_cast<std::uint8_t>(v);
  p[1] = static_cast<std::uint8_t>(v >> 8);
}
constexpr void store_le32(std::uint8_t* p, std::uint32_t v) {
  for (int i = 0; i < 4; ++i) p[i] = static_cast<std::uint8_t>(v >> (8 * i));
}
constexpr void store_le64(std::uint8_t* p, std::uint64_t v) {
  for (int i = 0; i < 8; ++i) p[i] = static_cast<std::uint8_t>(v >> (8 * i));
}
constexpr void store_be32(std::uint8_t* p, std::uint32_t v) {
  for (int i = 0; i < 4; ++i) p[i] = static_cast<std::uint8_t>(v >> (24 - 8 * i));
}
constexpr void store_be64(std::uint8_t* p, std::uint64_t v) {
  for (int i = 0; i < 8; ++i) p[i] = static_cast<std::uint8_t>(v >> (56 - 8 * i));
}

/// Reads untrusted bytes front to back. Reading past the end sets failed() and yields zeros; check once, at the end.
class ByteReader {
 public:
  constexpr explicit ByteReader(Bytes bytes) : bytes_(bytes) {}

  constexpr Bytes take(std::size_t size_bytes) {
    if (size_bytes > remaining()) {
      failed_ = true;
      position_ = bytes_.size();
      return {};
    }
    Bytes out = bytes_.subspan(position_, size_bytes);
    position_ += size_bytes;
    return out;
  }
  constexpr std::uint8_t u8() {
    Bytes b = take(1);
    return b.empty() ? std::uint8_t{0} : b[0];
  }
  constexpr std::uint16_t le16() {
    Bytes b = take(2);
    return b.empty() ? std::uint16_t{0} : load_le16(b.data());
  }
  constexpr std::uint32_t le32() {
    Bytes b = take(4);
    return b.empty() ? 0 : load_le32(b.data());
  }
  constexpr std::uint64_t le64() {
    Bytes b = take(8);
    return b.empty() ? 0 : load_le64(b.data());
  }
  /// Copies out.size() bytes; on failure `out` is left as it was.
  constexpr void copy(MutableBytes out) {
    Bytes b = take(out.size());
    for (std::size_t i = 0; i < b.size(); ++i) out[i] = b[i];
  }
  constexpr std::size_t remaining() const { return bytes_.size() - position_; }
  constexpr std::size_t position() const { return position_; }
  constexpr bool failed() const { return failed_; }
  /// True when everything was read and nothing was missing.
  constexpr bool complete() const { return !failed_ && remaining() == 0; }

 private:
  Bytes bytes_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

/// Writes into a fixed buffer. Writing past the end sets failed() and writes nothing more.
class ByteWriter {
 public:
  constexpr explicit ByteWriter(MutableBytes buffer) : buffer_(buffer) {}

  constexpr void put(Bytes bytes) {
    if (bytes.size() > buffer_.size() - size_) {
      failed_ = true;
      return;
    }
    for (std::uint8_t b : bytes) buffer_[size_++] = b;
  }
  constexpr void u8(std::uint8_t v) { put(Bytes(&v, 1)); }
  constexpr void le16(std::uint16_t v) {
    ByteArray<2> b{};
    store_le16(b.data(), v);
    put(b);
  }
  constexpr void le32(std::uint32_t v) {
    ByteArray<4> b{};
    store_le32(b.data(), v);
    put(b);
  }
  constexpr void le64(std::uint64_t v) {
    ByteArray<8> b{};
    store_le64(b.data(), v);
    put(b);
  }
  constexpr Bytes written() const { return Bytes(buffer_.data(), size_); }
  constexpr std::size_t size() const { return size_; }
  constexpr bool failed() const { return failed_; }

 private:
  MutableBytes buffer_;
  std::size_t size_ = 0;
  bool failed_ = false;
};

}  // namespace touchstone
