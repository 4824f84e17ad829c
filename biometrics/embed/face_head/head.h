// The head of the face secret: from the embeddings of one face's pictures to the whitened vector that enrol_face() and open_face()
// take. Fitted over people of the tuning part by face_nets, read and applied here in plain C++, so that the phone needs no LibTorch.
//
// File, integers little endian, numbers IEEE float32 and finite: "TSFH", version u32 (1), embedding's length D u32 (2 .. 4096),
// vector's length d' u32 (1 .. 1024), alpha, length of the embedder's name u8, the name, SHA-256 of the embedder's file, mean [D],
// projection [d'][D], SHA-256 of everything before. Nothing may follow.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "face_secret/face_secret.h"

namespace touchstone::biometrics {

struct Head {
  std::string embedder;              ///< name of what the embeddings must come from, at most 255 bytes
  ByteArray<32> embedder_digest{};   ///< SHA-256 of its file
  float alpha = 0;                   ///< how far it whitens: 0 not at all, 1 fully; already in the projection
  std::vector<float> mean;           ///< [D], of unit-length embeddings over the population
  std::vector<float> projection;     ///< [d'][D]

  std::size_t inputs() const { return mean.size(); }
  std::size_t dimensions() const { return mean.empty() ? 0 : projection.size() / mean.size(); }

  /// The vector of one face: each embedding to unit length, their mean, centred, projected, scaled to a root mean square of 32, rounded.
  /// The order of the pictures changes no bit. kOutOfRange: no picture, more than 64, another length than D, a row that is zero or
  /// not finite, or all of them together at the population's mean. Not constant-time; what it computes with is wiped.
  Result<FaceVector> vector(std::span<const std::span<const float>> embeddings) const;
};

/// The file's bytes of a head; the same head gives the same bytes.
std::vector<std::uint8_t> serialise(const Head& head);
/// kBadFormat: not such a file, cut off, longer or changed; kUnsupported: another version; kOutOfRange: a length or number that is not allowed.
Result<Head> load_head(Bytes untrusted_file);
/// The same of a file; kDevice where it cannot be read.
Result<Head> load_head(const std::filesystem::path& file);
/// SHA-256 of the head's file: what a record of this head is bound to.
ByteArray<32> digest(const Head& head);

}  // namespace touchstone::biometrics
