// A run's folder: whole or not at all, nobody's files lost, never two runs at once.
#include "sim/run_place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "sim/yaml_table.h"

namespace touchstone::sim {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class RunPlaceTest : public testing::Test {
 protected:
  RunPlaceTest() { fs::remove_all(root_); fs::create_directories(root_); }
  ~RunPlaceTest() override { fs::remove_all(root_); }

  std::string place() const { return (root_ / "run").string(); }
  static void put(const fs::path& file, const std::string& text) { std::ofstream(file) << text; }
  static std::string get(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void run(const std::string& events) const {
    RunPlace p(place());
    put(p.draft() / "events.jsonl", events);
    p.commit();
  }
  std::string refusal() const {
    try {
      RunPlace p(place());
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }

  fs::path root_ = fs::path(testing::TempDir()) / ("run_place_" + std::to_string(getpid()));
};

TEST_F(RunPlaceTest, AFolderAppearsWholeAndTheNextRunReplacesIt) {
  run("first");
  EXPECT_EQ(get(fs::path(place()) / "events.jsonl"), "first");
  put(fs::path(place()) / "report.html", "a page of the first run");
  run("second");
  EXPECT_EQ(get(fs::path(place()) / "events.jsonl"), "second");
  EXPECT_FALSE(fs::exists(fs::path(place()) / "report.html")) << "it told of the run that is gone";
  EXPECT_FALSE(fs::exists(place() + ".partial"));
}

TEST_F(RunPlaceTest, ARunThatEndsWithoutAnOutcomeLeavesTheEarlierOneAndNothingElse) {
  run("first");
  {
    RunPlace p(place());
    put(p.draft() / "events.jsonl", "half");
  }
  EXPECT_EQ(get(fs::path(place()) / "events.jsonl"), "first");
  EXPECT_FALSE(fs::exists(place() + ".partial"));
}

TEST_F(RunPlaceTest, TwoRunsNeverMix) {
  RunPlace first(place());
  EXPECT_THAT(refusal(), HasSubstr("is being written by another run"));
  put(first.draft() / "events.jsonl", "first");
  first.commit();
  EXPECT_EQ(get(fs::path(place()) / "events.jsonl"), "first");
}

TEST_F(RunPlaceTest, WhatAKilledRunLeftIsCleared) {
  fs::create_directories(fs::path(place() + ".partial") / "display");
  put(fs::path(place() + ".partial") / "display" / "frame-000.png", "old");
  put(fs::path(place() + ".partial") / ".lock", "");
  run("new");
  EXPECT_TRUE(fs::is_empty(fs::path(place()) / "display"));
}

TEST_F(RunPlaceTest, NothingThatNoRunWroteIsLost) {
  fs::create_directories(place());
  put(fs::path(place()) / "thesis.txt", "years of work");
  EXPECT_THAT(refusal(), HasSubstr("is not the folder of an earlier run"));
  fs::remove(fs::path(place()) / "thesis.txt");
  run("first");
  put(fs::path(place()) / "my_notes.txt", "notes");
  EXPECT_THAT(refusal(), testing::AllOf(HasSubstr("my_notes.txt"), HasSubstr("move it away")));
  EXPECT_EQ(get(fs::path(place()) / "my_notes.txt"), "notes");
  fs::remove(fs::path(place()) / "my_notes.txt");
  put(place() + ".partial", "a file of somebody");
  EXPECT_NE(refusal(), "");
  EXPECT_EQ(get(place() + ".partial"), "a file of somebody");
}

}  // namespace
}  // namespace touchstone::sim
