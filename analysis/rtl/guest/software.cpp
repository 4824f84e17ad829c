// Scalar multiplication in software on the card's processor: libsecp256k1. For `touchstone rtl bench` alone.
#include <secp256k1.h>
#include <secp256k1_ecdh.h>
#include <secp256k1_preallocated.h>

#include <algorithm>

#include "guest/measure.h"
#include "guest/operands.h"

namespace {

using namespace touchstone;
using namespace touchstone::rtl_tools;

firmware::RiscvHal hal;
Measure measure(hal);
alignas(16) unsigned char context_memory[1024];

int copy_point(unsigned char* out64, const unsigned char* x32, const unsigned char* y32, void*) {
  std::copy_n(x32, 32, out64);
  std::copy_n(y32, 32, out64 + 32);
  return 1;
}

void report(const unsigned char* point64) {
  for (int coordinate = 0; coordinate < 2; ++coordinate) {
    ByteArray<32> bytes;
    std::copy_n(point64 + 32 * coordinate, 32, bytes.begin());
    measure.number(bytes);
  }
  measure.end_line();
}

}  // namespace

extern "C" void secp256k1_default_illegal_callback_fn(const char* text, void*) { measure.fail(text); }
extern "C" void secp256k1_default_error_callback_fn(const char* text, void*) { measure.fail(text); }
int main() {
  if (secp256k1_context_preallocated_size(SECP256K1_CONTEXT_SIGN) > sizeof context_memory) return 2;
  const secp256k1_context* context = secp256k1_context_preallocated_create(context_memory, SECP256K1_CONTEXT_SIGN);
  secp256k1_pubkey base, product;
  bool good = secp256k1_ec_pubkey_create(context, &base, kBaseScalar.data()) != 0;
  for (const ByteArray<32>& k : kScalars) {
    unsigned char point[65];
    measure("k_p", [&] { good &= secp256k1_ecdh(context, point, &base, k.data(), copy_point, nullptr) != 0; });
    report(point);
    measure("k_g", [&] { good &= secp256k1_ec_pubkey_create(context, &product, k.data()) != 0; });
    std::size_t size = sizeof point;
    good &= secp256k1_ec_pubkey_serialize(context, point, &size, &product, SECP256K1_EC_UNCOMPRESSED) != 0;
    report(point + 1);
  }
  return good ? 0 : 3;
}
