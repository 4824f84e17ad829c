#include "codes/bch.h"

#include <algorithm>

#include "base/check.h"

namespace touchstone::codes {
namespace bch {
namespace {

// Logarithms of the syndromes S_1 .. S_2t, S_j = word(alpha^j). True if all are 0.
bool find_syndromes(const FieldTables& field, int t, Words word, DecoderState& state) {
  const int n = field.order;
  auto& logs = state.syndrome_logs;
  std::uint32_t any = 0;
  for (int j = 1; j <= 2 * t; ++j) {
    // S_2i = S_i^2: known from the first member of its coset on.
    int i = j;
    int doublings = field.m;  // from i to j
    do {
      i = field.twice(i);
      --doublings;
    } while (i > j);
    if (i < j) {
      const int log = logs[at(i)];
      logs[at(j)] = static_cast<std::uint16_t>(log >= 2 * n ? log : field.times_power_of_two(log, doublings));
      continue;
    }
    // Four bits at a time: log of their own sum, moved to their place.
    std::array<std::uint16_t, 16> nibble_logs{};
    std::array<std::uint16_t, 16> nibbles{};
    int step = 0;
    for (int s = 0; s < 4; ++s) {
      const std::uint16_t power = field.power[step];
      for (int v = 0; v < 1 << s; ++v) nibbles[at(v | 1 << s)] = static_cast<std::uint16_t>(nibbles[at(v)] ^ power);
      step += j;
      step -= step >= n ? n : 0;
    }
    for (std::size_t v = 0; v < nibbles.size(); ++v) nibble_logs[v] = field.log[nibbles[v]];
    int place = 0;
    std::uint32_t sum = 0;
    for (std::uint32_t limb : word) {
      for (int q = 0; q < 8; ++q, limb >>= 4) {
        sum ^= field.power[nibble_logs[limb & 15] + place];
        place += step;
        place -= place >= n ? n : 0;
      }
    }
    any |= sum;
    logs[at(j)] = field.log[sum];
  }
  return any == 0;
}

// The shortest recurrence for the syndromes, the polynomial whose roots are the inverse error places; returns its length. For binary
// codes the discrepancy of every second step is 0.
int find_locator(const FieldTables& field, int t, DecoderState& state) {
  auto& locator = state.locator;
  auto& previous_logs = state.previous_logs;
  auto& before = state.before;
  const auto zero = static_cast<std::uint16_t>(2 * field.order);
  const std::uint16_t* const power = field.power;
  const std::uint16_t* const log = field.log;
  const int size = t + 2;
  for (int i = 0; i < size; ++i) {
    locator[at(i)] = i == 0 ? 1 : 0;
    previous_logs[at(i)] = i == 0 ? 0 : zero;
  }
  int length = 0;
  int shift = 1;
  int reach = 0;  // degree of the previous polynomial at most
  std::uint16_t previous_discrepancy = 1;
  for (int r = 1; r < 2 * t; r += 2, shift += 2) {
    std::uint32_t sum = 0;
    const std::uint16_t* syndrome_log = &state.syndrome_logs[at(r)];
    for (const std::uint16_t coefficient : std::span(locator).first(at(length + 1))) {
      sum ^= power[log[coefficient] + *syndrome_log--];
    }
    if (sum == 0) continue;
    const auto discrepancy = static_cast<std::uint16_t>(sum);
    const bool longer = 2 * length < r;
    if (longer) {
      for (int i = 0; i <= length; ++i) before[at(i)] = field.log[locator[at(i)]];
    }
    const int ratio_log = field.log[field.divide(discrepancy, previous_discrepancy)];
    std::uint16_t* target = &locator[at(std::min(shift, size))];
    const std::uint16_t* scaled = power + ratio_log;
    for (const std::uint16_t previous_log : std::span(previous_logs).first(at(std::clamp(size - shift, 0, reach + 1)))) {
      *target = static_cast<std::uint16_t>(*target ^ scaled[previous_log]);
      ++target;
    }
    if (!longer) continue;
    for (int i = 0; i <= length; ++i) previous_logs[at(i)] = before[at(i)];
    reach = length;
    length = r - length;
    if (length > t) return length;
    previous_discrepancy = discrepancy;
    shift = 0;
  }
  return length;
}

// Flips the places whose inverses are roots of the locator; true if there are as many as its length. The terms whose powers lie in one
// coset { c, 2c, 4c, ... } are a linear map of x^c over GF(2): one table for all places (Fedorenko and Trifonov, IEEE Trans.
// Commun. 50:11, 2002).
bool flip_roots(const FieldTables& field, int length, DecoderState& state, MutableWords word) {
  const int n = field.order;
  for (int i = 0; i <= n; ++i) state.values[at(i)] = state.locator[0];
  for (int leader = 1; leader <= length; leader += 2) {
    if (!field.leads_coset(leader)) continue;
    // Logarithms of the coset's terms; what has none, or is 0, stays 0 in the sums.
    std::array<int, 10> logs{};
    int exponent = leader;
    for (int c = 0; c < field.m; ++c) {
      logs[at(c)] = field.log[exponent <= length ? state.locator[at(exponent)] : 0];
      exponent = field.twice(exponent);
    }
    const int terms = field.coset_size(leader);
    state.map[0] = 0;
    for (int s = 0; s < field.m; ++s) {  // the image of alpha^s
      std::uint32_t sum = 0;
      int power = s;
      for (int c = 0; c < terms; ++c) {
        sum ^= field.power[logs[at(c)] + power];
        power = field.twice(power);
      }
      std::uint16_t* upper = &state.map[at(1 << s)];
      for (int v = 0; v < 1 << s; ++v) upper[v] = static_cast<std::uint16_t>(state.map[at(v)] ^ sum);
    }
    // At alpha^-i, four places at a time: the first one's power, and from there on the table goes round once more.
    std::array<const std::uint16_t*, 4> powers{};
    int step = 0;
    for (const std::uint16_t*& lane : powers) {
      lane = field.power + step;
      step += n - leader;
      step -= step >= n ? n : 0;
    }
    int first = 0;
    for (int i = 0; i < n; i += 4) {
      std::uint16_t* values = &state.values[at(i)];
      for (std::size_t lane = 0; lane < powers.size(); ++lane) {
        values[lane] = static_cast<std::uint16_t>(values[lane] ^ state.map[powers[lane][first]]);
      }
      first += step;
      first -= first >= n ? n : 0;
    }
  }
  int found = 0;
  for (int i = 0; i < n; ++i) found += state.values[at(i)] == 0 ? 1 : 0;
  if (found != length) return false;
  for (int i = 0; i < n; ++i) {
    if (state.values[at(i)] == 0) flip(word, i);
  }
  return true;
}

}  // namespace

bool decode(const FieldTables& field, int t, MutableWords word) {
  TS_CHECK(t >= 1 && t <= DecoderState::kMaxT && word.size() == at(words_for(field.order)), "sizes of a BCH decoding");
  DecoderState state;
  if (find_syndromes(field, t, word, state)) return true;
  const int length = find_locator(field, t, state);
  if (length > t) return false;
  return flip_roots(field, length, state, word);
}

}  // namespace bch

namespace {

FieldTables field_of(int n) {
  switch (n) {
    case 127: return kField<7>.tables();
    case 255: return kField<8>.tables();
    case 511: return kField<9>.tables();
    default: return kField<10>.tables();
  }
}

}  // namespace

std::optional<BchCode> BchCode::find(int n, int k) {
  if (n != 127 && n != 255 && n != 511 && n != 1023) return std::nullopt;
  if (k < 1 || k > n) return std::nullopt;
  // Each odd power that leads its coset takes its coset's size off the message; t grows until the next leader.
  const FieldTables field = field_of(n);
  int left = n;
  int t = 0;
  for (int power = 1; power < n; power += 2) {
    const int size = field.leads_coset(power) ? field.coset_size(power) : 0;
    if (left - size < k) break;
    left -= size;
    t = (power + 1) / 2;
  }
  if (left != k || t < 1 || t > bch::DecoderState::kMaxT) return std::nullopt;
  return BchCode(n, k, t);
}

void BchCode::encode(Words message, MutableWords codeword) const {
  BitWord<1024> generator;
  const MutableWords coefficients = MutableWords(generator.limbs).first(at(words_for(n_ + 1)));
  const int degree = bch::make_generator(field_of(n_), t_, coefficients);
  TS_CHECK(degree == n_ - k_, "degree of a BCH generator");
  bch::encode(coefficients, n_, k_, message, codeword);
}

bool BchCode::decode(MutableWords word) const { return bch::decode(field_of(n_), t_, word); }

}  // namespace touchstone::codes
