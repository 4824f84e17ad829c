#include "wallet/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/system_entropy.h"
#include "wallet/file_descriptor.h"
#include "wallet/private_file.h"

namespace touchstone::wallet {
namespace {

constexpr std::size_t kDigits = 64;

/// Value of a hexadecimal digit; sets `bad` otherwise. No table: nothing is indexed by the secret.
std::uint8_t digit_value(std::uint8_t c, bool& bad) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  bad = true;
  return 0;
}

std::uint8_t digit_text(std::uint8_t value) { return static_cast<std::uint8_t>(value + (value < 10 ? '0' : 'a' - 10)); }

}  // namespace

Status create_secret_file(const std::string& path) {
  Secret<32> secret;
  fill_from_system(secret.expose());
  return create_secret_file(path, secret);
}

Status create_secret_file(const std::string& path, const Secret<32>& secret) {
  Secret<kDigits + 1> text;
  for (std::size_t i = 0; i < 32; ++i) {
    text.expose()[2 * i] = digit_text(secret.expose()[i] >> 4);
    text.expose()[2 * i + 1] = digit_text(secret.expose()[i] & 15);
  }
  text.expose()[kDigits] = '\n';
  return create_private_file(path, text.expose());
}

Result<Secret<32>> read_secret_file(const std::string& path) {
  // No symbolic link, and no waiting for the writer of a pipe: a name is all that is known so far.
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0)
    return Error{ErrorCode::kDevice, "the secret file cannot be read"};
  if (!S_ISREG(status.st_mode)) return Error{ErrorCode::kState, "the secret file is no regular file"};
  if (status.st_uid != ::geteuid()) return Error{ErrorCode::kState, "the secret file is somebody else's"};
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Error{ErrorCode::kState, "the secret file is open to others: chmod 600 it"};
  }
  Secret<kDigits + 2> text;  // one byte more than a good file has
  const ssize_t size = ::read(file.get(), text.expose().data(), text.size());
  const bool newline = size == static_cast<ssize_t>(kDigits) + 1 && text.expose()[kDigits] == '\n';
  if (size != static_cast<ssize_t>(kDigits) && !newline)
    return Error{ErrorCode::kBadFormat, "the secret file is not 64 digits"};

  Secret<32> secret;
  bool bad = false;
  for (std::size_t i = 0; i < 32; ++i) {
    const std::uint8_t high = digit_value(text.expose()[2 * i], bad);
    const std::uint8_t low = digit_value(text.expose()[2 * i + 1], bad);
    secret.expose()[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  if (bad) return Error{ErrorCode::kBadFormat, "the secret file holds other than hexadecimal digits"};
  return secret;
}

}  // namespace touchstone::wallet
