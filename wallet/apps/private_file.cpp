#include "wallet/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <tuple>

#include "wallet/file_descriptor.h"

namespace touchstone::wallet {
namespace {

/// The name outlasts a power failure as the content does, where the file system can.
void sync_folder_of(const std::string& path) {
  const auto folder = std::filesystem::absolute(path).parent_path();
  const FileDescriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() >= 0) std::ignore = ::fsync(opened.get());
}

}  // namespace

Status create_private_file(const std::string& path, Bytes content) {
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (file.get() < 0) {
    if (errno == EEXIST) return Error{ErrorCode::kState, "the file exists already"};
    return Error{ErrorCode::kDevice, "the file cannot be made"};
  }
  if (::write(file.get(), content.data(), content.size()) != static_cast<ssize_t>(content.size()) || ::fsync(file.get()) != 0) {
    ::unlink(path.c_str());
    return Error{ErrorCode::kDevice, "the file cannot be written"};
  }
  sync_folder_of(path);
  return {};
}

Result<chain::ByteVector> read_file(const std::string& path, std::size_t limit) {
  // No waiting for the writer of a pipe.
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return Error{ErrorCode::kDevice, "cannot be read"};
  if (!S_ISREG(status.st_mode)) return Error{ErrorCode::kState, "is no regular file"};
  chain::ByteVector out(limit + 1);
  std::size_t size = 0;
  for (ssize_t n = 1; n > 0 && size < out.size(); size += static_cast<std::size_t>(n)) {
    n = ::read(file.get(), out.data() + size, out.size() - size);
    if (n < 0) return Error{ErrorCode::kDevice, "cannot be read"};
  }
  if (size > limit) return Error{ErrorCode::kTooLarge, "is longer than such a file can be"};
  out.resize(size);
  return out;
}

}  // namespace touchstone::wallet
