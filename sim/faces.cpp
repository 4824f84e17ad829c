#include "sim/faces.h"

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "sim/input_files.h"
#include "sim/yaml_table.h"
#include "wallet/encoding.h"

namespace touchstone::sim {
namespace {

std::string name_of(const FaceLook& look) {
  return look.person + " " + std::to_string(look.first_impression) + " " + std::to_string(look.pictures);
}

/// As the run folder keeps it.
std::string text_of(const wallet::FaceCode& code) {
  const auto& components = code.vector.components;
  return nlohmann::ordered_json{{"head_sha256", wallet::to_hex(code.head_sha256)},
                                {"vector", wallet::to_hex(Bytes(reinterpret_cast<const std::uint8_t*>(components.data()), components.size()))}}
             .dump() + "\n";
}

wallet::FaceCode code_of(const std::string& text, const std::string& place) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  wallet::FaceCode code;
  if (json.is_object() && wallet::from_hex(json.value("head_sha256", ""), code.head_sha256))
    if (const auto vector = wallet::from_hex(json.value("vector", "")); vector && biometrics::face_code(vector->size()))
      return {code.head_sha256, biometrics::FaceVector(std::vector<std::int8_t>(vector->begin(), vector->end()))};
  throw InputError(place, "what the run folder keeps of this face is damaged; run the scenario again");
}

}  // namespace

Faces::Faces(const Scenario& scenario, const wallet::BioProgram& program) {
  if (!scenario.wallet.face) return;
  look_at(scenario.wallet.face->enrolled, program);
  look_at(scenario.wallet.face->used, program);
  for (const Step& step : scenario.steps)
    if (step.action.kind == Action::Kind::kNewPhone) look_at(step.action.face, program);
}

void Faces::look_at(const FaceLook& look, const wallet::BioProgram& program) {
  if (codes_.contains(name_of(look))) return;
  std::vector<std::string> pictures;
  std::string question = "face code";
  for (int i = 0; i < look.pictures; ++i) {
    pictures.push_back(with_impression(look.picture, look.first_impression + i));
    question += " " + pictures.back();
  }
  const std::string answer = InputFiles::instance().answer(question, [&] {
    const auto seen = wallet::face_code_of(program, pictures);
    if (const auto* failure = std::get_if<wallet::BioFailure>(&seen)) throw InputError(look.place, "the face of '" + look.person + "': " + failure->why);
    return text_of(std::get<wallet::FaceCode>(seen));
  });
  codes_.emplace(name_of(look), code_of(answer, look.place));
}

const wallet::FaceCode& Faces::code(const FaceLook& look) const {
  const auto code = codes_.find(name_of(look));
  TS_CHECK(code != codes_.end(), "faces of this scenario were looked at");
  return code->second;
}

}  // namespace touchstone::sim
