// A real print through the whole card.
#include <gtest/gtest.h>

#include "scenario/program.h"
#include "support/data.h"

namespace touchstone::test {
namespace {

TEST(RealPrint, SignsOnTheWholeCardAndAStrangersDoesNot) {
  TS_DATA_OR_SKIP(prints, "datasets/fvc2002_db3_b_f101_105/png");
  for (const auto& [name, signature_digits] : {std::pair{"real_print", 128u}, {"real_print_card", 128u}, {"real_stranger_card", 0u}}) {
    const auto out = fresh_folder(name);
    const Outcome outcome = run_program(std::string(TS_BIN) + "/touchstone run " + TS_SCENARIOS + "/data/" + name + ".yaml --out " + out.string());
    EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
    EXPECT_EQ(read_json(out / "results.json").value("signature_hex", "").size(), signature_digits) << name;
  }
}

TEST(RealPrint, FingerOptionTakesAPicture) {
  TS_DATA_OR_SKIP(prints, "datasets/fvc2002_db3_b_f101_105/png");
  const auto out = fresh_folder("finger-option");
  const Outcome outcome = run_program(std::string(TS_BIN) + "/touchstone run " + TS_SCENARIOS + "/normal/touch_to_signature.yaml --finger " + (prints / "101_1.png").string() +
                                      " --out " + out.string());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_EQ(run_program(std::string(TS_BIN) + "/touchstone run " + TS_SCENARIOS + "/normal/touch_to_signature.yaml --finger no/such.png --out " + out.string()).exit_code, 2);
}

}  // namespace
}  // namespace touchstone::test
