#include "face_stranger.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <filesystem>

#include "base/seed.h"
#include "bio/bad_input.h"
#include "face/refusal.h"
#include "face/shipped.h"
#include "face_nets/face_experiment.h"
#include "tools/options.h"

namespace touchstone::bio {
namespace {

using weak::kSecretBytes;
using Secret128 = Secret<kSecretBytes>;
using Row = std::span<const float>;

struct Request {
  std::vector<std::filesystem::path> configs;
  std::uint64_t seed = 1;
  std::vector<std::string> own, later, others;
};

std::string shipped(int face, int capture) { return "shipped:" + std::to_string(face) + ":" + std::to_string(capture); }

Request parse(const std::vector<std::string>& arguments) {
  Request r;
  const auto group_end = [&](auto from) { return std::find(from, arguments.end(), "--"); };
  const auto after = [&](auto dashes) { return dashes == arguments.end() ? dashes : dashes + 1; };
  const auto first = group_end(arguments.begin()), second = group_end(after(first));
  tools::Options options({arguments.begin(), first});
  const auto config = options.value("--config");
  r.seed = options.number("--seed", 0, UINT64_MAX).value_or(1);
  r.own = options.rest();
  // With two groups behind the enrolled pictures the first is the owner's too.
  if (second != arguments.end()) r.later.assign(after(first), second);
  r.others.assign(after(second == arguments.end() ? first : second), arguments.end());
  if (r.own.empty() != r.others.empty() || std::find(r.others.begin(), r.others.end(), "--") != r.others.end())
    throw tools::UsageError("the owner's pictures and others' go together: OWNER... [-- LATER...] -- OTHER...");
  if (r.own.size() > 64) throw tools::UsageError("more than 64 pictures of the owner");
  if (r.own.empty()) {
    constexpr int kOwner = 0, kEnrolled = 5, kLater = 3;
    for (int k = 1; k <= kEnrolled; ++k) r.own.push_back(shipped(kOwner, k));
    for (int k = 1; k <= kLater; ++k) r.later.push_back(shipped(kOwner, kEnrolled + k));
    for (int face = 0; face < face::kShippedFaces; ++face) {
      if (face != kOwner) r.others.push_back(shipped(face, 1));
    }
  }
  if (config) {
    r.configs = {*config};
  } else {
    for (const char* name : {"n0_wide.json", "n0.json"}) r.configs.push_back(std::filesystem::path(TS_EXPERIMENTS) / "face" / name);
  }
  return r;
}

int wrong_bits(const Secret128& a, const Secret128& b) {
  int wrong = 0;
  for (std::size_t i = 0; i < kSecretBytes; ++i) wrong += std::popcount(static_cast<unsigned>(a.expose()[i] ^ b.expose()[i]));
  return wrong;
}

std::string verdict(int wrong) { return wrong == 0 ? "the secret" : std::to_string(wrong) + (wrong == 1 ? " bit wrong" : " bits wrong"); }

/// A column of the table: whom it gives the secret to.
struct Column {
  std::string name;
  std::string what;  ///< for the legend
  std::vector<bool> given;        ///< for the pictures of the owner, then of the others
  std::vector<std::string> says;  ///< likewise
  std::string without_face;
};

/// N0 as `config` says, trained on the owner's embeddings alone.
Column network(const std::filesystem::path& config, std::uint64_t seed, const std::vector<Row>& own, const std::vector<std::vector<float>>& probes) {
  const auto experiment = nets::FaceExperiment::read(config);
  if (experiment.scheme != nets::FaceExperiment::Scheme::kN0) throw BadInput(config.string() + ": scheme is " + to_string(experiment.scheme) + ", not n0");
  const auto& o = experiment.net;
  Column out;
  out.name = "N0, " + config.stem().string();
  char text[160];
  std::snprintf(text, sizeof text, ", noise %g, %d steps at %g: says %zu bits for any picture.", o.noise, o.steps, o.learning_rate, 8 * kSecretBytes);
  out.what = (o.depth == 0 ? "No hidden layer" : "Hidden layers " + std::to_string(o.depth) + " of " + std::to_string(o.width)) + text;
  Secret128 secret, said;
  SeedTree(seed).child("stranger").stream("secret").fill(secret.expose());
  const auto net = weak::PersonNet::train(own, {}, secret, o, seed);
  for (const auto& embedding : probes) {
    net.query(embedding, said);
    const int wrong = wrong_bits(said, secret);
    out.says.push_back(verdict(wrong));
    out.given.push_back(wrong == 0);
  }
  net.read_biases(said);
  out.without_face = verdict(wrong_bits(said, secret));
  return out;
}

/// R1 with the head that the wallet's pictures go through.
Column record(const biometrics::Head& head, std::uint64_t seed, const std::vector<Row>& own, const std::vector<std::vector<float>>& probes) {
  const auto vector = [&](std::span<const Row> rows) {
    auto made = head.vector(rows);
    if (!made) throw BadInput(made.error().what);
    return std::move(made).value();
  };
  const auto code = biometrics::face_code(head.dimensions());
  if (!code) throw BadInput(code.error().what);
  Column out{.name = "R1", .what = "The wallet's record, each picture alone (the wallet takes several together).", .given = {}, .says = {}, .without_face = "2^" + std::to_string(code.value().k) + " guesses"};
  Secret<32> randomness, root, opened;
  SeedTree(seed).child("stranger").stream("record").fill(randomness.expose());
  codes::HelperData helper;
  if (const Status enrolled = biometrics::enrol_face(vector(own), randomness.expose(), helper, root); !enrolled) throw BadInput(enrolled.error().what);
  for (const Row embedding : probes) {
    const Status status = biometrics::open_face(vector({&embedding, 1}), helper, opened);
    const bool given = status.ok() && std::equal(opened.expose().begin(), opened.expose().end(), root.expose().begin());
    out.says.emplace_back(given ? "opens" : "refused");
    out.given.push_back(given);
  }
  return out;
}

void print(const Request& request, const std::vector<Column>& columns) {
  std::size_t width = 24;
  std::vector<std::string> probes = request.later;
  probes.insert(probes.end(), request.others.begin(), request.others.end());
  for (const std::string& name : probes) width = std::max(width, name.size());
  const auto row = [&](const std::string& name, const auto& cell) {
    std::string line = name + std::string(width - std::min(width, name.size()), ' ');
    for (const Column& c : columns) {
      const std::string text = cell(c);
      line += "  " + text + std::string(text.size() < 14 ? 14 - text.size() : 0, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    std::puts(line.c_str());
  };
  std::printf("enrolled:");
  for (const std::string& name : request.own) std::printf(" %s", name.c_str());
  std::printf("\n\n");
  row("", [](const Column& c) { return c.name; });
  for (std::size_t i = 0; i < probes.size(); ++i) row(probes[i], [i](const Column& c) { return c.says[i]; });
  row("no face, only the file", [](const Column& c) { return c.without_face; });
  std::printf("\n");
  for (const Column& c : columns) {
    const auto of_others = c.given.begin() + static_cast<std::ptrdiff_t>(request.later.size());
    std::printf("%s: %td of %zu pictures of others get the secret", c.name.c_str(), std::count(of_others, c.given.end(), true), request.others.size());
    if (!request.later.empty()) std::printf(", %td of %zu of the owner's", std::count(c.given.begin(), of_others, true), request.later.size());
    std::printf(". %s\n", c.what.c_str());
  }
  std::puts("\"no face\": the signs of the last layer's biases, which the file holds. A network that only ever saw one answer has learned the answer, not the face.");
}

}  // namespace

int face_stranger(const std::vector<std::string>& arguments, const biometrics::Head& head, face::Pipeline& pipeline) {
  const Request request = parse(arguments);
  const auto embeddings = [&](const std::vector<std::string>& names) {
    std::vector<std::vector<float>> out;
    for (const std::string& name : names) out.push_back(pipeline.run(face::open_picture(name), face::Policy::kDatabase).vectors.front());
    return out;
  };
  const auto own = embeddings(request.own), others = embeddings(request.others);
  std::vector<std::vector<float>> probes = embeddings(request.later);
  probes.insert(probes.end(), others.begin(), others.end());
  const std::vector<Row> enrolled(own.begin(), own.end());
  std::vector<Column> columns;
  for (const auto& config : request.configs) columns.push_back(network(config, request.seed, enrolled, probes));
  columns.push_back(record(head, request.seed, enrolled, probes));
  print(request, columns);
  return 0;
}

}  // namespace touchstone::bio
