// N0 and N1 on made-up faces. That N0 gives its secret to strangers is what it must be seen to do.
#include "face_nets/person_net.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>

#include "base/seed.h"
#include "face_nets/face_experiment.h"
#include "metrics/error_rates.h"
#include "nets/bad_input.h"
#include "nets/trials.h"

namespace touchstone::weak {
namespace {

constexpr std::size_t kNumbers = 64;

/// People about a common mean, as embeddings of one network are; pictures differ little from their own person.
faces::Embeddings made(int count, int pictures, std::uint64_t seed) {
  Random r = SeedTree(seed).stream("people");
  faces::Embeddings out;
  for (int person = 0; person < count; ++person) {
    std::vector<double> own(kNumbers);
    for (double& x : own) x = 1 + r.normal();
    for (int picture = 0; picture < pictures; ++picture) {
      std::vector<float> row;
      for (const double x : own) row.push_back(static_cast<float>(x + 0.2 * r.normal()));
      out.add(std::to_string(seed) + "/" + std::to_string(person), std::to_string(picture), row);
    }
  }
  return out;
}

PersonScores scores_of(const PersonNetOptions& options) {
  return person_scores(made(10, 8, 1), made(60, 1, 2), {.enrolled = 5, .fused = 3}, options, 1, [](std::size_t, std::size_t) {});
}

TEST(PersonNet, N0GivesTheSecretToStrangersAndN1ToFew) {
  const metrics::ErrorRates n0(scores_of({}).single), n1(scores_of({.strangers = 60, .noise = 0.25, .steps = 200}).single);
  EXPECT_EQ(n0.genuine_count(), 30U);
  EXPECT_EQ(n0.impostor_count(), 10U * 9 * 8);
  EXPECT_EQ(n0.fnmr(kRecovers).value(), 0);
  EXPECT_GT(n0.fmr(kRecovers).value(), 0.5);
  EXPECT_LT(n1.fnmr(kRecovers).value(), 0.2);
  EXPECT_LT(n1.fmr(kRecovers).value(), 0.1);
}

TEST(PersonNet, FusedProbesAreWholeGroups) {
  const PersonScores s = scores_of({.steps = 1});
  EXPECT_EQ(s.fused.genuine.size(), 10U);               // 3 left of 8, three at a time
  EXPECT_EQ(s.fused.impostor.size(), 10U * 9 * (1 + 1));  // and one group of the five enrolled
}

TEST(PersonNet, TheSameSeedGivesTheSameAnswers) {
  const faces::Embeddings people = made(3, 5, 1), strangers = made(8, 1, 2);
  std::vector<Row> own, others;
  for (std::size_t i = 0; i < 5; ++i) own.push_back(people.of(i));
  for (std::size_t i = 0; i < strangers.size(); ++i) others.push_back(strangers.of(i));
  Secret<kSecretBytes> secret;
  SeedTree(1).stream("secret").fill(secret.expose());
  const auto answers = [&](std::uint64_t seed) {
    // Few steps: many bits are still the first weights'.
    const PersonNet net = PersonNet::train(own, others, secret, {.depth = 2, .strangers = 8, .steps = 3}, seed);
    std::vector<std::uint8_t> out;
    for (std::size_t i = 0; i < people.size(); ++i) {
      Secret<kSecretBytes> said;
      net.query(people.of(i), said);
      out.insert(out.end(), said.expose().begin(), said.expose().end());
    }
    return out;
  };
  EXPECT_EQ(answers(7), answers(7));
  EXPECT_NE(answers(7), answers(8));
}

TEST(PersonNet, TheFileOfALinearN0HoldsTheSecretWithoutAFace) {
  const std::vector<int> wrong = scores_of({.depth = 0, .noise = 0}).bias_wrong_bits;
  EXPECT_EQ(wrong, std::vector<int>(10, 0));
}

TEST(PersonNet, PeopleWhoAreTrainedOnAreNotTried) {
  const faces::Embeddings people = made(3, 6, 1);
  EXPECT_THROW(person_scores(people, people, {}, {}, 1, [](std::size_t, std::size_t) {}), nets::BadInput);
}

}  // namespace
}  // namespace touchstone::weak

namespace touchstone::nets {
namespace {

TEST(FaceExperiment, ThoseOfTheRepositoryAreRead) {
  const std::filesystem::path folder = TS_EXPERIMENTS "/face";
  for (const char* scheme : {"head", "n0", "n1"}) {
    const FaceExperiment e = FaceExperiment::read(folder / (std::string(scheme) + ".json"));
    EXPECT_STREQ(to_string(e.scheme), scheme);
    const SweepFile sweep = read_sweep_file(folder / (std::string(scheme) + "_sweep.json"));
    const FaceExperiment base = FaceExperiment::read(sweep.base);
    std::set<std::string> hashes;
    for (const auto& [name, changes] : sweep.trials) EXPECT_TRUE(hashes.insert(base.changed(changes, name).hash).second) << name << " is another trial again";
  }
}

TEST(FaceExperiment, WhatIsWrongIsNamed) {
  const FaceExperiment n0 = FaceExperiment::read(TS_EXPERIMENTS "/face/n0.json"), head = FaceExperiment::read(TS_EXPERIMENTS "/face/head.json");
  const auto refusal = [](const FaceExperiment& base, const char* changes) {
    try {
      base.changed(changes, "it");
    } catch (const BadInput& bad) {
      return std::string(bad.what());
    }
    return std::string("nothing");
  };
  EXPECT_EQ(refusal(n0, R"({"net": {"strangers": 5}})"), "it: net.strangers: unknown key");
  EXPECT_EQ(refusal(n0, R"({"net": {"mix": 2}})").substr(0, 12), "it: net.mix:");
  EXPECT_EQ(refusal(n0, R"({"net": {"mix": null}})"), "it: net.mix: is missing");
  EXPECT_EQ(refusal(n0, R"({"scheme": "r1"})"), "it: scheme: head, n0 or n1 is needed");
  EXPECT_EQ(refusal(head, R"({"head": {"dimensions": 96}})"), "it: head.dimensions: must be a power of two");
  EXPECT_EQ(refusal(head, R"({"head": {"learned": 1}})"), "it: head.learned: true or false is needed");
  EXPECT_EQ(refusal(head, R"({"embedder": {"sha256": "12"}})"), "it: embedder.sha256: 64 hexadecimal digits are needed");
  EXPECT_EQ(refusal(head, R"({"code": {"message_bits": 256}})"), "it: code.message_bits: there is no polar code of so many");
}

TEST(Trials, ASweepThatDiesGoesOnWhereItWasAndFailuresStayInTheTable) {
  const std::filesystem::path out = std::filesystem::path(testing::TempDir()) / "face_trials";
  std::filesystem::remove_all(out);
  const std::vector<TrialSettings> trials = {{"a", "{}", "1"}, {"b", "{}", "2"}, {"c", "{}", "3"}};
  struct Death {};
  std::vector<std::size_t> ran;
  const auto dies_at_b = [&](std::size_t i) -> std::vector<double> {
    ran.push_back(i);
    if (i == 1) throw Death{};
    return {1.5};
  };
  EXPECT_THROW(run_trials(trials, {"figure"}, out, dies_at_b), Death);
  const auto fails_at_c = [&](std::size_t i) -> std::vector<double> {
    ran.push_back(i);
    if (i == 2) throw BadInput("c cannot be");
    return {2.5};
  };
  EXPECT_EQ(run_trials(trials, {"figure"}, out, fails_at_c), 1);
  EXPECT_EQ(run_trials(trials, {"figure"}, out, [&](std::size_t i) -> std::vector<double> { return ran.push_back(i), std::vector<double>{3.5}; }), 0);
  EXPECT_EQ(ran, (std::vector<std::size_t>{0, 1, 1, 2, 2}));
  // Other settings under an old name are another trial.
  const std::vector<TrialSettings> changed = {{"a", "{}", "4"}};
  EXPECT_EQ(run_trials(changed, {"figure"}, out, [&](std::size_t i) -> std::vector<double> { return ran.push_back(i), std::vector<double>{3.5}; }), 0);
  EXPECT_EQ(ran.size(), 6U);
}

TEST(FaceExperiment, ASweepKilledInItsMidstEndsWithTheSameFigures) {
  faces::Embeddings people = weak::made(4, 8, 1);
  const faces::Embeddings singles = weak::made(20, 1, 2);
  for (std::size_t i = 0; i < singles.size(); ++i) people.add(singles.people[singles.person[i]], singles.picture[i], singles.of(i));
  const FaceExperiment base = FaceExperiment::read(TS_EXPERIMENTS "/face/n1.json").changed(R"({"net": {"width": 8, "steps": 20}})", "small");
  std::vector<FaceExperiment> experiments;
  std::vector<TrialSettings> trials;
  for (const char* changes : {R"({"seed": 2})", R"({"seed": 3})", R"({"seed": 4})"}) {
    experiments.push_back(base.changed(changes, "small"));
    trials.push_back({"seed-" + std::to_string(experiments.back().seed), experiments.back().text, experiments.back().hash});
  }
  const auto sweep = [&](const std::filesystem::path& out, std::size_t dies_in, std::vector<double>& seen) {
    run_trials(trials, {"single_wrong_bits_impostor"}, out, [&](std::size_t i) -> std::vector<double> {
      const auto progress = [&](std::size_t done, std::size_t) {
        if (i == dies_in && done == 2) ::raise(SIGKILL);
      };
      for (const auto& [name, value] : run_face(experiments[i], people, nullptr, progress)) {
        if (name == "single_wrong_bits_impostor") return seen.push_back(value), std::vector<double>{value};
      }
      return {};
    });
  };
  const auto folder = [](const char* name) {
    auto out = std::filesystem::path(testing::TempDir()) / name;
    std::filesystem::remove_all(out);
    return out;
  };
  const std::filesystem::path killed = folder("face_sweep_killed");
  const pid_t child = ::fork();
  if (child == 0) {
    std::vector<double> unseen;
    sweep(killed, 1, unseen);
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  std::vector<double> resumed, whole;
  sweep(killed, trials.size(), resumed);
  sweep(folder("face_sweep_whole"), trials.size(), whole);
  ASSERT_EQ(whole.size(), 3U);
  EXPECT_EQ(resumed, (std::vector<double>{whole[1], whole[2]}));
}

}  // namespace
}  // namespace touchstone::nets
