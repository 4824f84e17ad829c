#include "bio/representation.h"

#include "bio/bad_input.h"
#include "bio/classical.h"
#include "bio/correlation.h"
#include "bio/network_representation.h"
#include "biometrics/converter.h"

namespace touchstone::bio {

const char* to_string(Kind kind) {
  switch (kind) {
    case Kind::kCode: return "code";
    case Kind::kEmbedding: return "embedding";
    case Kind::kMatcher: return "matcher";
  }
  return "?";
}

std::vector<float> Representation::scores(const Template& reference, std::span<const Template* const> probes) const {
  std::vector<float> out;
  out.reserve(probes.size());
  for (const Template* probe : probes) out.push_back(score(reference, *probe));
  return out;
}

std::vector<std::string> representation_names() { return {"network-code", "network-embedding", "classical-code", "classical-embedding", "correlation"}; }

std::unique_ptr<Representation> make_representation(const std::string& name, const NetworkChoice& choice) {
  if (name == "classical-code") return std::make_unique<ClassicalCode>();
  if (name == "classical-embedding") return std::make_unique<ClassicalEmbedding>();
  if (name == "correlation") return std::make_unique<Correlation>();
  if (name == "network-code" || name == "network-embedding") {
    auto file = choice.weights.empty() ? std::make_shared<const NetworkFile>() : std::make_shared<const NetworkFile>(choice.weights);
    if (name == "network-embedding") return std::make_unique<NetworkEmbedding>(std::move(file));
    const auto code = choice.code.empty() ? Result(biometrics::code_for(1, file->network().architecture().dimensions)) : codes::CodeChoice::parse(choice.code);
    if (!code.ok()) throw BadInput("--code " + choice.code + ": " + code.error().what);
    if (code->n > file->network().architecture().dimensions) {
      throw BadInput("--code " + choice.code + ": longer than the network's " + std::to_string(file->network().architecture().dimensions) + " dimensions");
    }
    return std::make_unique<NetworkCode>(std::move(file), code.value());
  }
  std::string names;
  for (const std::string& known : representation_names()) names += " " + known;
  throw BadInput("--representation " + name + ": there are" + names);
}

}  // namespace touchstone::bio
