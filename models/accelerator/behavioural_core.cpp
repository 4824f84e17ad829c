#include "accelerator/behavioural_core.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"
#include "contract/register_tables.h"
#include "crypto/point.h"
#include "secp_listing.h"

namespace touchstone::models {

namespace secp = contract::secp;
using crypto::Point;
using crypto::Scalar;
using secp::Op;

namespace {

/// What START looks at, by operation: slots A and B, whether their scalars may be 0, the points P and Q.
struct Inputs {
  bool a = false, b = false, nonzero = false, p = false, q = false;
};
constexpr Inputs inputs_of(Op op) {
  switch (op) {
    case Op::kMul: return {.a = true, .p = true};
    case Op::kMulBase: return {.a = true};
    case Op::kAdd: return {.p = true, .q = true};
    case Op::kMulAdd: return {.a = true, .b = true, .p = true, .q = true};
    case Op::kCheck: return {.p = true};
    case Op::kAddN:
    case Op::kMulN: return {.a = true, .b = true};
    case Op::kInvN: return {.a = true, .nonzero = true};
    case Op::kSignN: return {.a = true, .b = true, .nonzero = true};
    case Op::kLiftX: break;  // x alone: found out while it is lifted
  }
  return {};
}

const rtl::listing::Timing& timing_of(Op op) {
  constexpr const rtl::listing::RomInfo& kCardsRom = *rtl::listing::find_rom(64, 1);
  return kCardsRom.timing[static_cast<std::size_t>(op)];
}

/// Word `word` of a number, the least significant first.
std::uint8_t* word_of(MutableBytes number, std::uint32_t word) { return number.data() + 28 - 4 * word; }

}  // namespace

void BehaviouralCore::write32(std::uint32_t offset_bytes, std::uint32_t value) {
  const std::uint32_t operand = (offset_bytes - secp::kPx) / 4, secret = (offset_bytes - secp::kK) / 4;
  if (secret < 32) {
    Secret<32>& written = state_.slots[secret / 8];
    if (state_.filling != secret / 8) written.wipe_now();  // no old word stays beside a new one
    state_.filling = secret / 8;
    return store_be32(word_of(written.expose(), secret % 8), value);
  }
  if (operand < 32) return store_be32(word_of(state_.operands[operand / 8], operand % 8), value);
  switch (offset_bytes) {
    case secp::kOp: state_.op = value & secp::kOpMask; break;
    case secp::kSlots:
      state_.slots_register =
          value & (secp::kSlotsAMask | secp::kSlotsBMask | secp::kSlotsDMask | secp::kSlotsKeepMask);
      break;
    case secp::kIntrState: state_.intr_state &= ~value; break;
    case secp::kIntrEnable: state_.intr_enable = value & 1; break;
    default: break;
  }
}

std::uint32_t BehaviouralCore::read32(std::uint32_t offset_bytes) {
  if (const std::uint32_t word = (offset_bytes - secp::kRx) / 4; word < 16)
    return load_be32(word_of(state_.result[word / 8], word % 8));
  switch (offset_bytes) {
    case secp::kOp: return state_.op;
    case secp::kStatus: return state_.status;
    case secp::kIntrState: return state_.intr_state;
    case secp::kIntrEnable: return state_.intr_enable;
    case secp::kCycles: return state_.cycles;
    case secp::kSlots: return state_.slots_register;
    default: return 0;
  }
}

std::optional<std::uint64_t> BehaviouralCore::execute(std::uint64_t max_cycles) {
  TS_CHECK(state_.op < std::size(contract::kSecpOpNames), "OP names an operation");
  const auto op = static_cast<Op>(state_.op);
  const Inputs in = inputs_of(op);
  const rtl::listing::Timing& timing = timing_of(op);
  state_.result = {};
  state_.status = 0;
  state_.filling.reset();
  if ((in.a && is_bad(Slot::kA, in.nonzero)) || (in.b && is_bad(Slot::kB, in.nonzero)))
    state_.status |= secp::kStatusBadScalarMask;
  if ((in.p && !is_on_curve(point(0))) || (in.q && !is_on_curve(point(2))))
    state_.status |= secp::kStatusNotOnCurveMask;

  // Every START seeds the masks; what has no secret input does not wait for it.
  std::uint64_t cycles = timing.after_seed;
  const Seed seed = this->seed(timing.until_seed == 0 ? cycles : max_cycles);
  const bool faulty = timing.until_seed != 0 && seed.fault;
  if (timing.until_seed != 0)
    cycles = std::max<std::uint64_t>(timing.until_seed, seed.ready_cycle) +
             (faulty ? timing.after_fault : timing.after_seed);
  std::optional<Scalar> secret_result;
  if (faulty) state_.status |= secp::kStatusRandomFaultMask;
  else secret_result = compute(op);
  if (in.a) wipe_after_use(Slot::kA);
  if (in.b || op == Op::kInvN) wipe_after_use(Slot::kB);
  if (secret_result) secret_result->write_bytes(slot(Slot::kD).expose());
  state_.status |= secp::kStatusDoneMask;
  state_.intr_state = 1;
  state_.cycles = static_cast<std::uint32_t>(cycles);
  return cycles <= max_cycles ? std::optional(cycles) : std::nullopt;
}

// As secp_random.sv: five words, one a cycle if the source has them; a word that repeats the one before, or silence, is
// a fault.
BehaviouralCore::Seed BehaviouralCore::seed(std::uint64_t max_cycles) {
  constexpr int kWords = 5, kPatience_cycles = 1023, kWarmUp_cycles = 18 + 4;
  int words = 0, patience_cycles = kPatience_cycles;
  bool fault = false;
  for (std::uint64_t cycle = 1; cycle <= max_cycles; ++cycle) {
    const std::optional<std::uint32_t> word = entropy_ ? entropy_() : std::nullopt;
    if (word) {
      fault |= word == state_.last_word;
      state_.last_word = word;
      ++words;
    }
    if (words == kWords || (!word && patience_cycles == 0)) return {cycle + kWarmUp_cycles + 1, fault || !word};
    patience_cycles = word ? kPatience_cycles : patience_cycles - 1;
  }
  return {max_cycles, true};
}

std::optional<Scalar> BehaviouralCore::compute(Op op) {
  const Point p = point(0), q = point(2);
  switch (op) {
    case Op::kMul:
      if (!failed()) give(curve_.multiply(scalar(Slot::kA), p));
      break;
    case Op::kMulBase:
      if (!failed()) give(curve_.multiply_base(scalar(Slot::kA)));
      break;
    case Op::kAdd:
      if (!failed()) give(curve_.add(p, q));
      break;
    case Op::kLiftX: give(curve_.lift_x(p.x)); break;
    case Op::kMulAdd:
      if (!failed())
        give(curve_.add(curve_.multiply(scalar(Slot::kA), p).value(), curve_.multiply(scalar(Slot::kB), q).value()));
      break;
    case Op::kCheck: break;
    case Op::kAddN: return failed() ? Scalar() : scalar(Slot::kA) + scalar(Slot::kB);
    case Op::kMulN: return failed() ? Scalar() : scalar(Slot::kA) * scalar(Slot::kB);
    case Op::kInvN: return failed() ? Scalar() : scalar(Slot::kA).inverse();
    case Op::kSignN:
      if (!failed())
        state_.result[0] = (scalar(Slot::kA) + Scalar::from_bytes_reduce(p.x) * scalar(Slot::kB)).to_bytes();
      break;
  }
  return std::nullopt;
}

void BehaviouralCore::give(const Result<Point>& result) {
  if (!result) state_.status |= secp::kStatusNotOnCurveMask;
  else if (result->infinity) state_.status |= secp::kStatusInfinityMask;
  else state_.result = {result->x, result->y};
}

void BehaviouralCore::wipe_after_use(Slot which) {
  if ((state_.slots_register & secp::kSlotsKeepMask) == 0 || failed()) slot(which).wipe_now();
}

Secret<32>& BehaviouralCore::slot(Slot which) {
  const std::uint32_t shift = which == Slot::kA   ? secp::kSlotsAShift
                              : which == Slot::kB ? secp::kSlotsBShift
                                                  : secp::kSlotsDShift;
  return state_.slots[state_.slots_register >> shift & 3];
}

bool BehaviouralCore::is_bad(Slot which, bool nonzero) {
  const auto scalar = Scalar::from_bytes(slot(which).expose());
  return !scalar || (nonzero && scalar->is_zero());
}

bool BehaviouralCore::is_on_curve(const Point& p) {
  const auto even = curve_.lift_x(p.x);
  return even && (even->y == p.y || crypto::negate(*even).y == p.y);
}

bool BehaviouralCore::failed() const {
  constexpr std::uint32_t kErrors =
      secp::kStatusNotOnCurveMask | secp::kStatusBadScalarMask | secp::kStatusRandomFaultMask;
  return (state_.status & kErrors) != 0;
}

}  // namespace touchstone::models
