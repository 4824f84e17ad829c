// Prints a hash of what the host's mathematical library answers: the control of the tests that take instructions away from
// it. Where this differs, a run that used the library would differ too.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>

int main() {
  std::uint64_t hash = 14695981039346656037ULL;
  const auto add = [&](double value) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    hash = (hash ^ bits) * 1099511628211ULL;
  };
  for (int i = 1; i <= 200'000; ++i) {
    const double x = i * 0.000137;
    add(std::sin(x));
    add(std::exp(x));
    add(std::pow(x, 1.1));
  }
  std::printf("%016llx\n", static_cast<unsigned long long>(hash));
}
