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

const char* name_of(Mul op) {
  static constexpr const char* kNames[] = {"MulNop", "MulP", "MulShort", "MulN", "MulHigh"};
  return kNames[static_cast<int>(op)];
}

const char* name_of(Alu op) {
  static constexpr const char* kNames[] = {"AluNop",      "AluAdd",   "AluSub",    "AluSelOdd", "AluRandom", "AluRandom64", "AluSlot", "AluWindow",
                                           "AluComb",     "AluInverse", "AluSelTop", "AluChkRange", "AluChkEq", "AluChkInf", "AluChkOut",
                                           "AluOutX",     "AluOutY",  "AluInvStart", "AluHalf", "AluPush", "AluSlotSet", "AluSlotWipe"};
  return kNames[static_cast<int>(op)];
}

const char* name_of(Seq op) {
  static constexpr const char* kNames[] = {"SeqNext", "SeqSet", "SeqLoop", "SeqLoopW", "SeqLoopC", "SeqJump", "SeqCall", "SeqRet", "SeqSeed", "SeqEnd"};
  return kNames[static_cast<int>(op)];
}

int Block::Node::row(const Target& target) const {
  const int digits = 256 / target.digit_bits;
  switch (mul) {
    case Mul::kShort: return 1;
    case Mul::kN: return 2 * digits;
    case Mul::kHigh: return digits / 2;
    default: return digits;
  }
}

Value Block::add_node(Node node) {
  nodes_.push_back(node);
  return {-1, static_cast<int>(nodes_.size()) - 1};
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
      // The pool is all new after 256 / 64 cycles.
      if (last_random >= 0) after[last_random].push_back({n, 4});
      last_random = n;
    }
    if (!nodes_[n].writes()) {
      if (last_act >= 0) after[last_act].push_back({n, 1});
      last_act = n;
    }
  }
  return after;
}

std::vector<int> Block::list_schedule(const Target& target, const std::vector<std::vector<Edge>>& after, const std::vector<int>& priority) const {
  const int count = static_cast<int>(nodes_.size());
  std::vector<int> issue(count, -1), earliest(count, 0), waits_for(count, 0);
  std::vector<bool> mul_writes;  // by cycle; there is one write port
  const auto writes_at = [&](int cycle) { return cycle < static_cast<int>(mul_writes.size()) && mul_writes[cycle]; };
  for (const auto& edges : after)
    for (const Edge& e : edges) ++waits_for[e.to];
  int done = 0;
  int row_free_at = 0;
  for (int cycle = 0; done < count; ++cycle) {
    for (bool mul : {false, true}) {
      if (mul && cycle < row_free_at) continue;
      int best = -1;
      for (int n = 0; n < count; ++n)
        if (issue[n] < 0 && nodes_[n].is_mul() == mul && waits_for[n] == 0 && earliest[n] <= cycle &&
            (mul || !nodes_[n].writes() || !writes_at(cycle)) && (best < 0 || priority[n] > priority[best]))
          best = n;
      if (best < 0) continue;
      issue[best] = cycle;
      ++done;
      if (mul) {
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
    if (home[n] >= 0 || !nodes_[n].writes()) continue;
    for (int r = first_temporary_; r < end_temporary_ && home[n] < 0; ++r)
      if (free_from[r] <= written(n)) home[n] = r;
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

  std::vector<int> best_issue, best_home;
  int best_length = 0;
  std::uint64_t random = 1;
  for (int trial = 0; trial < (count > 8 ? kTrials : 1); ++trial) {
    std::vector<int> priority(count), home;
    for (int n = 0; n < count; ++n)
      priority[n] = 8 * height[n] + (trial == 0 ? 0 : static_cast<int>(next_random(random) % (8u + 8u * (trial % 24))));
    const std::vector<int> issue = list_schedule(target, after, priority);
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
    if (node.is_mul()) {
      w.mul = node.mul;
      w.mul_a = operand_of(node.a);
      w.mul_b = operand_of(node.b);
      w.mul_d = best_home[n];
    } else {
      w.alu = node.op;
      w.alu_n = node.mod_n;
      w.alu_a = operand_of(node.a);
      w.alu_b = operand_of(node.b);
      w.alu_d = node.writes() ? best_home[n] : node.field;
    }
  }
  words.back().seq = seq_;
  words.back().target = target_;
  words.back().count = count_;
  return words;
}

std::vector<Word> without_idle(const std::vector<Word>& cycles) {
  std::vector<Word> out;
  for (const Word& w : cycles) {
    const bool idle = w.mul == Mul::kNop && w.alu == Alu::kNop && w.seq == Seq::kNext;
    if (idle && !out.empty() && out.back().seq == Seq::kNext) ++out.back().count;
    else out.push_back(w);
  }
  return out;
}

}  // namespace touchstone::rtl::microcode
