#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/system_entropy.h"
#include "wallet/encoding.h"
#include "wallet/secret_file.h"

namespace touchstone::wallet {
namespace {

Bytes text_bytes(std::string_view text) {
  return Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

// RFC 4648, section 10.
TEST(Base64, TestVectors) {
  const std::pair<std::string_view, std::string_view> cases[] = {{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : cases) {
    EXPECT_EQ(to_base64(text_bytes(plain)), text);
    EXPECT_EQ(to_hex(from_base64(text).value()), to_hex(text_bytes(plain)));
  }
  EXPECT_EQ(from_base64("Zm9v\nYmFy\n")->size(), 6u);
  for (std::string_view bad : {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm9v=", "Zm=v", "Z*==", "===="}) {
    EXPECT_FALSE(from_base64(bad).ok()) << bad;
  }
}

TEST(Hex, RoundTripAndErrors) {
  EXPECT_EQ(to_hex(from_hex("00ffA5").value()), "00ffa5");
  EXPECT_FALSE(from_hex("0").ok());
  EXPECT_FALSE(from_hex("0g").ok());
  ByteArray<2> out{};
  EXPECT_TRUE(from_hex("0102", out).ok());
  EXPECT_FALSE(from_hex("010203", out).ok());
}

class SecretFile : public ::testing::Test {
 protected:
  SecretFile() : folder_(std::filesystem::temp_directory_path() / ("touchstone-secret-" + suffix())) {
    std::filesystem::create_directory(folder_);
  }
  ~SecretFile() override { std::filesystem::remove_all(folder_); }
  static std::string suffix() {
    ByteArray<8> random;
    fill_from_system(random);
    return to_hex(random);
  }
  std::string path(const char* name = "secret") const { return folder_ / name; }
  std::string write(std::string_view text) const {
    std::ofstream(path("given")) << text;
    ::chmod(path("given").c_str(), 0600);
    return path("given");
  }
  std::filesystem::path folder_;
};

TEST_F(SecretFile, IsMadeOnceAndOnlyForItsOwner) {
  ASSERT_TRUE(create_secret_file(path()).ok());
  struct stat status {};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  const auto first = read_secret_file(path());
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(create_secret_file(path()).error().code, ErrorCode::kState);
  EXPECT_TRUE(equal_constant_time(read_secret_file(path())->expose(), first->expose()));
  ASSERT_TRUE(create_secret_file(path("other")).ok());
  EXPECT_FALSE(equal_constant_time(read_secret_file(path("other"))->expose(), first->expose()));
}

TEST_F(SecretFile, OpenToOthersIsRefused) {
  ASSERT_TRUE(create_secret_file(path()).ok());
  ::chmod(path().c_str(), 0640);
  EXPECT_EQ(read_secret_file(path()).error().code, ErrorCode::kState);
}

TEST_F(SecretFile, OnlyAPlainFileOfOursIsRead) {
  ASSERT_TRUE(create_secret_file(path()).ok());
  ASSERT_EQ(::symlink(path().c_str(), path("link").c_str()), 0);
  EXPECT_EQ(read_secret_file(path("link")).error().code, ErrorCode::kDevice);
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(read_secret_file(path("pipe")).error().code, ErrorCode::kState);  // and does not wait for a writer
  ASSERT_EQ(::mkdir(path("folder").c_str(), 0700), 0);
  EXPECT_EQ(read_secret_file(path("folder")).error().code, ErrorCode::kState);
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  ASSERT_EQ(::chown(path().c_str(), 65534, 65534), 0);
  EXPECT_EQ(read_secret_file(path()).error().code, ErrorCode::kState);
}

TEST_F(SecretFile, ContentIsRead) {
  const std::string digits = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff";
  EXPECT_EQ(to_hex(read_secret_file(write(digits + "\n"))->expose()), digits);
  EXPECT_EQ(to_hex(read_secret_file(write(digits))->expose()), digits);
  EXPECT_FALSE(read_secret_file(write(digits.substr(1))).ok());
  EXPECT_FALSE(read_secret_file(write(digits + "00")).ok());
  EXPECT_FALSE(read_secret_file(write(digits + "\n\n")).ok());
  EXPECT_FALSE(read_secret_file(write("g" + digits.substr(1))).ok());
  EXPECT_EQ(read_secret_file(path("absent")).error().code, ErrorCode::kDevice);
  EXPECT_EQ(create_secret_file(path("no/such/folder")).error().code, ErrorCode::kDevice);
}

}  // namespace
}  // namespace touchstone::wallet
