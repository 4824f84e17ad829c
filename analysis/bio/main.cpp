// touchstone-bio: training and evaluation of the fingerprint secret on the host, with the card's own integer code.
#include <cstdio>
#include <exception>

#include "bio/finger_make.h"
#include "calibrate.h"
#include "commands.h"
#include "tools/options.h"

namespace {

using namespace touchstone::bio;

// Verbs that read their own command line.
template <int (*verb)(int, char**)>
int with_arguments(const std::vector<std::string>& arguments) {
  std::string name = "touchstone-bio";
  std::vector<std::string> words = {name, name};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  return verb(static_cast<int>(argv.size()), argv.data());
}

struct Verb {
  const char* name;
  int (*run)(const std::vector<std::string>&);
  const char* help;
};
constexpr Verb kVerbs[] = {
    {"evaluate", evaluate_main,
     "evaluate [--trait finger] --data DIR|synthetic [--representation NAME,...|all] [--enrolled 1,4,8] [--sensor full|card]\n"
     "      [--cross-sensor] [--seed N] [--bootstrap N] [--fingers N] [--impressions N] [--dpi N] [--no-curves] [--no-sets]\n"
     "      [--weights FILE.tsq [--code NAME]] [--json FILE] [--html FILE] [--out DIR] [--log FILE]\n"
     "      --weights: another network than the card's own, as train writes it; --code: polar-256-20 and others, in the place of the card's\n"
     "      error rates with intervals; with the card's network also what its converter opens; --out keeps all files and goes on\n"
     "      after an interruption\n"
     "  touchstone bio evaluate --trait face --data DIR [--all-pairs] [--embedders a:b|FILE.onnx] [--scheme r1,n0,n1] [--enrolled 5,1] [--seed N] [--bootstrap N]\n"
     "      [--json FILE] [--html FILE] [--out DIR], or --embeddings X.npy --labels Y.csv [--set NAME] [--head FILE] in the place of --data\n"
     "      LFW, ORL, Yale or Extended Yale B: error rates of embeddings and of the face secret, what each step of the protection costs, rates by\n"
     "      light and expression, labels that look wrong; --out keeps vectors and plots and goes on after an interruption"},
    {"codes", codes_main,
     "codes [--codes NAME,...] [--list N,...] [--correlations R,...] [--dimensions D] [--fingers F] [--any-order] [--right G]\n"
     "      [--trials N] [--seed N] [--json FILE], or codes --card [--json FILE]\n"
     "      how often a record opens when the probe correlates R with what was enrolled; NAME: polar-N-K, bch-N-K; --dimensions of a\n"
     "      finger; --right: so many fingers are the enrolled ones; --card: cycles of codes and joint lock on the card's processor"},
    {"card", card_main,
     "card [--json FILE]\n"
     "      what a touch costs on the card's processor: cycles from picture to secret, products of the network and cycles of each"},
    {"compare-all", compare_all_main,
     "compare-all [--codes N] [--seed N] [--json FILE]\n"
     "      every one of N random codes with every other by Hamming distance: rate and smallest distances"},
    {"train", train_main,
     "train --trait finger --out DIR [--config FILE|--sweep FILE] [--cache DIR] [--threads N] [--device cpu|cuda]\n"
     "      the network's weights, figures and log from generated fingers; the same command goes on after an interruption;\n"
     "      FILE: analysis/experiments/finger/shipped.json; --sweep: several trainings, with what they gave in DIR/sweep.sqlite\n"
     "  touchstone bio train --trait face --scheme head|n0|n1 --embeddings X.npy --labels Y.csv --set lfw --out DIR [--config FILE|--sweep FILE] [--part tune|report]\n"
     "      the head of the face secret, or a network per person that says the secret; from embeddings; DIR/figures.json, DIR/face.head"},
    {"cache", cache_main,
     "cache --trait finger --cache DIR [--config FILE] [--threads N]\n"
     "      the generated touches that a training needs, made before it"},
    {"face", face_main,
     "face code PICTURE... | face check [--any] PICTURE|VIDEO|/dev/videoN... | face models\n"
     "  touchstone bio face stranger [--config FILE] [--seed N] [OWNER_PICTURE... [-- LATER_ONE...] -- OTHER_PICTURE...]\n"
     "      code: one person's pictures as the vector that the wallet locks (secret: for a pipe); check: what is measured, or why a picture is refused;\n"
     "      --any: whatever its quality, the face in the middle; models: files of networks, hashes, terms;\n"
     "      stranger: a network trained on the owner alone tells other faces its secret, and its file holds it; beside it the wallet's record.\n"
     "      PICTURE: a file, or shipped:FACE:CAPTURE"},
    {"finger", with_arguments<finger_main>,
     "finger make --out DIR ...   (touchstone finger make)\n"
     "      generated fingers as files, with their truth"},
    {"calibrate", calibrate_main,
     "calibrate --data DIR|synthetic [--fingers N] [--seed N] [--population FILE] [--threads N] [--crops N]\n"
     "      how hard prints are for the classical descriptor"},
    {"lifelike", lifelike_main,
     "lifelike [--data DIR] [--fingers N] [--seed N] [--population FILE] [--threads N]\n"
     "      how like real prints generated ones are"},
};

void usage(std::FILE* out) {
  std::fputs("usage:\n", out);
  for (const Verb& v : kVerbs) std::fprintf(out, "  touchstone bio %s\n", v.help);
  std::fputs("Exit codes: 0 done, 1 a check failed, 2 wrong use or bad input.\n", out);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "";
  if (name == "--help" || name == "-h" || name == "help") {
    usage(stdout);
    return 0;
  }
  for (const Verb& v : kVerbs) {
    if (name != v.name) continue;
    try {
      return v.run({argv + 2, argv + argc});
    } catch (const touchstone::tools::UsageError& error) {
      std::fprintf(stderr, "touchstone bio %s: %s\n", v.name, error.what());
      std::fprintf(stderr, "usage: touchstone bio %s\n", v.help);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "touchstone bio %s: %s\n", v.name, error.what());
    }
    return 2;
  }
  std::fprintf(stderr, name.empty() ? "touchstone bio: which verb?%s\n" : "touchstone bio: unknown verb '%s'\n", name.c_str());
  usage(stderr);
  return 2;
}
