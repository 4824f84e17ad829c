// Faces, before time zero: touchstone-bio turns the pictures a scenario names into vectors. They alone enter the simulation, where the phone's own
// code makes a record of them and opens it; and they lie in the run folder, so that a replay needs neither networks nor pictures.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/scenario.h"
#include "wallet_face/bio_program.h"

namespace touchstone::sim {

class Faces {
 public:
  /// Nobody's.
  Faces() = default;
  /// Executes `program` once for each list of pictures that wallet.face and the steps name; not at all where they name none. Throws InputError with
  /// file:line where the program is missing or sees no face.
  Faces(const Scenario& scenario, const wallet::BioProgram& program);

  /// Of pictures the scenario names (TS_CHECKed).
  const wallet::FaceCode& code(const FaceLook& look) const;
  /// Of everybody, for a search.
  const std::map<std::string, wallet::FaceCode>& codes() const { return codes_; }

 private:
  void look_at(const FaceLook& look, const wallet::BioProgram& program);

  std::map<std::string, wallet::FaceCode> codes_;  // by the person and the numbers of the pictures
};

}  // namespace touchstone::sim
