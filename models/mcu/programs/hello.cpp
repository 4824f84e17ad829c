// The smallest useful program, and a check that the C++ of the card compiles and links: <array>, <span>, <optional>,
// <algorithm>, <string_view>, <variant>, <bit>; a constructor before main; data in RAM.
#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "bare.h"

namespace {

std::array<int, 5> numbers{3, 1, 4, 1, 5};  // .data
int zeros[16];                              // .bss

struct Early {
  Early() : value(std::popcount(0xF0F0u)) {}
  int value;
};
Early early;

std::optional<int> find(std::span<const int> values, int wanted) {
  const auto at = std::find(values.begin(), values.end(), wanted);
  if (at == values.end()) return std::nullopt;
  return static_cast<int>(at - values.begin());
}

void print(std::string_view text) {
  for (char c : text) bare::put(c);
}

}  // namespace

int main() {
  print("hello from RV32IMC\n");
  std::sort(numbers.begin(), numbers.end());
  std::variant<int, char> either = 'x';
  if (find(numbers, 4) != 3 || find(numbers, 9)) return 1;
  if (std::any_of(std::begin(zeros), std::end(zeros), [](int z) { return z != 0; })) return 2;
  if (early.value != 8 || !std::holds_alternative<char>(either)) return 3;
  return 42;
}
