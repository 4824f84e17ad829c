// Files that are their owner's alone.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "chain/psbt_writer.h"

namespace touchstone::wallet {

/// Makes the file with mode 0600 and puts `content` into it; never touches an existing file. Errors: kState (exists), kDevice (cannot be
/// made, or written; what was begun is removed).
Status create_private_file(const std::string& path, Bytes content);

/// All of a regular file. Errors: kDevice (cannot be read), kState (no regular file), kTooLarge (more than `limit` bytes).
Result<chain::ByteVector> read_file(const std::string& path, std::size_t limit);

}  // namespace touchstone::wallet
