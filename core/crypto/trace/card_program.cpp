// The program under trace: scalar arithmetic on the operands that the test puts at a fixed address.
#include "crypto/scalar.h"
#include "trace/operands.h"

namespace touchstone {
[[noreturn]] void check_failed(const char*, const char*, const char*, int) { __builtin_trap(); }
}  // namespace touchstone

namespace {

using touchstone::crypto::Scalar;
using touchstone::crypto::trace::Operands;

// What secret-dependent code looks like: the control that shows the test can see it.
bool leaky_equal(const std::uint8_t* a, const std::uint8_t* b) {
  for (int i = 0; i < 32; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

}  // namespace

extern "C" void trace_main() {
  auto& io = *reinterpret_cast<Operands*>(touchstone::crypto::trace::kOperandsAddress);
  if (io.leak != 0) {
    io.predicates = leaky_equal(io.a.data(), io.b.data());
    return;
  }
  const Scalar a = Scalar::from_bytes_reduce(io.a), b = Scalar::from_bytes_reduce(io.b);
  (a + b).write_bytes(io.sum);
  (a - b).write_bytes(io.difference);
  (a * b).write_bytes(io.product);
  Scalar::from_wide_reduce(io.wide).write_bytes(io.reduced);
  Scalar::select((io.a[31] & 1) != 0, a, b.negate_if((io.b[31] & 1) != 0)).write_bytes(io.selected);
  io.predicates = static_cast<std::uint8_t>(a.is_zero() | a.is_high() << 1 | equal_constant_time(a, b) << 2);
}
