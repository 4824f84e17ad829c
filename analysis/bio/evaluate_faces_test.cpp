// `evaluate --trait face` from the command line, on made vectors in files: no package, no picture.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "bio/made_faces.h"
#include "support/command.h"

namespace touchstone::bio {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class EvaluateFaces : public testing::Test {
 protected:
  EvaluateFaces() {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void write(const fs::path& name, const std::string& bytes) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }
  void write(const faces::Embeddings& vectors) const {
    write("x.npy", faces::npy_text(vectors));
    write("y.csv", faces::labels_text(vectors));
  }
  void write_head() const {
    const auto bytes = biometrics::serialise(made::window());
    write("made.head", std::string(bytes.begin(), bytes.end()));
  }
  std::string read(const char* name) const {
    std::ifstream file(folder_ / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  /// Runs in the folder; what it says goes to errors.txt.
  test::Outcome run(const std::string& arguments) const {
    return test::run_command("cd '" + folder_.string() + "' && '" TS_BIO "' evaluate --trait face --bootstrap 20 " + arguments + " 2>errors.txt");
  }
  json evaluated(const std::string& arguments) const {
    const auto outcome = run(arguments + " --json out.json");
    EXPECT_EQ(outcome.exit_code, 0) << read("errors.txt");
    return json::parse(read("out.json"));
  }
  fs::path folder_ = fs::path(testing::TempDir()) / "evaluate_faces" / testing::UnitTest::GetInstance()->current_test_info()->name();
};

bool is_fraction(const json& value) { return value.is_number() && value >= 0 && value <= 1; }
bool is_interval(const json& value) { return value.is_array() && value.size() == 2 && is_fraction(value[0]) && is_fraction(value[1]) && value[0] <= value[1]; }

/// Names and types that readers of a report rely on.
void expect_row(const json& row) {
  SCOPED_TRACE(row.dump());
  for (const char* text : {"data", "protocol", "representation", "embedder", "people"}) EXPECT_TRUE(row.at(text).is_string()) << text;
  EXPECT_THAT(row["protocol"], testing::AnyOf("official_pairs", "all_pairs", "enrolled"));
  EXPECT_THAT(row["representation"], testing::AnyOf("embedding", "code"));
  for (const char* count : {"enrolled", "fused", "persons", "genuine_pairs", "impostor_pairs", "bootstrap_replicates"}) EXPECT_TRUE(row.at(count).is_number_unsigned()) << count;
  const bool code = row["representation"] == "code", compared = row["genuine_pairs"] > 0 && row["impostor_pairs"] > 0;
  const json& intervals = row.at("intervals_95");
  EXPECT_EQ(row.at("k_bits").is_number_unsigned(), code);
  EXPECT_EQ(row["k_bits"].is_null(), !code);
  EXPECT_EQ(is_fraction(row.at("eer")), !code && compared) << "a decoder has no threshold";
  EXPECT_EQ(row["eer"].is_null(), code || !compared);
  EXPECT_EQ(is_interval(intervals.at("eer")), !code && compared);
  for (const char* rate : {"fnmr", "fmr"}) {
    EXPECT_EQ(is_fraction(row.at(rate)), code && compared) << rate;
    EXPECT_EQ(is_interval(intervals.at(rate)), code && compared) << rate;
    EXPECT_EQ(row[rate].is_null(), !code || !compared) << rate << ": no rate of nothing";
  }
  std::vector<std::string> asked;
  for (const auto& [fmr, fnmr] : row.at("fnmr_at_fmr").items()) {
    asked.push_back(fmr);
    const bool known = compared && row["impostor_pairs"].get<double>() * std::stod(fmr) >= 3;  // three errors or more are expected
    EXPECT_EQ(is_fraction(fnmr), known) << fmr;
    EXPECT_EQ(fnmr.is_null(), !known) << fmr;
    EXPECT_EQ(is_interval(intervals.at("fnmr_at_fmr").at(fmr)), known) << fmr;
  }
  EXPECT_THAT(asked, testing::UnorderedElementsAre("1e-2", "1e-3", "1e-4", "1e-5"));
}

std::string shown(const json& row) {
  return row["protocol"].get<std::string>() + " " + std::to_string(row["enrolled"].get<int>()) + ">" + std::to_string(row["fused"].get<int>()) + " " +
         row["representation"].get<std::string>() + (row["scheme"].is_null() ? "" : " " + row["scheme"].get<std::string>());
}

std::vector<std::string> shown_all(const json& rows) {
  std::vector<std::string> out;
  for (const json& row : rows) {
    expect_row(row);
    out.push_back(shown(row));
  }
  return out;
}

TEST_F(EvaluateFaces, TheReportHoldsEveryRowByItsName) {
  write(made::people(24, 0.995).vectors);
  write_head();
  const std::string arguments = "--embeddings x.npy --labels y.csv --head made.head --set crowd";
  const json report = evaluated(arguments);
  EXPECT_EQ(report["version"], 2);
  EXPECT_EQ(report["trait"], "face");
  EXPECT_EQ(report["data"], "crowd");
  EXPECT_EQ(report["images"], 24 * 8);
  EXPECT_EQ(report["fta"], json::parse(R"({"rate": 0.0, "errors": 0, "tries": 192})"));
  EXPECT_THAT(shown_all(report["results"]),
              ElementsAre("all_pairs 1>1 embedding", "enrolled 5>3 embedding", "enrolled 5>3 code r1", "enrolled 5>1 embedding", "enrolled 5>1 code r1", "enrolled 1>3 embedding",
                          "enrolled 1>3 code r1", "enrolled 1>1 embedding", "enrolled 1>1 code r1"));
  EXPECT_THAT(shown_all(report["loss_by_protection"]),
              ElementsAre("enrolled 5>3 embedding embedding", "enrolled 5>3 embedding whitened", "enrolled 5>3 embedding enrolled signs", "enrolled 5>3 embedding signs",
                          "enrolled 5>3 code r1", "enrolled 5>3 code bch", "enrolled 5>1 embedding embedding", "enrolled 5>1 embedding whitened",
                          "enrolled 5>1 embedding enrolled signs", "enrolled 5>1 embedding signs", "enrolled 5>1 code r1", "enrolled 5>1 code bch"));
  const json& pairs = report["results"][0];
  EXPECT_EQ(pairs["embedder"], "x");
  EXPECT_EQ(pairs["genuine_pairs"], 24 * 28);
  EXPECT_EQ(pairs["impostor_pairs"], 192 * 191 / 2 - 24 * 28);
  EXPECT_EQ(pairs["eer"], 0.0);
  EXPECT_EQ(report["results"][2]["k_bits"], 48);
  EXPECT_EQ(report["results"][2]["genuine_pairs"], 24);
  EXPECT_EQ(report["results"][2]["impostor_pairs"], 24 * 23 * (1 + 3));
  for (const char* none : {"failed_to_acquire", "left_out", "by_condition", "suspected_label_errors", "person_networks"}) EXPECT_EQ(report.at(none), json::array()) << none;

  const std::string first = read("out.json");
  evaluated(arguments);
  EXPECT_EQ(read("out.json"), first) << "the same vectors and seed";
}

TEST_F(EvaluateFaces, RatesAreFractions) {
  FaceVectors faces = made::people(24, 0.995);
  // One person's later pictures are the opposite of the first five.
  for (std::size_t i = 5 * made::kDimensions; i < 8 * made::kDimensions; ++i) faces.vectors.values[i] *= -1;
  write(faces.vectors);
  write_head();
  const json report = evaluated("--embeddings x.npy --labels y.csv --head made.head --enrolled 5");
  const json& embedding = report["results"][1];
  const json& code = report["results"][2];
  EXPECT_DOUBLE_EQ(embedding["fnmr_at_fmr"]["1e-2"].get<double>(), 1.0 / 24);
  EXPECT_DOUBLE_EQ(code["fnmr"].get<double>(), 1.0 / 24);
  EXPECT_DOUBLE_EQ(code["fnmr_at_fmr"]["1e-2"].get<double>(), 1.0 / 24) << "a code has its FNMR at every FMR that it keeps";
  EXPECT_EQ(code["fmr"], 0.0);
  EXPECT_GT(code["intervals_95"]["fmr"][1], 0.0) << "no false match of 2,208 is not none at all";
}

TEST_F(EvaluateFaces, WithoutAHeadNoCodeIsMeasured) {
  write(made::people(12, 0.995).vectors);
  const json report = evaluated("--embeddings x.npy --labels y.csv --enrolled 5");
  EXPECT_THAT(shown_all(report["results"]), ElementsAre("all_pairs 1>1 embedding", "enrolled 5>3 embedding", "enrolled 5>1 embedding"));
  EXPECT_EQ(report["loss_by_protection"], json::array());
}

TEST_F(EvaluateFaces, PeopleWithTooFewPicturesLeaveRowsWithoutRates) {
  write(made::people(12, 0.995, 2).vectors);
  write_head();
  const json report = evaluated("--embeddings x.npy --labels y.csv --head made.head --enrolled 5,1");
  for (const json& row : report["results"]) expect_row(row);
  EXPECT_EQ(report["results"][2]["k_bits"], 48);
  EXPECT_EQ(shown(report["results"][2]), "enrolled 5>3 code r1");
  EXPECT_EQ(report["results"][2]["persons"], 0);
  EXPECT_EQ(report["results"][2]["genuine_pairs"], 0);
  EXPECT_EQ(report["loss_by_protection"], json::array());
  EXPECT_THAT(read("out.json"), testing::Not(HasSubstr("-0.0")));

  write(made::people(30, 1, 1).vectors);
  const json pairs = evaluated("--embeddings x.npy --labels y.csv --enrolled 1")["results"][0];
  expect_row(pairs);
  EXPECT_EQ(pairs["genuine_pairs"], 0);
  EXPECT_EQ(pairs["impostor_pairs"], 30 * 29 / 2);
}

TEST_F(EvaluateFaces, PicturesOfASetWithoutAVectorAreNamedAndConditionsKept) {
  FaceVectors faces{"made", "", {}, {}};
  for (std::size_t p = 0; p < 10; ++p) {
    const std::string person = "subject" + made::name(p + 1).substr(1);
    for (const char* condition : {"happy", "normal", "sad"}) {
      write("yale/png/" + person + "_" + condition + ".png", person + condition);
      if (p != 3 || condition != std::string("sad")) faces.vectors.add(person, person + "_" + condition + ".png", made::picture(p, 1));
    }
  }
  write(faces.vectors);
  const json report = evaluated("--data yale --embeddings x.npy --labels y.csv --enrolled 1");
  EXPECT_EQ(report["data"], "yale");
  EXPECT_EQ(report["failed_to_acquire"], json::array({"subject04_sad.png: has no vector"}));
  EXPECT_EQ(report["fta"]["errors"], 1);
  EXPECT_EQ(report["fta"]["tries"], 30);
  ASSERT_EQ(report["by_condition"].size(), 3U);
  const json& sad = report["by_condition"][2];
  EXPECT_EQ(sad["condition"], "sad");
  EXPECT_EQ(sad["pictures"], 10);
  EXPECT_EQ(sad["without_vector"], 1);
  EXPECT_EQ(sad["genuine_pairs"], 9 * 2);
  EXPECT_EQ(sad["fnmr"], 0.0);
}

TEST_F(EvaluateFaces, BadInputIsNamedAndLeavesNothing) {
  const FaceVectors faces = made::people(3, 0.995);
  write(faces.vectors);
  write_head();
  const std::string npy = faces::npy_text(faces.vectors), labels = faces::labels_text(faces.vectors);
  const auto replaced = [](std::string in, const std::string& what, const std::string& by) { return in.replace(in.find(what), what.size(), by); };
  write("flat.npy", replaced(npy, "(24, 128)", "(3072,)  "));
  write("wide.npy", replaced(npy, "(24, 128)", "(24, 129)"));
  write("double.npy", replaced(npy, "<f4", "<f8"));
  write("cut.npy", npy.substr(0, npy.size() - 4));
  FaceVectors odd = faces;
  odd.vectors.values[5] = std::numeric_limits<float>::quiet_NaN();
  write("nan.npy", faces::npy_text(odd.vectors));
  write("fewer.csv", labels.substr(0, labels.rfind("p02,")));
  write("more.csv", labels + "p09,one more\n");
  write("nobody.csv", replaced(labels, "p01,", ","));
  write("twice.csv", replaced(labels, "p01_9", "p00_1"));
  write("wrong.head", "no head");
  write("orl/png/s01_01.png", "x");
  const auto write_part_of_head = [&](const char* name, std::size_t dimensions, std::size_t inputs) {
    auto part = made::window();
    part.mean.resize(inputs);
    part.projection.resize(dimensions * inputs);
    const auto bytes = biometrics::serialise(part);
    write(name, std::string(bytes.begin(), bytes.end()));
  };
  write_part_of_head("narrow.head", 128, 64);
  write_part_of_head("hundred.head", 100, 128);
  write_part_of_head("thirty_two.head", 32, 128);

  struct Wrong {
    const char *arguments, *where, *what;
  };
  for (const Wrong& w : {Wrong{"--embeddings absent.npy --labels y.csv", "absent.npy", "file of vectors cannot be read"},
                         {"--embeddings x.npy --labels absent.csv", "absent.csv", "file of labels cannot be read"},
                         {"--embeddings y.csv --labels y.csv", "y.csv", "no NumPy file"},
                         {"--embeddings flat.npy --labels y.csv", "flat.npy", "shape (pictures, dimensions)"},
                         {"--embeddings double.npy --labels y.csv", "double.npy", "float32"},
                         {"--embeddings wide.npy --labels y.csv", "wide.npy", "length is not that of its shape"},
                         {"--embeddings cut.npy --labels y.csv", "cut.npy", "length is not that of its shape"},
                         {"--embeddings nan.npy --labels y.csv", "nan.npy", "not finite"},
                         {"--embeddings x.npy --labels fewer.csv", "fewer.csv", "fewer labels than vectors"},
                         {"--embeddings x.npy --labels more.csv", "more.csv", "more labels than vectors"},
                         {"--embeddings x.npy --labels nobody.csv", "nobody.csv", "names nobody"},
                         {"--embeddings x.npy --labels twice.csv", "labels", "picture p00_1 twice"},
                         {"--embeddings x.npy --labels y.csv --head absent.head", "absent.head", "cannot be read"},
                         {"--embeddings x.npy --labels y.csv --head wrong.head", "wrong.head", "not a head's file"},
                         {"--embeddings x.npy --labels y.csv --head narrow.head", "head", "64 numbers, these have 128"},
                         {"--embeddings x.npy --labels y.csv --head hundred.head", "head", "no code for the head's vectors of 100 numbers"},
                         {"--embeddings x.npy --labels y.csv --head thirty_two.head", "head", "no code for the head's vectors of 32 numbers"},
                         {"--embeddings x.npy --labels y.csv --scheme r2", "--scheme", "not 'r2'"},
                         {"--embeddings x.npy --labels y.csv --enrolled 9", "--enrolled", "not '9'"},
                         {"--embeddings x.npy --labels y.csv --embedders b", "--embedders", "are there already"},
                         {"--embeddings x.npy", "--labels", "go together"},
                         {"--embeddings x.npy --labels y.csv --data absent", "absent", "no folder of pictures"},
                         {"--embeddings x.npy --labels y.csv --data orl", "orl", "none of the vectors is of a picture"},
                         {"--embeddings x.npy --labels y.csv --set crowd --scheme r1,n1", "crowd", "no people of the tuning part"},
                         {"--embeddings x.npy --labels y.csv --json absent/x.json", "--json", "no folder absent"},
                         {"", "--data", "missing"}}) {
    EXPECT_EQ(run(std::string(w.arguments) + " --json none.json --html none.html").exit_code, 2) << w.arguments;
    const std::string said = read("errors.txt");
    EXPECT_THAT(said.substr(0, said.find('\n')), AllOf(testing::StartsWith("touchstone bio evaluate: "), HasSubstr(w.where), HasSubstr(w.what))) << w.arguments;
    EXPECT_FALSE(fs::exists(folder_ / "none.json")) << w.arguments;
    EXPECT_FALSE(fs::exists(folder_ / "none.html")) << w.arguments;
  }
}

}  // namespace
}  // namespace touchstone::bio
