// Which words of a microcode program have run, and which ways every word that can go two ways has gone; from the
// program counter alone.
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "secp_listing.h"

namespace touchstone::rtl::test {

/// Fed with the state of the sequencer after every clock edge. The ways, by kind of word: a loop is taken and left; a
/// seed word waits, goes on and goes to the fault; a subroutine gives back to every word that calls it; the end ends;
/// every operation enters. (Without masks there is no seed word.) A step that no word allows is a fault.
class Coverage {
 public:
  explicit Coverage(const listing::RomInfo& rom) : rom_(rom), run_(static_cast<std::size_t>(words())) {}

  /// `op`: the operation that starts, where the core was idle before; ignored otherwise.
  void step(bool busy, int pc, int op) {
    if (pc == kOutOfReset) {
      enter(kReset);
    } else if (!busy_ && busy) {
      enter(op);
      expect(pc == rom_.entry[op], "operation " + std::to_string(op) + " enters at " + std::to_string(pc));
      word(pc);
    } else if (busy_ && at_ == kOutOfReset) {
      expect(pc == 0, "out of reset to " + std::to_string(pc));
      word(pc);
    } else if (busy_) {
      follow(busy, pc);
    }
    busy_ = busy;
    at_ = pc;
  }

  int words() const { return (rom_.end - 1)->first + (rom_.end - 1)->words; }
  std::size_t ways() const { return all_ways().size(); }
  /// What has not run, was not gone, or must not have happened; by block and address.
  std::vector<std::string> missing() const {
    std::vector<std::string> out = faults_;
    for (int w = 0; w < words(); ++w)
      if (!run_[static_cast<std::size_t>(w)]) out.push_back("never run: " + place(w));
    for (const auto& [at, way] : all_ways())
      if (!gone_.contains({at, way})) out.push_back(std::string("never ") + way + ": " + place(at));
    return out;
  }
  /// Most calls within each other.
  std::size_t depth() const { return depth_; }

 private:
  using Seq = listing::Seq;
  using Way = std::pair<int, std::string>;
  static constexpr int kOutOfReset = 1023;  // all ones
  static constexpr int kReset = -1;         // in the place of an operation
  static constexpr int kEntry = -2;         // in the place of an address: minus the operation that enters

  void enter(int op) {
    gone_.insert({kEntry - op, "entered"});
    calls_.clear();
  }
  void expect(bool good, const std::string& what) {
    if (!good && faults_.size() < 10) faults_.push_back(what);
  }
  void word(int pc) {
    expect(pc < words(), "beyond the program: " + std::to_string(pc));
    if (pc < words()) run_[static_cast<std::size_t>(pc)] = true;
    waited_ = 0;
  }
  void follow(bool busy, int pc) {
    const auto [seq, argument] = rom_.words[at_];
    const auto go = [&](int to, const char* way) {
      expect(busy && pc == to, place(at_) + " leads to " + std::to_string(pc));
      if (*way != 0) gone_.insert({at_, way});
      word(pc);
    };
    switch (seq) {
      case Seq::kNext:
        if (waited_ < argument) {
          ++waited_;
          expect(busy && pc == at_, place(at_) + " does not wait");
          return;
        }
        return go(at_ + 1, "");
      case Seq::kSet:
        return go(at_ + 1, "");
      case Seq::kLoop:
      case Seq::kLoopW:
      case Seq::kLoopC:
        return pc == argument ? go(argument, "taken") : go(at_ + 1, "left");
      case Seq::kJump:
        return go(argument, "");
      case Seq::kCall:
        calls_.push_back(at_);
        depth_ = std::max(depth_, calls_.size());
        return go(argument, "");
      case Seq::kRet: {
        if (calls_.empty()) return expect(false, place(at_) + " gives back to nobody");
        const int caller = calls_.back();
        calls_.pop_back();
        gone_.insert({caller, "given back to"});
        return go(caller + 1, "");
      }
      case Seq::kSeed:
        if (pc == at_) {
          gone_.insert({at_, "waited"});
          return expect(busy, place(at_) + " ends");
        }
        return pc == argument ? go(argument, "found faulty") : go(at_ + 1, "found good");
      case Seq::kEnd:
        expect(!busy, place(at_) + " does not end");
        gone_.insert({at_, "ended"});
        return;
    }
  }
  std::set<Way> all_ways() const {
    std::set<Way> out = {{kEntry - kReset, "entered"}};
    for (int op = 0; op < 10; ++op) out.insert({kEntry - op, "entered"});
    for (int at = 0; at < words(); ++at) switch (rom_.words[at].seq) {
        case Seq::kLoop:
        case Seq::kLoopW:
        case Seq::kLoopC:
          out.insert({{at, "taken"}, {at, "left"}});
          break;
        case Seq::kCall:
          out.insert({at, "given back to"});
          break;
        case Seq::kSeed:
          out.insert({{at, "waited"}, {at, "found good"}, {at, "found faulty"}});
          break;
        case Seq::kEnd:
          out.insert({at, "ended"});
          break;
        default:
          break;
      }
    return out;
  }
  std::string place(int at) const {
    if (at < 0) return at == kEntry - kReset ? "reset" : "operation " + std::to_string(kEntry - at);
    for (const listing::BlockInfo* b = rom_.begin; b != rom_.end; ++b)
      if (at >= b->first && at < b->first + b->words)
        return std::string(b->label) + " + " + std::to_string(at - b->first) + " (address " + std::to_string(at) + ")";
    return "address " + std::to_string(at);
  }

  const listing::RomInfo& rom_;
  std::vector<bool> run_;
  std::set<Way> gone_;
  std::vector<int> calls_;
  std::vector<std::string> faults_;
  std::size_t depth_ = 0;
  bool busy_ = false;
  int at_ = -1, waited_ = 0;
};

}  // namespace touchstone::rtl::test
