#include "bio/representation.h"

#include "bio/bad_input.h"
#include "bio/classical.h"
#include "bio/correlation.h"

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

std::vector<std::string> representation_names() { return {"classical-code", "classical-embedding", "correlation"}; }

std::unique_ptr<Representation> make_representation(const std::string& name) {
  if (name == "classical-code") return std::make_unique<ClassicalCode>();
  if (name == "classical-embedding") return std::make_unique<ClassicalEmbedding>();
  if (name == "correlation") return std::make_unique<Correlation>();
  std::string names;
  for (const std::string& known : representation_names()) names += " " + known;
  throw BadInput("--representation " + name + ": there are" + names);
}

}  // namespace touchstone::bio
