#include "bio/hamming.h"

#include <bit>
#include <cstring>
#include <vector>

#include "base/check.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace touchstone::bio {
namespace {

using Way = void (*)(const Code512&, std::span<const Code512>, std::span<std::uint16_t>);

void portable(const Code512& code, std::span<const Code512> others, std::span<std::uint16_t> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    int sum = 0;
    for (std::size_t w = 0; w < code.size(); ++w) sum += std::popcount(code[w] ^ others[i][w]);
    out[i] = static_cast<std::uint16_t>(sum);
  }
}

#if defined(__x86_64__)
__attribute__((target("popcnt"))) void popcnt(const Code512& code, std::span<const Code512> others, std::span<std::uint16_t> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::uint64_t sum = 0;
    for (std::size_t w = 0; w < code.size(); ++w) sum += static_cast<std::uint64_t>(__builtin_popcountll(code[w] ^ others[i][w]));
    out[i] = static_cast<std::uint16_t>(sum);
  }
}

// Bits of every half byte by table look-up (Mula, Kurz and Lemire 2018).
__attribute__((target("avx2"))) void avx2(const Code512& code, std::span<const Code512> others, std::span<std::uint16_t> out) {
  const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  const __m256i low = _mm256_set1_epi8(15);
  const auto* own = reinterpret_cast<const __m256i*>(code.data());
  const __m256i a = _mm256_loadu_si256(own);
  const __m256i b = _mm256_loadu_si256(own + 1);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto* other = reinterpret_cast<const __m256i*>(others[i].data());
    const __m256i x = _mm256_xor_si256(a, _mm256_loadu_si256(other));
    const __m256i y = _mm256_xor_si256(b, _mm256_loadu_si256(other + 1));
    const __m256i bytes = _mm256_add_epi8(
        _mm256_add_epi8(_mm256_shuffle_epi8(table, _mm256_and_si256(x, low)), _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(x, 4), low))),
        _mm256_add_epi8(_mm256_shuffle_epi8(table, _mm256_and_si256(y, low)), _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(y, 4), low))));
    const __m256i sums = _mm256_sad_epu8(bytes, _mm256_setzero_si256());
    const __m128i half = _mm_add_epi64(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
    out[i] = static_cast<std::uint16_t>(_mm_cvtsi128_si64(half) + _mm_extract_epi64(half, 1));
  }
}

__attribute__((target("avx512f,avx512vpopcntdq"))) void avx512(const Code512& code, std::span<const Code512> others, std::span<std::uint16_t> out) {
  const __m512i own = _mm512_loadu_si512(code.data());
  // Eight codes a turn: their eight sums of eight words come out of one transposition by adding pairs.
  std::size_t i = 0;
  for (; i + 8 <= out.size(); i += 8) {
    __m512i c[8];
    for (std::size_t j = 0; j < 8; ++j) c[j] = _mm512_popcnt_epi64(_mm512_xor_si512(own, _mm512_loadu_si512(others[i + j].data())));
    __m512i d[4];
    for (int j = 0; j < 4; ++j) d[j] = _mm512_add_epi64(_mm512_unpacklo_epi64(c[2 * j], c[2 * j + 1]), _mm512_unpackhi_epi64(c[2 * j], c[2 * j + 1]));
    // d[j]: in each 128 bits, sums of two words of codes 2 j and 2 j + 1.
    __m512i e[2];
    for (int j = 0; j < 2; ++j) e[j] = _mm512_add_epi64(_mm512_shuffle_i64x2(d[2 * j], d[2 * j + 1], 0x88), _mm512_shuffle_i64x2(d[2 * j], d[2 * j + 1], 0xdd));
    const __m512i f = _mm512_add_epi64(_mm512_shuffle_i64x2(e[0], e[1], 0x88), _mm512_shuffle_i64x2(e[0], e[1], 0xdd));
    const __m128i words = _mm512_cvtepi64_epi16(f);
    std::memcpy(&out[i], &words, sizeof words);
  }
  for (; i < out.size(); ++i) out[i] = static_cast<std::uint16_t>(_mm512_reduce_add_epi64(_mm512_popcnt_epi64(_mm512_xor_si512(own, _mm512_loadu_si512(others[i].data())))));
}
#endif

struct Named {
  const char* name;
  Way way;
};
// The widest first.
const std::vector<Named>& ways() {
  static const std::vector<Named> all = [] {
    std::vector<Named> out;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vpopcntdq")) out.push_back({"avx512", avx512});
    if (__builtin_cpu_supports("avx2")) out.push_back({"avx2", avx2});
    if (__builtin_cpu_supports("popcnt")) out.push_back({"popcnt", popcnt});
#endif
    out.push_back({"portable", portable});
    return out;
  }();
  return all;
}

void run(Way way, const Code512& code, std::span<const Code512> others, std::span<std::uint16_t> out) {
  TS_CHECK(others.size() >= out.size(), "fewer codes than distances");
  way(code, others, out);
}

}  // namespace

void hamming_512(const Code512& code, std::span<const Code512> others, std::span<std::uint16_t> out) { run(ways().front().way, code, others, out); }

std::span<const char* const> hamming_ways() {
  static const std::vector<const char*> names = [] {
    std::vector<const char*> out;
    for (const Named& n : ways()) out.push_back(n.name);
    return out;
  }();
  return names;
}

void hamming_512(const char* way, const Code512& code, std::span<const Code512> others, std::span<std::uint16_t> out) {
  for (const Named& n : ways()) {
    if (std::strcmp(n.name, way) == 0) return run(n.way, code, others, out);
  }
  TS_CHECK(false, "no such way on this processor");
}

}  // namespace touchstone::bio
