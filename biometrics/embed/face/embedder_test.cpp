// The embedders against runs of other programs (reference/*.mjs), and against files that are not theirs.
#include "face/embedder.h"

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "face/models.h"
#include "face/refusal.h"

namespace touchstone::face {
namespace {

namespace fs = std::filesystem;

std::vector<double> reference(const char* name) {
  std::ifstream file(fs::path(TS_REFERENCES) / name);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::istringstream numbers(text.substr(text.find("\"vector\":[") + 10));
  std::vector<double> out;
  for (double v = 0; numbers >> v; numbers.ignore()) out.push_back(v);
  return out;
}

/// As reference/pattern.mjs.
Picture pattern(int side) {
  Picture out{side, side, {}, "pattern"};
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      for (int c = 0; c < 3; ++c) out.rgb.push_back(static_cast<std::uint8_t>((x * (3 + c) + y * (5 - c) + ((x * y) >> (4 + c))) & 255));
    }
  }
  return out;
}

void expect_reference(Embedder& embedder, const char* name) {
  const auto wanted = reference(name);
  const auto found = embedder.embed(pattern(embedder.wants().side_px));
  ASSERT_EQ(found.size(), wanted.size());
  ASSERT_EQ(found.size(), embedder.dimensions());
  double square = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(found[i]), wanted[i], 1e-4) << i;
    square += wanted[i] * wanted[i];
  }
  EXPECT_GT(square, 0.1) << "the reference says something";
}

TEST(Embedders, AGivesWhatThePackageItselfGives) { expect_reference(*make_dlib_embedder(), "a.json"); }
TEST(Embedders, BGivesWhatOnnxRuntimeGives) { expect_reference(*make_onnx_embedder(), "b.json"); }

TEST(Embedders, AnyOnnxFileIsTaken) {
  const fs::path file = packages_folder() / "faceplugin-face-recognition-js/model/fr_feature.onnx";
  const auto mine = make_embedder(file.string());
  const auto known = make_embedder("b");
  EXPECT_EQ(mine->digest(), known->digest());
  EXPECT_EQ(mine->name(), "fr_feature.onnx");
  EXPECT_EQ(mine->embed(pattern(112)), known->embed(pattern(112)));
  EXPECT_NE(make_embedder(file.string() + ",bgr")->embed(pattern(112)), known->embed(pattern(112)));
}

void expect_refused(const std::function<void()>& what, const std::string& says) {
  try {
    what();
    ADD_FAILURE() << "not refused: " << says;
  } catch (const Refused& error) {
    EXPECT_EQ(error.reason, Reason::kModel);
    EXPECT_THAT(error.what(), testing::HasSubstr(says));
  }
}

TEST(Embedders, NetworksOfAnotherShapeAreRefused) {
  const fs::path models = packages_folder() / "faceplugin-face-recognition-js/model";
  expect_refused([&] { make_embedder((models / "fr_landmark.onnx").string()); }, "fr_landmark.onnx: does not take a picture");
  expect_refused([&] { make_embedder((models / "fr_liveness.onnx").string()); }, "fr_liveness.onnx: does not take a picture");
  expect_refused([&] { make_embedder((models / "absent.onnx").string()); }, "cannot be opened");
  expect_refused([&] { make_embedder((models / "fr_feature.onnx").string() + ",gamma=2"); }, "unknown option");
  expect_refused([&] { make_embedder((models / "fr_feature.onnx").string() + ",scale=x"); }, "is no number");
  expect_refused([&] { make_embedder((models / "../package.json").string()); }, "package.json");
}

TEST(Models, AlteredAndMissingFilesAreRefused) {
  const fs::path folder = fs::path(testing::TempDir()) / "packages";
  const fs::path file = folder / "faceplugin-face-recognition-js/model/fr_landmark.onnx";
  fs::create_directories(file.parent_path());
  expect_refused([&] { read_model("model/fr_landmark.onnx", folder); }, "is missing");
  std::vector<std::uint8_t> bytes = read_model("model/fr_landmark.onnx");
  bytes[bytes.size() / 2] ^= 1;
  std::ofstream(file, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  expect_refused([&] { read_model("model/fr_landmark.onnx", folder); }, "is not the file of faceplugin-face-recognition-js 0.0.1");
  expect_refused([&] { read_model("model/fr_landmark.onnx", {}); }, "were not fetched");
  fs::remove_all(folder);
}

}  // namespace
}  // namespace touchstone::face
