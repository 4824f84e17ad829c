#include "tools/options.h"

#include <gmock/gmock.h>

#include <iterator>

namespace touchstone::tools {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class OutputFile : public testing::Test {
 protected:
  OutputFile() {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  static std::string read(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static std::string refusal(const std::string& path) {
    try {
      Options({"--json", path}).output("--json");
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  }
  fs::path folder_ = fs::path(testing::TempDir()) / "output_file" / testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(OutputFile, AFolderThatIsMissingIsSaidBeforeTheWork) {
  EXPECT_THAT(refusal((folder_ / "none" / "x.json").string()), HasSubstr("--json: there is no folder " + (folder_ / "none").string()));
  EXPECT_THAT(refusal(folder_.string()), HasSubstr("is a folder"));
  EXPECT_EQ(refusal((folder_ / "x.json").string()), "");
  EXPECT_EQ(refusal("x.json"), "");
  EXPECT_EQ(Options({"--json", "x.json"}).output("--json"), "x.json");
  EXPECT_EQ(Options({}).output("--json"), std::nullopt);
}

TEST_F(OutputFile, MayLieInTheFolderThatTheWorkMakes) {
  const fs::path made = folder_ / "out", file = made / "x.json";
  EXPECT_EQ(Options({"--json", file.string()}).output("--json", made), file.string());
  EXPECT_EQ(Options({"--json", file.string()}).output("--json", made / ""), file.string());
  EXPECT_EQ(Options({"--json", "./out/x.json"}).output("--json", "out"), "./out/x.json");
  EXPECT_THROW(Options({"--json", (made / "none" / "x.json").string()}).output("--json", made), UsageError);
  EXPECT_THROW(Options({"--json", (folder_ / "none" / "x.json").string()}).output("--json", made), UsageError);
}

TEST_F(OutputFile, IsReplacedAsAWhole) {
  const fs::path file = folder_ / "x.json";
  write_file(file, "first");
  write_file(file, "next");
  EXPECT_EQ(read(file), "next");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1) << "no draft is left";
  EXPECT_THROW(write_file(folder_ / "none" / "x.json", ""), std::runtime_error);
}

TEST_F(OutputFile, ALinkStaysALink) {
  const fs::path file = folder_ / "x.json", link = folder_ / "link";
  write_file(file, "first");
  fs::create_symlink(file, link);
  write_file(link, "next");
  EXPECT_TRUE(fs::is_symlink(link)) << "/dev/stdout is one";
  EXPECT_EQ(read(file), "next");
  write_file("/dev/null", "x");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

}  // namespace
}  // namespace touchstone::tools
