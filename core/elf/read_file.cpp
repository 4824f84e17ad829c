#include "elf/read_file.h"

#include <fstream>
#include <system_error>

namespace touchstone {

std::variant<std::vector<std::uint8_t>, std::string> read_file(const std::filesystem::path& path) {
  constexpr std::uintmax_t kMaxFileBytes = 64 << 20;
  const std::string prefix = path.string() + ": ";
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return prefix + "no such file";
  if (!std::filesystem::is_regular_file(path, error)) return prefix + "not a regular file";
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) return prefix + error.message();
  if (size > kMaxFileBytes) return prefix + "larger than 64 MB";
  std::ifstream stream(path, std::ios::binary);
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
  if (!stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size))) return prefix + "cannot be read";
  return bytes;
}

}  // namespace touchstone
