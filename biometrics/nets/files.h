// Whole files and digests.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace touchstone::nets {

/// Throws BadInput.
std::string read_whole(const std::filesystem::path& path);
/// Replaces `path` as a whole: written beside it, flushed to the disk and renamed, so that a killed run leaves the old file or
/// the new one. Throws BadInput.
void write_whole(const std::filesystem::path& path, std::string_view content);
/// A folder that no other process may write to at the same time: locked until this ends or the process does. Throws BadInput
/// where another one has it and `wait` is false.
class FolderLock {
 public:
  FolderLock(const std::filesystem::path& folder, bool wait);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int handle_;
};
inline Bytes as_bytes(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }
/// Hexadecimal digits.
std::string to_hex(Bytes bytes);
/// SHA-256 as hexadecimal digits.
std::string digest_of(std::string_view text);

}  // namespace touchstone::nets
