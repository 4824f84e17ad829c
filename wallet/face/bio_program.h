// touchstone-bio as the wallet uses it: a program of its own turns pictures of a face into a vector, so that the wallet links neither
// networks nor picture formats. Its answer is untrusted input.
#pragma once

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "wallet_face/face_record.h"

namespace touchstone::wallet {

struct BioProgram {
  std::string path;                           ///< executed as `path face code PICTURE...`, without a shell
  std::chrono::milliseconds limit{60'000};    ///< on the host's clock, for one answer
};
/// touchstone-bio beside the program that runs.
std::string default_bio_program();

/// What it says on stdout or stderr beyond this ends it.
inline constexpr std::size_t kMaxBioOutputBytes = 64 * 1024;

struct BioFailure {
  std::string why;  ///< sentences for the user: the program's own where it gave any (control characters replaced)
};

/// The vector of these pictures (files, or `shipped:N:K`), fused to one by touchstone-bio. It is secret: it comes through a pipe, and
/// what it was read into is wiped.
std::variant<FaceCode, BioFailure> face_code_of(const BioProgram& program, const std::vector<std::string>& pictures);

/// The answer: one line, a JSON object with exactly the keys version (1), trait ("face"), embedder, head_sha256, dimensions, pictures (so
/// many) and vector (two hexadecimal digits for each dimension), in any order. Errors: kBadFormat, kUnsupported (another version).
Result<FaceCode> parse_face_answer(Bytes untrusted, std::size_t pictures);

}  // namespace touchstone::wallet
