// Secret A on disk: 64 hexadecimal digits and a newline, readable by its owner alone.
#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace touchstone::wallet {

/// Makes the file with mode 0600 and puts 32 bytes of the system's generator into it; never touches an existing file.
/// Errors: kState (exists), kDevice (cannot be written; what was begun is removed).
Status create_secret_file(const std::string& path);
/// The same with a secret that is there already.
Status create_secret_file(const std::string& path, const Secret<32>& secret);

/// Errors: kDevice (cannot be read, or a symbolic link), kState (no regular file, of another owner, or others may read it),
/// kBadFormat.
Result<Secret<32>> read_secret_file(const std::string& path);

}  // namespace touchstone::wallet
