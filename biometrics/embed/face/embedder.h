// The border behind which any network that turns an upright face into a vector stands.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "face/align.h"

namespace touchstone::face {

/// One thread at a time.
class Embedder {
 public:
  virtual ~Embedder() = default;
  /// "a", "b", or the name of the user's file.
  virtual std::string name() const = 0;
  /// SHA-256 of the network's file, 64 hexadecimal digits: vectors of another network mean nothing to this one's heads.
  virtual std::string digest() const = 0;
  virtual const Template& wants() const = 0;
  virtual std::size_t dimensions() const = 0;
  /// Whether the vector's length says how good a face it is of (seen with (b): of 96 press and laboratory pictures all were longer upright
  /// than on their heads; Meng et al. 2021 train networks for it).
  virtual bool longer_is_better() const { return false; }
  /// `upright`: as align() cuts it out for wants(). Refused (kModel): tensors of another shape than expected.
  virtual std::vector<float> embed(const Picture& upright) = 0;
};

/// (a) dlib's ResNet of 29 convolutions (King 2017), 128 numbers, rebuilt in LibTorch from the weights that @vladmandic/face-api ships in eight
/// bits. Refused: kModel.
std::unique_ptr<Embedder> make_dlib_embedder();

/// How an ONNX file wants its input: channels first, (v - mean) / scale.
struct OnnxInput {
  int side_px = 112;
  double mean = 127, scale = 128;
  bool bgr = false;
};
/// (b) 512 numbers, a MobileFaceNet by its shape, run by OpenCV. Refused: kModel.
std::unique_ptr<Embedder> make_onnx_embedder();
/// (c) any ONNX file with one input [1, 3, side, side] for faces in the template of ArcFace. Refused: kModel.
std::unique_ptr<Embedder> make_onnx_embedder(const std::filesystem::path& file, const OnnxInput& input);

/// "a", "b", or FILE.onnx with options after commas: bgr, mean=V, scale=V ("mine.onnx,bgr,mean=127.5,scale=127.5"). Refused: kModel.
std::unique_ptr<Embedder> make_embedder(const std::string& choice);

}  // namespace touchstone::face
