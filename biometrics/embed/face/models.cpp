#include "face/models.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "base/check.h"
#include "crypto/sha256.h"
#include "face/refusal.h"

namespace touchstone::face {
namespace {

constexpr const char* kFaceApi = "@vladmandic/face-api";
constexpr const char* kFacePlugin = "faceplugin-face-recognition-js";
constexpr const char* kFaceApiTerms =
    "MIT (package). Weights: dlib's face recognition ResNet (Davis King), 8 bits; he is said to have given them to the public domain. Trained on faces from public "
    "sets and the web";
constexpr const char* kFacePluginTerms =
    "MIT (package), under a name that is not the vendor's. Where weights and training pictures came from is not documented: for measuring, not for a product";
constexpr const char* kPicturesTerms = "MIT (package). Origin of the photographs not documented: for tests";

std::string hex(const ByteArray<32>& digest) {
  std::string out;
  for (const std::uint8_t byte : digest) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

}  // namespace

const std::vector<ModelFile>& model_files() {
  static const std::vector<ModelFile> files = {
      {"detector", kFacePlugin, "0.0.1", "model/fr_detect.onnx", "6c0256ccd3164f844736a401faf936ec2930764a87ae39442180887d0c5c8854", kFacePluginTerms},
      {"landmarks", kFacePlugin, "0.0.1", "model/fr_landmark.onnx", "f10b0ba1d2a8a099adefede1ebf3733e44fe370715e7303dbeb7f59c02142258", kFacePluginTerms},
      {"embedder b", kFacePlugin, "0.0.1", "model/fr_feature.onnx", "87aacdfe57510db2af90c0251df680e8eec88f122ee94712121d09bcaaaf3581", kFacePluginTerms},
      {"embedder a", kFaceApi, "1.7.15", "model/face_recognition_model.bin", "b413e420d6840b2775fba32008db6f3cddb07d485967fb42cfcf379c16a8c589", kFaceApiTerms},
      {"embedder a", kFaceApi, "1.7.15", "model/face_recognition_model-weights_manifest.json", "cbaffa501b0b9275a12b63357a6843e7e30c054e1c9151e1a5f879b26e32986b",
       kFaceApiTerms},
      {"pictures", kFaceApi, "1.7.15", "demo/sample1.jpg", "8ecae4b267b2d3169e06e00c7dee97097aa2a94635d45216f7732a5f4943cb51", kPicturesTerms},
      {"pictures", kFaceApi, "1.7.15", "demo/sample2.jpg", "7d2b60ae6f13bf30f422e04df87451081a02c83de469056f25afb44b7000c691", kPicturesTerms},
      {"pictures", kFaceApi, "1.7.15", "demo/sample3.jpg", "8eb081c9efb14370fa94d9feab9e5fbeafd19a627491853a80c2bf67f7ffa936", kPicturesTerms},
      {"pictures", kFaceApi, "1.7.15", "demo/sample4.jpg", "729efa5923061d40eb4ed5f267a18cc7b8ba6f852bb2757b16d8b7e4937476fc", kPicturesTerms},
      {"pictures", kFaceApi, "1.7.15", "demo/sample5.jpg", "6d45095ebb182d8f975c0790e0e4eefd86fbb40609cf4b271776d92e12662938", kPicturesTerms},
      {"pictures", kFaceApi, "1.7.15", "demo/sample6.jpg", "9baad80f9d5e306fb9b8c0913d44445f1e95848df317530efb03d0934c57ba87", kPicturesTerms},
  };
  return files;
}

std::filesystem::path packages_folder() { return TS_NODE_MODULES; }

std::vector<std::uint8_t> read_model(const std::string& path, const std::filesystem::path& folder) {
  const auto& files = model_files();
  const auto known = std::find_if(files.begin(), files.end(), [&](const ModelFile& f) { return path == f.path; });
  TS_CHECK(known != files.end(), "a file of model_files()");
  if (folder.empty())
    throw Refused(Reason::kModel, std::string("the network files of faces were not fetched (npm was missing, or reached no registry): install npm, delete "
                                              "build/release/npm and run ./quickstart build again"));
  const std::filesystem::path file = folder / known->package / path;
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Refused(Reason::kModel, file.string() + ": is missing: delete build/release/npm and run ./quickstart build again");
  std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(in), {}};
  const std::string found = hex(crypto::sha256(bytes));
  if (found != known->sha256)
    throw Refused(Reason::kModel, file.string() + ": is not the file of " + known->package + " " + known->version + " (SHA-256 " + found + " in the place of " + known->sha256 +
                                      "): delete build/release/npm and run ./quickstart build again");
  return bytes;
}

}  // namespace touchstone::face
