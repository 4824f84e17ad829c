// Picture -> the one face in it -> vectors of embedders.
#pragma once

#include <memory>
#include <vector>

#include "face/detector.h"
#include "face/embedder.h"
#include "face/quality.h"

namespace touchstone::face {

struct FoundFace {
  Detection box;
  Landmarks landmarks;
  Quality quality;
  std::size_t faces = 0;  ///< in the picture
};

/// What is asked of a picture.
enum class Policy {
  kOwner,       ///< one face alone, good enough to tell by: what a wallet asks of its owner
  kDatabase,    ///< labelled pictures: the face nearest the middle, whatever its quality
};

/// Refused as refusal.h says. A picture without a face, or filled by it, is looked at again with a rim, for crops that
/// end at the chin. Its quality is measured, not judged.
FoundFace find_face(Detector& detector, const Picture& picture, Policy policy);

/// Changes whenever a vector may: vectors kept on disk are found by it.
inline constexpr int kPipelineVersion = 4;

/// Networks run on one thread each from now on: for who runs several pipelines side by side.
void use_one_thread();

/// Everything from a picture to a vector; one thread at a time.
class Pipeline {
 public:
  explicit Pipeline(std::vector<std::string> embedders = {"b"});
  struct Result {
    FoundFace face;
    std::vector<std::vector<float>> vectors;  ///< of each embedder
  };
  /// Refused.
  Result run(const Picture& picture, Policy policy);
  const std::vector<std::unique_ptr<Embedder>>& embedders() const { return embedders_; }
  Detector& detector() { return detector_; }

 private:
  Detector detector_;
  std::vector<std::unique_ptr<Embedder>> embedders_;
};

}  // namespace touchstone::face
