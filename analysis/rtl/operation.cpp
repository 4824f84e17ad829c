#include "operation.h"

#include <algorithm>
#include <stdexcept>

#include "rtl/edge_scalars.h"

namespace touchstone::rtl_tools {

namespace {

namespace secp = contract::secp;
using secp::Op;

Number draw_scalar(Random& random) {
  static const std::vector<Number> edges = rtl::edge_scalars();
  switch (random.below(8)) {
    case 0:
    case 1:
      return edges[random.below(edges.size())];
    case 2:
      return edges[random.below(9)];  // about 0 and n, and all ones
    case 3:
    case 4: {  // sparse or dense
      Number out{};
      for (std::uint64_t bits = 1 + random.below(4); bits > 0; --bits)
        out[random.below(32)] |= static_cast<std::uint8_t>(1u << random.below(8));
      if (random.below(2) == 0)
        for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(~byte);
      return out;
    }
    default: {
      Number out;
      random.fill(out);
      return out;
    }
  }
}

Affine draw_point(Random& random, PointKind& kind) {
  constexpr std::uint64_t kKinds = std::size(kPointKinds);
  // Eight of ten are points, one of them near G.
  const std::uint64_t lot = random.below(10);
  kind = lot < 7    ? PointKind::kRandom
         : lot == 7 ? PointKind::kSmallMultiple
                    : static_cast<PointKind>(2 + random.below(kKinds - 2));
  Number coordinate;
  random.fill(coordinate);
  Number k{};
  k[31] = static_cast<std::uint8_t>(1 + random.below(16));
  switch (kind) {
    case PointKind::kSmallMultiple:
      return random.below(2) == 0 ? point(k) : negate(point(k));
    case PointKind::kXAbovePrime:
      return point_with_x_above_p(static_cast<unsigned>(random.below(8)));
    case PointKind::kYAbovePrime:
      return point_with_y_above_p(static_cast<unsigned>(random.below(8)));
    case PointKind::kTwist:
      return twist_point(coordinate);
    case PointKind::kBothZero:
      return {};
    case PointKind::kAllOnes: {
      Affine out = kGenerator;
      (random.below(2) == 0 ? out.x : out.y).fill(0xFF);
      return out;
    }
    case PointKind::kRandomCoordinates: {
      Affine out{coordinate, {}};
      random.fill(out.y);
      return out;
    }
    default:
      break;
  }
  Affine out = point(random_scalar(random));
  if (kind == PointKind::kSwapped) std::swap(out.x, out.y);
  if (kind == PointKind::kOffCurve)
    (random.below(2) == 0 ? out.x : out.y)[random.below(32)] ^= static_cast<std::uint8_t>(1u << random.below(8));
  if (kind == PointKind::kOneZero) (random.below(2) == 0 ? out.x : out.y) = {};
  return out;
}

std::string line(const char* name, const std::string& value) { return "  " + std::string(name) + " " + value + "\n"; }

}  // namespace

const OpInfo& info(Op op) {
  for (const OpInfo& i : kOps)
    if (i.op == op) return i;
  throw std::logic_error("no such operation");
}

std::string hex(const Number& number) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : number) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

rtl::SecpModel::Entropy Operation::entropy() const {
  if (source == Source::kSilent) return [] { return std::optional<std::uint32_t>(); };
  // A stuck source repeats one of the first words.
  const std::uint64_t fresh = source == Source::kFresh ? ~std::uint64_t{0} : entropy_seed % 4;
  return [fresh, taken = std::uint64_t{0}, word = std::uint32_t{0},
          random = Random(entropy_seed)]() mutable -> std::optional<std::uint32_t> {
    if (taken++ <= fresh) word = static_cast<std::uint32_t>(random.next_u64());
    return word;
  };
}

std::string Operation::describe() const {
  std::string out = line("operation", info(op).name);
  for (std::size_t i = 0; i < slots.size(); ++i) out += line(("slot" + std::to_string(i)).c_str(), hex(slots[i]));
  out += line("slots", "A " + std::to_string(a) + ", B " + std::to_string(b) + ", D " + std::to_string(d) +
                           (keep ? ", KEEP" : ""));
  out += line("P", hex(p.x) + "\n    " + hex(p.y) + " (" + kPointKinds[static_cast<int>(p_kind)] + ")");
  out += line("Q", hex(q.x) + "\n    " + hex(q.y) + " (" + kPointKinds[static_cast<int>(q_kind)] + ")");
  return out + line("random source",
                    std::string(kSources[static_cast<int>(source)]) + ", seed " + std::to_string(entropy_seed));
}

std::string Outcome::describe() const {
  std::string out = line("STATUS", std::to_string(status)) + line("RX", hex(result.x)) + line("RY", hex(result.y));
  for (std::size_t i = 0; i < slots.size(); ++i) out += line(("slot" + std::to_string(i)).c_str(), hex(slots[i]));
  return out;
}

Operation draw(std::uint64_t seed, std::uint64_t index) {
  Random random = SeedTree(seed).child(index).stream("rtl/check");
  Operation out;
  out.op = kOps[random.below(std::size(kOps))].op;
  for (Number& slot : out.slots) slot = draw_scalar(random);
  out.a = static_cast<std::uint32_t>(random.below(4));
  out.b = static_cast<std::uint32_t>(random.below(4));
  out.d = static_cast<std::uint32_t>(random.below(4));
  out.keep = random.below(2) == 0;
  out.p = draw_point(random, out.p_kind);
  out.q = draw_point(random, out.q_kind);
  // Sums that meet themselves or vanish.
  if (random.below(4) == 0) {
    out.q = random.below(2) == 0 || out.p_kind > PointKind::kSmallMultiple ? out.p : negate(out.p);
    out.q_kind = out.p_kind;
  }
  if (random.below(4) == 0)
    out.slots[out.b] = random.below(2) == 0 || out.scalar_a() >= kOrder ? out.scalar_a() : negate_n(out.scalar_a());
  if (out.op == Op::kSignN || (out.op == Op::kLiftX && random.below(2) == 0)) out.p.x = draw_scalar(random);
  if (random.below(50) == 0) out.source = random.below(2) == 0 ? Source::kStuck : Source::kSilent;
  out.entropy_seed = random.next_u64();
  return out;
}

Outcome expect(Reference& reference, const Operation& x, bool needs_random) {
  const OpInfo& op = info(x.op);
  const Number &k = x.scalar_a(), &l = x.scalar_b();
  Outcome out;
  out.slots = x.slots;

  const auto refused = [&](const Number& s) { return s >= kOrder || (op.nonzero && s == Number{}); };
  if ((op.scalars >= 1 && refused(k)) || (op.scalars == 2 && refused(l))) out.status |= secp::kStatusBadScalarMask;
  if ((op.points >= 1 && !reference.on_curve(x.p)) || (op.points == 2 && !reference.on_curve(x.q)))
    out.status |= secp::kStatusNotOnCurveMask;
  const bool random_fault = needs_random && op.masked && x.source != Source::kFresh;
  if (random_fault) out.status |= secp::kStatusRandomFaultMask;

  Number secret_result{};
  if (out.status == 0) {
    MaybePoint point;
    switch (x.op) {
      case Op::kMul:
        point = reference.multiply(k, x.p);
        break;
      case Op::kMulBase:
        point = reference.multiply(k, kGenerator);
        break;
      case Op::kAdd:
        point = reference.add(x.p, x.q);
        break;
      case Op::kMulAdd:
        point = reference.add(reference.multiply(k, x.p), reference.multiply(l, x.q));
        break;
      case Op::kLiftX:
        point = reference.lift_x(x.p.x);
        break;
      case Op::kAddN:
        secret_result = reference.add_n(k, l);
        break;
      case Op::kMulN:
        secret_result = reference.multiply_n(k, l);
        break;
      case Op::kInvN:
        secret_result = reference.invert_n(k);
        break;
      case Op::kSignN:
        out.result.x = reference.add_n(k, reference.multiply_n(reduce_n(x.p.x), l));
        break;
      case Op::kCheck:
        break;
    }
    if (point)
      out.result = *point;
    else if (op.gives_point)
      out.status = x.op == Op::kLiftX ? secp::kStatusNotOnCurveMask : secp::kStatusInfinityMask;
  }

  const bool failed = (out.status & ~secp::kStatusInfinityMask) != 0;
  if (!x.keep || failed) {
    if (op.scalars > 0) out.slots[x.a] = {};
    if (op.wipes_b) out.slots[x.b] = {};
  }
  if (op.writes_slot && !random_fault) out.slots[x.d] = secret_result;
  return out;
}

}  // namespace touchstone::rtl_tools
