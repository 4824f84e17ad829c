#include "schedule.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <utility>

namespace touchstone::rtl::microcode {
namespace {

constexpr int kTrials = 4000;

// Fixed pseudo-random steps (Knuth's MMIX generator): the ROM must be the same in every build.
std::uint32_t next_random(std::uint64_t& state) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return static_cast<std::uint32_t>(state >> 33);
}

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "secp-microcode: %s\n", what.c_str());
  std::exit(1);
}

}  // namespace

const char* name_of(Op op) {
  static constexpr const char* kNames[] = {"OpNop",    "OpMulP",   "OpMulShort", "OpMulN", "OpMulHigh", "OpAdd",  "OpSub",      "OpAddN",   "OpSubN",
                                           "OpEven",   "OpRandom", "OpRandom64", "OpSlot", "OpWindow",  "OpComb", "OpSelTop",   "OpResult", "OpSlotSet",
                                           "OpSlotWipe", "OpHalf", "OpPush", "OpChkRange", "OpChkEq",   "OpChkInf", "OpChkOut", "OpChkSlot"};
  return kNames[static_cast<int>(op)];
}

const char* name_of(Seq op) {
  static constexpr const char* kNames[] = {"SeqNext", "SeqSet", "SeqLoop", "SeqLoopW", "SeqLoopC", "SeqJump", "SeqCall", "SeqRet", "SeqSeed", "SeqEnd"};
  return kNames[static_cast<int>(op)];
}

int Block::Node::row(const Target& target) const {
  const int digits = 256 / target.digit_bits;
  switch (op) {
    case Op::kMulShort: return 1;
    case Op::kMulN: return 2 * digits;
    case Op::kMulHigh: return digits / 2;
    default: return digits;
  }
}

Value Block::op(Op op, Value a, Value b) {
  const auto is_constant = [](Value v) { return v.operand > kConst0 && v.operand < kCode; };
  if (is_constant(a)) {  // stands in operand b alone
    if (op != Op::kMulP && op != Op::kMulN && op != Op::kAdd && op != Op::kAddN) fail(label_ + ": a constant as first operand");
    std::swap(a, b);
    if (is_constant(a)) fail(label_ + ": two constants");
  }
  nodes_.push_back({op, a, b});
  return {-1, static_cast<int>(nodes_.size()) - 1};
}

void Block::act(Op which, Value a, Value b, int d) {
  op(which, a, b);
  nodes_.back().field = d;
}

Value Block::precharged(Value value) {
  const Value random_bits = random();
  nodes_[value.node].over = random_bits.node;
  return value;
}

void Block::keep(Value value, int address) {
  if (value.node < 0 || nodes_[value.node].home >= 0) fail(label_ + ": only a result can be kept, and once");
  nodes_[value.node].home = address;
  if (const int over = nodes_[value.node].over; over >= 0) nodes_[over].home = address;
}

void Block::end(Seq seq, std::string target, int count) {
  seq_ = seq;
  target_ = std::move(target);
  count_ = count;
}

// after[n]: which nodes must be issued how many cycles after n. A distance may be negative: a register may be overwritten as
// soon as its last reader was issued, and a write takes its latency.
std::vector<std::vector<Block::Edge>> Block::dependencies(const Target& target) const {
  const int count = static_cast<int>(nodes_.size());
  std::vector<std::vector<Edge>> after(nodes_.size());
  int last_random = -1, last_act = -1;
  for (int n = 0; n < count; ++n) {
    for (const Value& v : {nodes_[n].a, nodes_[n].b}) {
      if (v.node >= 0) {
        after[v.node].push_back({n, nodes_[v.node].latency(target)});
        continue;
      }
      for (int w = 0; w < count; ++w)
        if (nodes_[w].home == v.operand && w != n) after[n].push_back({w, 1 - nodes_[w].latency(target)});
    }
    if (nodes_[n].over >= 0) after[nodes_[n].over].push_back({n, 2 - nodes_[n].latency(target)});
    if (nodes_[n].is_random()) {
      if (last_random >= 0) after[last_random].push_back({n, kRandomCycles});
      last_random = n;
    }
    if (nodes_[n].is_act()) {
      if (last_act >= 0) after[last_act].push_back({n, 1});
      last_act = n;
    }
  }
  return after;
}

std::vector<int> Block::list_schedule(const Target& target, const std::vector<std::vector<Edge>>& after, const std::vector<int>& priority,
                                      std::vector<int> earliest) const {
  const int count = static_cast<int>(nodes_.size());
  std::vector<int> issue(count, -1), waits_for(count, 0);
  std::vector<bool> mul_writes;  // by cycle; there is one write port
  const auto writes_at = [&](int cycle) { return cycle < static_cast<int>(mul_writes.size()) && mul_writes[cycle]; };
  for (const auto& edges : after)
    for (const Edge& e : edges) ++waits_for[e.to];
  int done = 0;
  int row_free_at = 0;
  for (int cycle = 0; done < count; ++cycle) {
    int best = -1;
    for (int n = 0; n < count; ++n) {
      const bool free = nodes_[n].is_mul() ? cycle >= row_free_at && !writes_at(cycle + nodes_[n].latency(target) - 1)
                                           : !nodes_[n].writes_at_once() || !writes_at(cycle);
      if (issue[n] < 0 && waits_for[n] == 0 && earliest[n] <= cycle && free && (best < 0 || priority[n] > priority[best])) best = n;
    }
    if (best >= 0) {
      issue[best] = cycle;
      ++done;
      if (nodes_[best].is_mul()) {
        row_free_at = cycle + nodes_[best].row(target);
        const int write = cycle + nodes_[best].latency(target) - 1;
        if (write >= static_cast<int>(mul_writes.size())) mul_writes.resize(write + 1, false);
        mul_writes[write] = true;
      }
      for (const Edge& e : after[best]) {
        earliest[e.to] = std::max(earliest[e.to], cycle + e.distance);
        --waits_for[e.to];
      }
    }
    if (cycle > 100 * count + 100) fail(label_ + ": no schedule");
  }
  return issue;
}

int Block::length_of(const Target& target, const std::vector<int>& issue) const {
  int length = 1;
  for (std::size_t n = 0; n < nodes_.size(); ++n) length = std::max(length, issue[n] + nodes_[n].latency(target));
  return length;
}

// Gives every temporary a register from the cycle of its write to its last read.
bool Block::allocate(const Target& target, const std::vector<int>& issue, std::vector<int>& home) const {
  const int count = static_cast<int>(nodes_.size());
  std::vector<int> last_read(count, -1), order(count), free_from(kRegisters, -1);
  for (int n = 0; n < count; ++n)
    for (const Value& v : {nodes_[n].a, nodes_[n].b})
      if (v.node >= 0) last_read[v.node] = std::max(last_read[v.node], issue[n]);
  auto written = [&](int n) { return issue[n] + nodes_[n].latency(target) - 1; };
  for (int n = 0; n < count; ++n)
    if (nodes_[n].over >= 0) last_read[nodes_[n].over] = written(n) + 1;
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return written(a) < written(b); });
  home.assign(count, -1);
  for (int n : order) {
    home[n] = nodes_[n].over >= 0 ? home[nodes_[n].over] : nodes_[n].home;
    if (nodes_[n].over >= 0) free_from[home[n]] = std::max(last_read[n], written(n) + 1);
    if (home[n] >= 0 || nodes_[n].is_act()) continue;
    for (const int r : temporaries_) {
      if (free_from[r] > written(n)) continue;
      home[n] = r;
      break;
    }
    if (home[n] < 0) return false;
    // A result nobody reads still takes its register in the cycle of the write.
    free_from[home[n]] = std::max(last_read[n], written(n) + 1);
  }
  return true;
}

std::vector<Word> Block::schedule(const Target& target) const {
  const int count = static_cast<int>(nodes_.size());
  const auto after = dependencies(target);
  std::vector<int> height(count, 0);
  for (int pass = 0; pass < count; ++pass)
    for (int n = 0; n < count; ++n) {
      int h = nodes_[n].latency(target);
      for (const Edge& e : after[n]) h = std::max(h, e.distance + height[e.to]);
      height[n] = h;
    }

  // What needs nothing could start at once and would hold a register until it is used: it starts not long before that.
  int rows = 0, highest = 1;
  for (int n = 0; n < count; ++n) {
    if (nodes_[n].is_mul()) rows += nodes_[n].row(target);
    highest = std::max(highest, height[n]);
  }
  const auto not_before = [&](int slack) {
    std::vector<int> earliest(count, 0);
    for (int n = 0; n < count; ++n)
      if (nodes_[n].is_random() || nodes_[n].op == Op::kWindow || nodes_[n].op == Op::kComb)
        earliest[n] = std::max(0, std::max(rows, highest) * (highest - height[n]) / highest - slack);
    return earliest;
  };

  std::vector<int> best_issue, best_home;
  int best_length = 0;
  std::uint64_t random = 1;
  for (int trial = 0; trial < (count > 8 ? kTrials : 1); ++trial) {
    std::vector<int> priority(count), home;
    for (int n = 0; n < count; ++n)
      priority[n] = 8 * height[n] + (trial == 0 ? 0 : static_cast<int>(next_random(random) % (8u + 8u * (trial % 24))));
    const std::vector<int> issue = list_schedule(target, after, priority, not_before(8 * (trial / 24 % 8)));
    const int length = length_of(target, issue);
    if (best_length != 0 && length >= best_length) continue;
    if (!allocate(target, issue, home)) continue;
    best_length = length;
    best_issue = issue;
    best_home = home;
  }
  if (best_length == 0) fail(label_ + ": too few registers");

  auto operand_of = [&](const Value& v) { return v.node >= 0 ? best_home[v.node] : v.operand % kCode; };
  std::vector<Word> words(best_length);
  for (int n = 0; n < count; ++n) {
    Word& w = words[best_issue[n]];
    const Node& node = nodes_[n];
    w.op = node.op;
    w.a = operand_of(node.a);
    w.b = operand_of(node.b);
    w.d = node.is_act() ? node.field : best_home[n];
  }
  words.back().seq = seq_;
  words.back().target = target_;
  words.back().count = count_;
  return words;
}

std::vector<Word> without_idle(const std::vector<Word>& cycles) {
  std::vector<Word> out;
  for (const Word& w : cycles) {
    const bool idle = w.op == Op::kNop && w.seq == Seq::kNext;
    if (idle && !out.empty() && out.back().seq == Seq::kNext) ++out.back().count;
    else out.push_back(w);
  }
  return out;
}

}  // namespace touchstone::rtl::microcode
