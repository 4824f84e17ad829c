#include "nets/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "crypto/sha256.h"
#include "nets/bad_input.h"

namespace touchstone::nets {

std::string read_whole(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) throw BadInput(path.string() + ": no such file");
  std::ifstream file(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) throw BadInput(path.string() + ": cannot be read");
  return content;
}

void write_whole(const std::filesystem::path& path, std::string_view content) {
  const std::string draft = path.string() + ".partial";
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  bool good = file >= 0;
  for (std::size_t done = 0; good && done < content.size();) {
    const ssize_t n = ::write(file, content.data() + done, content.size() - done);
    good = n > 0;
    if (good) done += static_cast<std::size_t>(n);
  }
  good = good && ::fsync(file) == 0;
  if (file >= 0) good = ::close(file) == 0 && good;
  std::error_code error;
  if (good) std::filesystem::rename(draft, path, error);
  if (!good || error) throw BadInput(path.string() + ": cannot be written");
}

FolderLock::FolderLock(const std::filesystem::path& folder, bool wait) : handle_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (handle_ >= 0 && ::flock(handle_, LOCK_EX | LOCK_NB) == 0) return;
  if (handle_ >= 0 && wait) {
    std::fprintf(stderr, "%s: another process works in it; waiting until it is done\n", folder.c_str());
    if (::flock(handle_, LOCK_EX) == 0) return;
  }
  if (handle_ >= 0) ::close(handle_);
  throw BadInput(folder.string() + ": cannot be had alone; another process may be working in it");
}

FolderLock::~FolderLock() { ::close(handle_); }

std::string to_hex(Bytes bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t b : bytes) {
    out += kDigits[b >> 4];
    out += kDigits[b & 15];
  }
  return out;
}

std::string digest_of(std::string_view text) { return to_hex(crypto::sha256(as_bytes(text))); }

}  // namespace touchstone::nets
