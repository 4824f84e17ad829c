// --accelerator: the same events whatever computes, and boards that fail, whose runs end in time with a reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>

#include "bad_board.h"
#include "scenario/program.h"

namespace touchstone::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

const fs::path kDemo = fs::path(TS_SCENARIOS) / "normal/touch_to_signature.yaml";

struct Finished {
  Outcome outcome;
  nlohmann::json results;  ///< null: there is no run folder
  std::string events;
  double wall_s = 0;
};

Finished run(const std::string& options, const fs::path& scenario = kDemo) {
  const fs::path out = fresh_folder("accelerator");
  const auto start = std::chrono::steady_clock::now();
  Finished f;
  f.outcome = run_program("timeout 60 " TS_BIN "/touchstone run " + scenario.string() + " --out " + out.string() + " " +
                          options);
  f.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (fs::exists(out)) f.results = read_json(out / "results.json");
  f.events = read_text(out / "events.jsonl");
  return f;
}
std::string at(std::uint16_t port) { return "--accelerator tcp:127.0.0.1:" + std::to_string(port); }

/// `touchstone rtl serve` in a process of its own, until the end of the test.
class Server {
 public:
  explicit Server(const std::string& options = "") {
    const fs::path said = fresh_folder("served");
    const Outcome started =
        run_program(TS_BIN "/touchstone-rtl serve " + options + " > " + said.string() + " & echo $!");
    pid_ = std::stoi(started.output);
    for (int i = 0; i < 2'000 && port_ == 0; ++i) {
      if (const std::string text = read_text(said); text.ends_with('\n'))
        port_ = static_cast<std::uint16_t>(std::stoi(text.substr(text.rfind(':') + 1)));
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_NE(port_, 0) << read_text(said);
  }
  ~Server() { kill(pid_, SIGTERM); }
  std::uint16_t port() const { return port_; }

 private:
  pid_t pid_ = 0;
  std::uint16_t port_ = 0;
};

class AcceleratorScenario : public testing::TestWithParam<const char*> {};
TEST_P(AcceleratorScenario, HasTheSameEventsWhateverComputes) {
  const fs::path scenario = fs::path(TS_SCENARIOS) / GetParam();
  const Server server;
  const Finished rtl = run("", scenario), model = run("--accelerator model", scenario),
                 tcp = run(at(server.port()), scenario);
  const Finished again = run(at(server.port()), scenario);
  ASSERT_GT(rtl.events.size(), 1'000u) << rtl.outcome.output;
  EXPECT_THAT(rtl.events, HasSubstr("accelerator.done"));
  for (const Finished* f : {&rtl, &model, &tcp, &again}) {
    EXPECT_EQ(f->outcome.exit_code, 0) << f->outcome.output;
    EXPECT_TRUE(f->events == rtl.events) << f->outcome.output;
    EXPECT_EQ(f->results["memory_scan"]["complete"], true);
    EXPECT_EQ(f->results["memory_scan"]["unsearched"], nlohmann::json::array());
  }
  const auto used = [](const char* port, const char* core) { return nlohmann::json{{"port", port}, {"core", core}}; };
  EXPECT_EQ(rtl.results["accelerator"], used("rtl", "verilated"));
  EXPECT_EQ(model.results["accelerator"], used("model", "behavioural"));
  EXPECT_EQ(tcp.results["accelerator"],
            used(("tcp:127.0.0.1:" + std::to_string(server.port())).c_str(), "protected_64"));
}
INSTANTIATE_TEST_SUITE_P(Accelerator, AcceleratorScenario,
                         testing::Values("normal/touch_to_signature.yaml", "failures/power_cut_accelerator.yaml"),
                         [](const testing::TestParamInfo<const char*>& scenario) {
                           return fs::path(scenario.param).stem().string();
                         });

// Its masks are others, its results the same.
TEST(AcceleratorBoard, WithItsOwnRandomnessGivesTheSameEventsAndIsNotSearched) {
  const Board board;
  const Finished rtl = run(""), f = run(at(board.port()) + " --story");
  EXPECT_EQ(f.outcome.exit_code, 0) << f.outcome.output;
  EXPECT_TRUE(f.events == rtl.events);
  EXPECT_EQ(f.results["accelerator"]["core"], "board 1");
  EXPECT_EQ(f.results["memory_scan"]["complete"], false);
  EXPECT_EQ(f.results["memory_scan"]["unsearched"], nlohmann::json{"accelerator"});
  EXPECT_THAT(f.outcome.output, HasSubstr("Not searched for secrets: accelerator"));
}

struct Fault {
  const char* name;
  const char* why;
  Board::Liar liar;
};
void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }
std::string name_of(const testing::TestParamInfo<Fault>& fault) { return fault.param.name; }

using Lie = Board::Lie;
Board::Liar from(int request, Lie lie) {
  return [request, lie](std::uint8_t, int requests) { return requests == request ? std::optional(lie) : std::nullopt; };
}
/// To the second operation, in the middle of the enrolment.
Board::Liar to_execute(Lie lie) {
  return [lie, n = 0](std::uint8_t id, int) mutable {
    return id == wire::Execute::kId && ++n == 2 ? std::optional(lie) : std::nullopt;
  };
}
template <typename Change>
Lie welcome(Change change) {
  wire::Welcome m = Board::welcome();
  change(m);
  return {Board::frame(m)};
}

class BoardThatNeverWas : public testing::TestWithParam<Fault> {};
TEST_P(BoardThatNeverWas, IsBadInput) {
  const Board board(GetParam().liar);
  const Finished f = run(at(board.port()) + " --accelerator-timeout 1");
  EXPECT_EQ(f.outcome.exit_code, 2) << f.outcome.output;
  EXPECT_THAT(f.outcome.output, AllOf(HasSubstr("--accelerator tcp:127.0.0.1:"), HasSubstr(GetParam().why)));
  EXPECT_TRUE(f.results.is_null()) << "no run, no folder";
  EXPECT_LT(f.wall_s, 30);
}
INSTANTIATE_TEST_SUITE_P(
    Accelerator, BoardThatNeverWas,
    testing::Values(Fault{"wrong_version", "it speaks version 9 of the protocol, this bench version 1 (build both ends",
                          from(1, welcome([](auto& m) { m.version = 9; }))},
                    Fault{"wrong_map", "another register map", from(1, welcome([](auto& m) { m.register_map ^= 1; }))},
                    Fault{"wrong_magic", "no touchstone accelerator", from(1, welcome([](auto& m) { m.magic = 0; }))},
                    Fault{"no_entropy", "where its random words come from",
                          from(1, welcome([](auto& m) { m.entropy = 3; }))},
                    Fault{"huge_state", "a state of 4294967295 bytes",
                          from(1, welcome([](auto& m) { m.state_bytes = 0xFFFFFFFF; }))},
                    Fault{"silent", "no answer within 1000 ms (is it a touchstone accelerator", from(1, {})},
                    Fault{"closes", "the connection was closed", from(1, {{}, true})},
                    Fault{"half_a_frame", "half a frame", from(1, {Board::Frame{20, 33, 0x54}, true})},
                    Fault{"empty_frame", "an empty frame", from(1, {Board::Frame{0}})},
                    Fault{"huge_frame", "longer than any message", from(1, {Board::Frame{255}})},
                    Fault{"another_protocol", "no answer to that", from(1, {Board::Frame{4, 'S', 'S', 'H', '-'}})},
                    Fault{"refuses", "it refused: no?w", from(1, {Board::Frame{7, 63, 4, 0, 'n', 'o', 7, 'w'}})}),
    name_of);

class BoardThatFails : public testing::TestWithParam<Fault> {};
TEST_P(BoardThatFails, IsAVerdict) {
  const Board board(GetParam().liar);
  const Finished f = run(at(board.port()) + " --accelerator-timeout 1");
  EXPECT_EQ(f.outcome.exit_code, 1) << f.outcome.output;
  EXPECT_EQ(f.results.value("verdict", ""), "fail");
  EXPECT_THAT(f.results.value("reason", ""),
              AllOf(HasSubstr("the accelerator at 127.0.0.1:"), HasSubstr("failed while "), HasSubstr(GetParam().why)));
  EXPECT_LT(f.wall_s, 30);
}
INSTANTIATE_TEST_SUITE_P(
    Accelerator, BoardThatFails,
    testing::Values(
        Fault{"no_cycles", "it says that took 0 cycles", to_execute({Board::frame(wire::Executed{0, 0})})},
        Fault{"huge_cycles", "it says that took 4294967295 cycles, not 1 to 1000000",
              to_execute({Board::frame(wire::Executed{0xFFFFFFFF, 0})})},
        Fault{"no_level", "neither 0 nor 1", to_execute({Board::frame(wire::Executed{5'000, 2})})},
        Fault{"silent", "running an operation: no answer within 1000 ms", to_execute({})},
        Fault{"closes", "the connection was closed", to_execute({{}, true})},
        Fault{"half_a_frame", "half a frame", to_execute({Board::Frame{6, 36, 1}, true})},
        Fault{"noise", "no answer to that", to_execute({Board::Frame(100, 99)})},
        Fault{"asks_for_words_unasked", "no answer to that", to_execute({Board::frame(wire::EntropyWanted{})})},
        Fault{"refuses", "it refused: it burns",
              to_execute({Board::Frame{11, 63, 8, 0, 'i', 't', ' ', 'b', 'u', 'r', 'n', 's'}})},
        Fault{"another_answer", "no answer to that (Executed: id)", to_execute({Board::frame(wire::Value{1})})},
        Fault{"never_resets", "resetting it", from(2, {})},
        Fault{"closes_on_a_write", "writing ",
              [](std::uint8_t id, int n) {
                return id == wire::Write::kId && n > 50 ? std::optional(Lie{{}, true}) : std::nullopt;
              }},
        Fault{"forgets_a_register", "reading ",
              [](std::uint8_t id, int n) {
                return id == wire::Read::kId && n > 50 ? std::optional(Lie{}) : std::nullopt;
              }}),
    name_of);

TEST(AcceleratorBoard, ThatWantsWordsWithoutEndIsAVerdict) {
  Board board([](std::uint8_t id, int) -> std::optional<Lie> {
    if (id == wire::Hello::kId)
      return welcome([](auto& m) { m.entropy = static_cast<std::uint8_t>(wire::Welcome::Entropy::kBench); });
    if (id == wire::Execute::kId || id == wire::Entropy::kId) return Lie{Board::frame(wire::EntropyWanted{})};
    return std::nullopt;
  });
  const Finished f = run(at(board.port()));
  EXPECT_EQ(f.outcome.exit_code, 1) << f.outcome.output;
  EXPECT_THAT(f.results.value("reason", ""), HasSubstr("random words without end"));
}

TEST(AcceleratorBoard, WhoseStateBreaksOffIsAVerdict) {
  for (const std::size_t size_bytes : {0u, 200u}) {
    const std::vector<std::uint8_t> part(size_bytes);
    Board board([&](std::uint8_t id, int) -> std::optional<Lie> {
      if (id == wire::Hello::kId) return welcome([](auto& m) { m.state_bytes = 100; });
      return id == wire::ReadState::kId ? std::optional(Lie{Board::frame(wire::State{part})}) : std::nullopt;
    });
    const Finished f = run(at(board.port()));
    EXPECT_EQ(f.outcome.exit_code, 1) << f.outcome.output;
    EXPECT_THAT(f.results.value("reason", ""), HasSubstr("reading its state: a part of the wrong size"));
    EXPECT_EQ(f.results["memory_scan"]["complete"], false);
  }
}

TEST(AcceleratorOption, WrongUseIsExitCode2) {
  for (const auto& [options, why] : std::initializer_list<std::pair<const char*, const char*>>{
           {"--accelerator foo", "must be rtl, model or tcp:HOST:PORT"},
           {"--accelerator tcp:nohost", "must be rtl, model or tcp:HOST:PORT"},
           {"--accelerator tcp::4711", "must be"},
           {"--accelerator tcp:localhost:", "must be"},
           {"--accelerator tcp:localhost:0", "must be"},
           {"--accelerator tcp:localhost:65536", "must be"},
           {"--accelerator tcp:localhost:4711x", "must be"},
           {"--accelerator tcp:127.0.0.1:1", "nobody listens there (start one there: touchstone rtl serve --port 1)"},
           {"--accelerator tcp:no.such.host.invalid:1", "there is no such host"},
           {"--accelerator-timeout 5", "goes with --accelerator tcp"},
           {"--accelerator tcp:127.0.0.1:1 --accelerator-timeout 0", "must be in 1..3600"},
           {"--accelerator model --fst", "goes with --accelerator rtl"}}) {
    const Finished f = run(options);
    EXPECT_EQ(f.outcome.exit_code, 2) << options << "\n" << f.outcome.output;
    EXPECT_THAT(f.outcome.output, HasSubstr(why)) << options;
    EXPECT_TRUE(f.results.is_null());
  }
}

TEST(AcceleratorOption, AFolderIsRunWithIt) {
  const fs::path folder = fresh_folder("scenarios");
  fs::create_directories(folder);
  std::ofstream(folder / "one.yaml") << "touchstone: 1\nname: one\nbase: " << kDemo.string() << "\ntitle: the demo\n";
  const Server server;
  const Outcome outcome = run_program("cd " + folder.string() + " && " TS_BIN "/touchstone run . " + at(server.port()));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_EQ(read_json(folder / "runs/one-1/results.json")["accelerator"]["core"], "protected_64");
}

TEST(AcceleratorServer, ServesOtherVariantsAndEndsAfterOneWhereToldSo) {
  const Server server("--variant protected_32 --once");
  const Finished f = run(at(server.port()));
  EXPECT_EQ(f.results["accelerator"]["core"], "protected_32");
  EXPECT_EQ(run(at(server.port())).outcome.exit_code, 2) << "it has ended";
}

TEST(AcceleratorServer, WrongUseIsExitCode2) {
  const Server server;
  const std::string taken = "--port " + std::to_string(server.port());
  for (const auto& [options, why] : {std::pair<std::string, const char*>{"--port 65536", "a number from 0 to 65535"},
                                     {"--variant none", "no variant is called 'none'"},
                                     {taken, "cannot be had"}}) {
    const Outcome outcome = run_program("timeout 20 " TS_BIN "/touchstone rtl serve " + options);
    EXPECT_EQ(outcome.exit_code, 2) << outcome.output;
    EXPECT_THAT(outcome.output, HasSubstr(why));
  }
}

}  // namespace
}  // namespace touchstone::test
