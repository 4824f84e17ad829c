// Codes of the biometric secret. BCH words hold t errors: the slowest case.
#include <benchmark/benchmark.h>

#include <vector>

#include "base/seed.h"
#include "codes/bch.h"
#include "codes/code_offset.h"
#include "codes/polar.h"
#include "codes/rotation.h"

namespace {

using namespace touchstone;
using namespace touchstone::codes;

void Codes_DecodeBch(benchmark::State& state) {
  const int n = static_cast<int>(state.range(0)), k = static_cast<int>(state.range(1));
  const BchCode code = *BchCode::find(n, k);
  Random random(1);
  std::vector<std::vector<std::uint32_t>> received;
  for (int i = 0; i < 64; ++i) {
    std::vector<std::uint32_t> message(at(words_for(k))), word(at(words_for(n)));
    for (int b = 0; b < k; ++b) set(message, b, random.below(2) == 1);
    code.encode(message, word);
    const std::vector<std::uint32_t> sent = word;
    for (int errors = 0; errors < code.correctable();) {
      const int place = static_cast<int>(random.below(at(n)));
      if (bit(word, place) != bit(sent, place)) continue;
      flip(word, place);
      ++errors;
    }
    received.push_back(word);
  }
  std::size_t next = 0;
  for (auto _ : state) {
    std::vector<std::uint32_t> word = received[next++ % received.size()];
    if (!code.decode(word)) state.SkipWithError("a word with t errors was not decoded");
    benchmark::DoNotOptimize(word.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(Codes_DecodeBch)->Args({255, 47})->Args({511, 31})->Args({511, 130})->Args({1023, 46});

void Codes_DecodePolar(benchmark::State& state) {
  const int log2 = static_cast<int>(state.range(0)), list_size = static_cast<int>(state.range(2));
  const PolarCode code(log2, static_cast<int>(state.range(1)));
  std::vector<std::uint32_t> work(PolarListDecoder::work_bytes(log2, list_size) / 4);
  PolarListDecoder decoder(code, list_size, MutableBytes(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 4));
  Random random(2);
  std::vector<std::int16_t> llr(at(code.length()));
  for (auto& v : llr) v = static_cast<std::int16_t>(random.normal() * PolarListDecoder::max_llr(log2) / 3);
  for (auto _ : state) benchmark::DoNotOptimize(decoder.decode(llr));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(Codes_DecodePolar)->Args({8, 20, 8})->Args({9, 24, 8})->Args({9, 24, 32})->Args({10, 40, 8})->Args({10, 40, 32});

void Codes_Rotate(benchmark::State& state) {
  const int log2 = static_cast<int>(state.range(0));
  const Rotation rotation({1, 2, 3}, log2);
  std::vector<std::int32_t> values(std::size_t{1} << log2, 1000);
  for (auto _ : state) {
    rotation.apply(values);
    benchmark::DoNotOptimize(values.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(Codes_Rotate)->Arg(8)->Arg(9)->Arg(10);

// A stranger's vector against a record: what an offline guess costs.
void Codes_GuessOffline(benchmark::State& state) {
  Random random(3);
  std::vector<std::int8_t> enrolled(512), probe(512);
  for (std::size_t i = 0; i < enrolled.size(); ++i) {
    enrolled[i] = static_cast<std::int8_t>(20 * random.normal());
    probe[i] = static_cast<std::int8_t>(20 * random.normal());
  }
  const CodeChoice code = CodeChoice::parse("polar-512-24").value();
  std::vector<std::uint32_t> work(regenerate_work_bytes(code, 512, 1, 8) / 4);
  const MutableBytes area(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 4);
  const Vector finger = enrolled, guess = probe;
  HelperData helper;
  Secret<32> root;
  if (!enrol({&finger, 1}, {code}, ByteArray<32>{9}, area, helper, root)) state.SkipWithError("enrolment");
  for (auto _ : state) benchmark::DoNotOptimize(regenerate({&guess, 1}, helper, {}, area, root).ok());
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(Codes_GuessOffline);

}  // namespace
