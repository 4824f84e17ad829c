#include "faces/embeddings.h"

#include <gmock/gmock.h>

#include <cmath>
#include <fstream>

namespace touchstone::faces {
namespace {

namespace fs = std::filesystem;

class EmbeddingsFile : public testing::Test {
 protected:
  EmbeddingsFile() { fs::create_directories(folder_); }
  // As numpy.save writes it: header of 118 bytes after ten.
  void write(const std::vector<float>& values, const std::string& shape, const std::string& labels, const std::string& type = "<f4") {
    std::string header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
    header.resize(117, ' ');
    header += '\n';
    std::ofstream file(npy_, std::ios::binary);
    file << std::string("\x93NUMPY\x01\x00\x76\x00", 10) << header;
    file.write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(float)));
    std::ofstream(csv_) << labels;
  }
  Result<Embeddings> read() { return read_embeddings(npy_, csv_); }

  fs::path folder_ = fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
  fs::path npy_ = folder_ / "x.npy", csv_ = folder_ / "y.csv";
};

TEST_F(EmbeddingsFile, IsReadWithItsPeople) {
  write({1, 2, 3, 4, 5, 6}, "(3, 2)", "ann,a1\nbob,b1\nann,a2\n");
  const auto read_back = read();
  ASSERT_TRUE(read_back.ok()) << read_back.error().what;
  const Embeddings& e = read_back.value();
  EXPECT_THAT(e.people, testing::ElementsAre("ann", "bob"));
  EXPECT_THAT(e.person, testing::ElementsAre(0, 1, 0));
  EXPECT_THAT(e.picture, testing::ElementsAre("a1", "b1", "a2"));
  EXPECT_THAT(e.of(1), testing::ElementsAre(3, 4));
  const std::size_t wanted[] = {1};
  EXPECT_THAT(e.select(wanted).people, testing::ElementsAre("bob"));
}

TEST_F(EmbeddingsFile, WhatIsWrittenIsReadBack) {
  Embeddings e;
  const float v[] = {1.5F, -2, 0.25F}, w[] = {3, 4, 5};
  e.add("ann", "a1.jpg", v);
  e.add("bob", "b1.jpg", w);
  const std::string npy = npy_text(e);
  EXPECT_EQ((npy.size() - e.values.size() * sizeof(float)) % 64, 0U);
  std::ofstream(npy_, std::ios::binary) << npy;
  std::ofstream(csv_) << labels_text(e);
  const auto back = read();
  ASSERT_TRUE(back.ok()) << back.error().what;
  EXPECT_EQ(back.value().values, e.values);
  EXPECT_EQ(back.value().people, e.people);
  EXPECT_EQ(back.value().picture, e.picture);
}

TEST_F(EmbeddingsFile, WhatIsWrongIsRefused) {
  struct Case {
    std::vector<float> values;
    const char *shape, *labels, *type;
    ErrorCode code;
  };
  for (const Case& c : {Case{{1, 2}, "(1, 2)", "", "<f4", ErrorCode::kBadFormat}, Case{{1, 2}, "(1, 2)", "a\nb\n", "<f4", ErrorCode::kBadFormat},
                        Case{{1, 2}, "(1, 3)", "a\n", "<f4", ErrorCode::kBadFormat}, Case{{1, 2}, "(1, 2)", "a\n", "<f8", ErrorCode::kBadFormat},
                        Case{{1, 2}, "(2,)", "a\n", "<f4", ErrorCode::kBadFormat}, Case{{0, 0}, "(1, 2)", "a\n", "<f4", ErrorCode::kOutOfRange},
                        Case{{1, NAN}, "(1, 2)", "a\n", "<f4", ErrorCode::kOutOfRange}, Case{{1, 2}, "(1, 2)", ",x\n", "<f4", ErrorCode::kBadFormat},
                        Case{{1, 2}, "(1, 2)", "a,\n", "<f4", ErrorCode::kBadFormat}}) {
    write(c.values, c.shape, c.labels, c.type);
    const auto refused = read();
    ASSERT_FALSE(refused.ok()) << c.shape << c.labels;
    EXPECT_EQ(refused.error().code, c.code) << refused.error().what;
  }
  fs::remove(csv_);
  EXPECT_EQ(read().error().code, ErrorCode::kDevice);
}

}  // namespace
}  // namespace touchstone::faces
