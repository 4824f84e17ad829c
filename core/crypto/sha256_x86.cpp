// Empty on the card.
#include "crypto/sha256_x86.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

namespace touchstone::crypto::sha256_detail {
namespace {

// Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2A, CPUID: leaf 1 ECX bits 9 and 19 (SSSE3,
// SSE4.1), leaf 7 EBX bit 29 (SHA).
bool has_sha_instructions() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c >> 9 & 1) == 0 || (c >> 19 & 1) == 0) return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b >> 29 & 1) != 0;
}

__m128i* wide(std::uint32_t* p) { return reinterpret_cast<__m128i*>(p); }
template <typename T>
const __m128i* wide(const T* p) {
  return reinterpret_cast<const __m128i*>(p);
}

}  // namespace

const bool kHasShaInstructions = has_sha_instructions();

// The instructions want the eight variables as (a b e f) and (c d g h), highest first. A vector w[i] is four words of
// the message schedule; each step makes four rounds and, in the place of the words it used, those sixteen later.
__attribute__((target("sha,ssse3,sse4.1"))) void compress_x86(State& state, const std::uint8_t* block) {
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  const __m128i dcba = _mm_loadu_si128(wide(&state[0])), hgfe = _mm_loadu_si128(wide(&state[4]));
  const __m128i cdab = _mm_shuffle_epi32(dcba, 0xb1), efgh = _mm_shuffle_epi32(hgfe, 0x1b);
  __m128i abef = _mm_alignr_epi8(cdab, efgh, 8), cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
  const __m128i abef_before = abef, cdgh_before = cdgh;
  __m128i w[4];
  for (int i = 0; i < 4; ++i) w[i] = _mm_shuffle_epi8(_mm_loadu_si128(wide(block + 16 * i)), big_endian);
#pragma GCC unroll 16
  for (int i = 0; i < 16; ++i) {
    __m128i& now = w[i % 4];
    const __m128i sum = _mm_add_epi32(now, _mm_loadu_si128(wide(&kRoundConstants[static_cast<std::size_t>(4 * i)])));
    cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
    abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
    if (i < 12) {
      const __m128i last = w[(i + 3) % 4];
      const __m128i seven_back = _mm_alignr_epi8(last, w[(i + 2) % 4], 4);
      now = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(now, w[(i + 1) % 4]), seven_back), last);
    }
  }
  abef = _mm_add_epi32(abef, abef_before);
  cdgh = _mm_add_epi32(cdgh, cdgh_before);
  const __m128i feba = _mm_shuffle_epi32(abef, 0x1b), dchg = _mm_shuffle_epi32(cdgh, 0xb1);
  _mm_storeu_si128(wide(&state[0]), _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128(wide(&state[4]), _mm_alignr_epi8(dchg, feba, 8));
}

}  // namespace touchstone::crypto::sha256_detail
#endif
