// dlib's face recognition ResNet (King 2017: dlib_face_recognition_resnet_model_v1), as @vladmandic/face-api computes it: convolution, scale
// and shift in the place of a batch normalisation, blocks of two convolutions beside a shortcut, and blocks that halve the picture,
// whose shortcut is an average of 2 x 2 with zeros for the channels and the rim that it lacks.
#include <torch/torch.h>

#include <map>
#include <nlohmann/json.hpp>
#include <opencv2/core/utility.hpp>

#include "crypto/sha256.h"
#include "face/embedder.h"
#include "face/models.h"
#include "face/pipeline.h"
#include "face/refusal.h"

namespace touchstone::face {
namespace {

using nlohmann::json;
using torch::Tensor;

constexpr const char* kManifest = "model/face_recognition_model-weights_manifest.json";
constexpr const char* kWeights = "model/face_recognition_model.bin";

[[noreturn]] void wrong(const std::string& what) { throw Refused(Reason::kModel, std::string(kManifest) + ": " + what); }

/// The tensors of a TensorFlow.js manifest: eight bits with scale and least value, or 32-bit floats.
std::map<std::string, Tensor> read_tensors() {
  const auto text = read_model(kManifest);
  const auto bytes = read_model(kWeights);
  std::map<std::string, Tensor> out;
  std::size_t at = 0;
  try {
    const json manifest = json::parse(text.begin(), text.end());
    for (const json& w : manifest.at(0).at("weights")) {
      const auto shape = w.at("shape").get<std::vector<std::int64_t>>();
      std::int64_t count = 1;
      for (const std::int64_t side : shape) count *= side;
      const bool eight_bits = w.contains("quantization");
      const std::size_t size = static_cast<std::size_t>(count) * (eight_bits ? 1 : sizeof(float));
      if (count <= 0 || size > bytes.size() - at) wrong("names more weights than the file has");
      auto* data = const_cast<std::uint8_t*>(bytes.data() + at);
      Tensor t;
      if (eight_bits) {
        const json& q = w.at("quantization");
        // As TensorFlow.js does: products and sums in double, then rounded once.
        t = (torch::from_blob(data, shape, torch::kUInt8).to(torch::kFloat64) * q.at("scale").get<double>() + q.at("min").get<double>()).to(torch::kFloat32);
      } else {
        t = torch::from_blob(data, shape, torch::kFloat32).clone();
      }
      // Height, width, in, out -> out, in, height, width.
      if (shape.size() == 4) t = t.permute({3, 2, 0, 1}).contiguous();
      out[w.at("name").get<std::string>()] = t;
      at += size;
    }
  } catch (const json::exception& error) {
    wrong(error.what());
  }
  if (at != bytes.size()) wrong("names fewer weights than the file has");
  return out;
}

class DlibEmbedder : public Embedder {
 public:
  DlibEmbedder() : weights_(read_tensors()) {
    for (const ModelFile& f : model_files()) {
      if (std::string(f.path) == kWeights) digest_ = f.sha256;
    }
    for (const char* name : {"conv32_down", "conv32_1/conv1", "conv256_down_out/conv2"}) get(std::string(name) + "/conv/filters");
    if (get("fc").sizes() != torch::IntArrayRef({256, 128})) wrong("its last layer is not 256 x 128");
  }

  std::string name() const override { return "a"; }
  std::string digest() const override { return digest_; }
  const Template& wants() const override { return dlib_template(); }
  std::size_t dimensions() const override { return 128; }

  std::vector<float> embed(const Picture& upright) override {
    const torch::NoGradGuard no_gradients;
    Tensor x = torch::from_blob(const_cast<std::uint8_t*>(upright.rgb.data()), {upright.height_px, upright.width_px, 3}, torch::kUInt8).to(torch::kFloat32);
    x = ((x - torch::tensor({122.782F, 117.001F, 104.298F})) / 255).permute({2, 0, 1}).unsqueeze(0);
    x = torch::max_pool2d(convolution(x, "conv32_down", 2, true), 3, 2);
    for (const char* block : {"conv32_1", "conv32_2", "conv32_3"}) x = keep(x, block);
    x = halve(x, "conv64_down");
    for (const char* block : {"conv64_1", "conv64_2", "conv64_3"}) x = keep(x, block);
    x = halve(x, "conv128_down");
    for (const char* block : {"conv128_1", "conv128_2"}) x = keep(x, block);
    x = halve(x, "conv256_down");
    for (const char* block : {"conv256_1", "conv256_2"}) x = keep(x, block);
    x = halve(x, "conv256_down_out");
    const Tensor out = torch::matmul(x.mean({2, 3}), get("fc")).contiguous();
    return {out.data_ptr<float>(), out.data_ptr<float>() + out.numel()};
  }

 private:
  const Tensor& get(const std::string& name) const {
    const auto found = weights_.find(name);
    if (found == weights_.end()) wrong("lacks '" + name + "'");
    return found->second;
  }
  /// Strides of 2 come without a rim, as TensorFlow's "valid".
  Tensor convolution(const Tensor& x, const std::string& layer, int stride, bool rectify) const {
    const Tensor& filters = get(layer + "/conv/filters");
    const auto rim = stride == 1 ? filters.size(2) / 2 : 0;
    Tensor out = torch::conv2d(x, filters, get(layer + "/conv/bias"), stride, rim);
    out = out * get(layer + "/scale/weights").view({1, -1, 1, 1}) + get(layer + "/scale/biases").view({1, -1, 1, 1});
    return rectify ? torch::relu(out) : out;
  }
  Tensor keep(const Tensor& x, const std::string& block) const {
    return torch::relu(convolution(convolution(x, block + "/conv1", 1, true), block + "/conv2", 1, false) + x);
  }
  Tensor halve(const Tensor& x, const std::string& block) const {
    const Tensor out = convolution(convolution(x, block + "/conv1", 2, true), block + "/conv2", 1, false);
    const Tensor shortcut = torch::avg_pool2d(x, 2, 2);
    // Whichever is smaller gets zeros at its far end: the rim, and the channels above.
    const auto grown = [&](const Tensor& t) {
      const auto most = [&](int axis) { return std::max(out.size(axis), shortcut.size(axis)) - t.size(axis); };
      return torch::constant_pad_nd(t, {0, most(3), 0, most(2), 0, most(1)});
    };
    return torch::relu(grown(out) + grown(shortcut));
  }

  std::map<std::string, Tensor> weights_;
  std::string digest_;
};

}  // namespace

std::unique_ptr<Embedder> make_dlib_embedder() {
  try {
    return std::make_unique<DlibEmbedder>();
  } catch (const c10::Error& error) {
    wrong(error.what_without_backtrace());
  }
}

void use_one_thread() {
  cv::setNumThreads(1);
  torch::set_num_threads(1);
}

}  // namespace touchstone::face
