// Sets of face pictures in folders, and their vectors.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "bio/store.h"
#include "faces/embeddings.h"

namespace touchstone::bio {

/// A set, told by what lies in its folder: LFW (pairs.txt and images/First_Last_NNNN.jpg), ORL (png/sSS_KK.png), Yale (png/subjectSS_CONDITION.png) and the
/// cropped Extended Yale B (png/yaleBSS_P00A+AAAE+EE.png).
struct FaceSet {
  struct Image {
    std::string path, name, person;
    std::string condition;  ///< Yale: of light and expression; Yale B: the lamp's angle from the front, in steps of 20 degrees
  };
  struct Pair {
    std::size_t a = 0, b = 0;  ///< images
    bool genuine = false;
  };
  std::string name;  ///< "lfw", "orl", "yale", "yaleb"
  std::vector<Image> images;       ///< sorted by name
  std::vector<Pair> pairs;         ///< official ones; LFW alone
  std::vector<std::string> notes;  ///< what was left out, and why
};
/// Throws BadInput, with file and line.
FaceSet open_faces(const std::string& folder);

struct FaceVectors {
  std::string embedder, digest;  ///< digest of the network's file; empty where it is not known
  faces::Embeddings vectors;
  std::vector<std::size_t> image;  ///< of each vector, index into the set's images
};
struct Embedded {
  std::vector<FaceVectors> of;           ///< each embedder
  std::vector<std::string> failures;     ///< a sentence for each picture without a vector
};
/// All pictures through detector and embedders, on two threads, in parts that the store keeps. A picture that cannot be used is named and left out.
Embedded embed_faces(const FaceSet& set, const std::vector<std::string>& embedders, const Store& store, const std::function<void(std::size_t, std::size_t)>& progress);

/// Vectors that somebody else's program made, in the place of embed_faces(): of a set's pictures by their names, those without one being failures.
/// Throws BadInput where none of them is the set's or a picture has two.
Embedded own_vectors(const FaceSet& set, const faces::Embeddings& vectors, const std::string& name);
/// The set that vectors alone make: their pictures and people, no pairs.
FaceSet set_of(const faces::Embeddings& vectors, const std::string& name);

}  // namespace touchstone::bio
