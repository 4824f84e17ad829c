// In touchstone-bio's place for tests. `face code shipped:N:K...`: the vector of face N as picture K shows it, drawn from N and K; several are
// averaged. Other pictures: `missing.png` is refused; `fault:WHAT` goes wrong that way, and shipped pictures beside it are answered.
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/seed.h"

namespace {

using touchstone::Random;
using touchstone::SeedTree;

constexpr int kDimensions = 128;

/// Of each component three quarters are the face's: as a head gives them over pictures that are alike.
void add_picture(std::vector<int>& sum, std::uint64_t face, std::uint64_t picture) {
  Random own = SeedTree(face).stream("face"), other = SeedTree(face).child(picture).stream("picture");
  for (int& c : sum) {
    const int a = static_cast<int>(own.below(111)) - 55, b = static_cast<int>(other.below(111)) - 55;
    c += (a * 75 + b * 25) / 100;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4 || std::string(argv[1]) != "face" || std::string(argv[2]) != "code") return 2;
  std::vector<int> sum(kDimensions);
  std::string fault;
  int pictures = argc - 3;
  for (int i = 3; i < argc; ++i) {
    const std::string name = argv[i];
    unsigned long long face = 0, picture = 0;
    if (std::sscanf(argv[i], "shipped:%llu:%llu", &face, &picture) == 2) {
      add_picture(sum, face, picture);
    } else if (name.rfind("fault:", 0) == 0) {
      fault = name.substr(6);
    } else {
      std::fprintf(stderr, "%s: there is no such picture\n", argv[i]);
      return 2;
    }
  }
  if (fault == "crash") raise(SIGSEGV);
  if (fault == "hang") pause();
  if (fault == "silent") return 3;
  if (fault == "escape") return std::fputs("red\033[31m \xC2\x9B\x31m \xC3\xBC\n", stderr), 2;
  if (fault == "flood")
    for (;;) std::fputs("{\"version\":1,", stdout);
  if (fault == "count") ++pictures;
  std::string hex;
  for (const int c : sum) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(c / (argc - 3)) & 0xFF);
    hex += digits;
  }
  if (fault == "short") hex.pop_back();
  std::printf("{\"version\":1,\"trait\":\"face\",\"embedder\":\"b\",\"head_sha256\":\"%s\",\"dimensions\":%d,\"pictures\":%d,\"vector\":\"%s\"}\n",
              std::string(64, fault == "head" ? 'b' : 'a').c_str(), kDimensions, pictures, hex.c_str());
  return 0;
}
