// touchstone-image as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "image_builder/image_builder.h"
#include "support/command.h"
#include "support/elf_file.h"

namespace touchstone::firmware {
namespace {

using ::testing::HasSubstr;

class ImageProgram : public ::testing::Test {
 protected:
  ImageProgram() { std::filesystem::create_directories(folder_); }
  ~ImageProgram() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::vector<std::uint8_t>& bytes) const {
    std::ofstream(path(name), std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  std::vector<std::uint8_t> read(const std::string& name) const {
    std::ifstream in(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  /// Exit code; the output of both streams goes to `output`.
  int run(const std::string& arguments) {
    const test::Outcome outcome = test::run_command(std::string(TS_IMAGE_PROGRAM) + " " + arguments + " 2>&1");
    output = outcome.output;
    return outcome.exit_code;
  }
  /// A program of 400 bytes where the firmware is linked.
  void write_elf(const std::string& name, std::uint16_t machine = 243) const {
    write(name, test::elf_file(kLoadAddress, ByteArray<400>{}, machine));
  }

  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("touchstone-image-" + std::to_string(::getpid()));
  std::string output;
};

TEST_F(ImageProgram, MakesAndChecks) {
  write_elf("a.elf");
  ASSERT_EQ(run("make " + path("a.elf") + " --version 7 --out " + path("a.img")), 0) << output;
  EXPECT_EQ(run("check " + path("a.img")), 0) << output;
  EXPECT_THAT(output, HasSubstr("good, version 7, program 400 bytes"));
  std::ofstream(path("key")) << std::string(63, '0') + "5\n";
  ASSERT_EQ(run("make " + path("a.elf") + " --version 7 --key " + path("key") + " --out " + path("b.img")), 0) << output;
  EXPECT_EQ(run("check " + path("b.img") + " --key " + path("key")), 0) << output;
  EXPECT_EQ(run("check " + path("b.img")), 2);
  EXPECT_THAT(output, HasSubstr(path("b.img") + ": not signed by the vendor"));
}

TEST_F(ImageProgram, RefusesBadInput) {
  write_elf("x86.elf", 62);
  EXPECT_EQ(run("make " + path("x86.elf") + " --version 1 --out " + path("x.img")), 2);
  EXPECT_THAT(output, HasSubstr(path("x86.elf") + ": not for RISC-V: machine 62"));
  EXPECT_FALSE(std::filesystem::exists(path("x.img")));
  write_elf("a.elf");
  for (const char* version : {"0", "129", "-1", "x", "4294967296"}) {
    EXPECT_EQ(run("make " + path("a.elf") + " --version " + version + " --out " + path("x.img")), 2) << version << output;
    EXPECT_FALSE(std::filesystem::exists(path("x.img"))) << version;
  }
  EXPECT_EQ(run("make " + path("a.elf") + " --out " + path("x.img")), 2);
  EXPECT_EQ(run("make " + path("none.elf") + " --version 1 --out " + path("x.img")), 2);
  EXPECT_THAT(output, HasSubstr("no such file"));
  EXPECT_EQ(run("make " + path("a.elf") + " --version 1 --out " + path("no/folder.img")), 2);
  EXPECT_THAT(output, HasSubstr("cannot be written"));
  std::ofstream(path("key")) << std::string(62, '0') + "xx";
  EXPECT_EQ(run("make " + path("a.elf") + " --version 1 --key " + path("key") + " --out " + path("x.img")), 2);
  EXPECT_THAT(output, HasSubstr("64 hex digits"));
  EXPECT_EQ(run(""), 2);
  EXPECT_EQ(run("paint"), 2);

  ASSERT_EQ(run("make " + path("a.elf") + " --version 1 --out " + path("a.img")), 0) << output;
  std::vector<std::uint8_t> image = read("a.img");
  image.resize(image.size() - 10);
  write("cut.img", image);
  EXPECT_EQ(run("check " + path("cut.img")), 2);
  EXPECT_THAT(output, HasSubstr("the program is cut off"));
}

}  // namespace
}  // namespace touchstone::firmware
