#include <fstream>
#include <iterator>
#include <opencv2/dnn.hpp>
#include <sstream>

#include "crypto/sha256.h"
#include "face/embedder.h"
#include "face/models.h"
#include "face/opencv.h"
#include "face/refusal.h"

namespace touchstone::face {
namespace {

class OnnxEmbedder : public Embedder {
 public:
  OnnxEmbedder(std::string name, const std::vector<std::uint8_t>& bytes, const OnnxInput& input) : name_(std::move(name)), input_(input) {
    for (const std::uint8_t byte : crypto::sha256(bytes)) {
      digest_ += "0123456789abcdef"[byte >> 4];
      digest_ += "0123456789abcdef"[byte & 15];
    }
    try {
      network_ = cv::dnn::readNetFromONNX(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    } catch (const cv::Exception& error) {
      throw Refused(Reason::kModel, name_ + ": OpenCV cannot read this ONNX file: " + error.err);
    }
    dimensions_ = embed(Picture{input_.side_px, input_.side_px, std::vector<std::uint8_t>(static_cast<std::size_t>(3 * input_.side_px * input_.side_px), 127), name_}).size();
  }

  std::string name() const override { return name_; }
  std::string digest() const override { return digest_; }
  const Template& wants() const override { return arcface_template(); }
  std::size_t dimensions() const override { return dimensions_; }
  bool longer_is_better() const override { return name_ == "b"; }

  std::vector<float> embed(const Picture& upright) override {
    cv::Mat out;
    try {
      network_.setInput(cv::dnn::blobFromImage(view(upright), 1 / input_.scale, {input_.side_px, input_.side_px}, cv::Scalar::all(input_.mean), input_.bgr));
      out = network_.forward();
    } catch (const cv::Exception&) {
      throw Refused(Reason::kModel, name_ + ": does not take a picture [1, 3, " + std::to_string(input_.side_px) + ", " + std::to_string(input_.side_px) + "]");
    }
    if (out.type() != CV_32F || out.total() < 16 || out.total() > 4096 || (dimensions_ != 0 && out.total() != dimensions_))
      throw Refused(Reason::kModel, name_ + ": gives no vector of 16 to 4096 numbers");
    const auto* first = out.ptr<float>();
    return {first, first + out.total()};
  }

 private:
  std::string name_, digest_;
  OnnxInput input_;
  std::size_t dimensions_ = 0;
  cv::dnn::Net network_;
};

double number(const std::string& choice, const std::string& text) {
  std::istringstream in(text);
  double out = 0;
  if (!(in >> out) || in.peek() != EOF || out < 0 || out > 1000) throw Refused(Reason::kModel, choice + ": '" + text + "' is no number from 0 to 1000");
  return out;
}

}  // namespace

std::unique_ptr<Embedder> make_onnx_embedder() { return std::make_unique<OnnxEmbedder>("b", read_model("model/fr_feature.onnx"), OnnxInput{}); }

std::unique_ptr<Embedder> make_onnx_embedder(const std::filesystem::path& file, const OnnxInput& input) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Refused(Reason::kModel, file.string() + ": cannot be opened: --embedders takes a, b or ONNX files, with colons between");
  return std::make_unique<OnnxEmbedder>(file.filename().string(), std::vector<std::uint8_t>{std::istreambuf_iterator<char>(in), {}}, input);
}

std::unique_ptr<Embedder> make_embedder(const std::string& choice) {
  if (choice == "a") return make_dlib_embedder();
  if (choice == "b") return make_onnx_embedder();
  std::istringstream in(choice);
  std::string file, option;
  std::getline(in, file, ',');
  OnnxInput input;
  while (std::getline(in, option, ',')) {
    if (option == "bgr") {
      input.bgr = true;
    } else if (option.starts_with("mean=")) {
      input.mean = number(choice, option.substr(5));
    } else if (option.starts_with("scale=")) {
      input.scale = number(choice, option.substr(6));
    } else {
      throw Refused(Reason::kModel, choice + ": unknown option '" + option + "': bgr, mean=V, scale=V");
    }
  }
  if (input.scale == 0) throw Refused(Reason::kModel, choice + ": scale must not be 0");
  return make_onnx_embedder(file, input);
}

}  // namespace touchstone::face
