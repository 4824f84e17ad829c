// What a party has on its disk: a folder of files, each replaced as a whole.
#pragma once

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "base/seed.h"
#include "kill/wire.h"
#include "mpc_session/fuse.h"
#include "mpc_session/switch.h"

namespace touchstone::kill_test {

namespace fs = std::filesystem;

inline void write_file(const fs::path& path, Bytes bytes) {
  const auto size = static_cast<std::streamsize>(bytes.size());
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), size);
}
inline Text read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Where a party may be told to kill itself, between two writes to its disk.
enum class DieAt : std::uint8_t { kNowhere, kBlown, kBeforeStored, kStored, kBeforeTakenUp, kTakenUp };

class Store {
 public:
  explicit Store(fs::path folder) : folder_(std::move(folder)) { fs::create_directories(folder_); }

  DieAt die_at = DieAt::kNowhere;
  void pass(DieAt here) const {
    if (die_at == here) std::raise(SIGKILL);
  }

  bool has(const std::string& name) const { return fs::exists(folder_ / name); }
  Text read(const std::string& name) const { return read_file(folder_ / name); }
  void write(const std::string& name, Bytes bytes) const {
    const fs::path beside = folder_ / (name + ".new");
    write_file(beside, bytes);
    fs::rename(beside, folder_ / name);
  }
  void erase(const std::string& name) const { fs::remove(folder_ / name); }

  // A slot - "key", "ot", "paillier" - has a current thing and maybe the next; each file begins with its digest.
  mpc::Held held(const std::string& slot) const {
    mpc::Held out;
    for (const auto& [name, field] : {std::pair(".current", &out.current), {".next", &out.next}}) {
      if (!has(slot + name)) continue;
      const Text text = read(slot + name);
      field->emplace();
      std::copy_n(text.begin(), 32, (*field)->begin());
    }
    return out;
  }
  void store_next(const std::string& slot, Bytes thing) const {
    pass(DieAt::kBeforeStored);
    write(slot + ".next", thing);
    pass(DieAt::kStored);
  }
  void act(const std::string& slot, mpc::Switch decision) {
    uses_next_[slot] = decision == mpc::Switch::kUseNext;
    if (decision == mpc::Switch::kTakeUp) {
      pass(DieAt::kBeforeTakenUp);
      fs::rename(folder_ / (slot + ".next"), folder_ / (slot + ".current"));
      pass(DieAt::kTakenUp);
    }
    if (decision == mpc::Switch::kDrop) erase(slot + ".next");
  }

  /// What is used until the next meeting.
  std::string in_use(const std::string& slot) const {
    const auto at = uses_next_.find(slot);
    return slot + (at != uses_next_.end() && at->second ? ".next" : ".current");
  }

  /// A generator that goes on where it was, over a death too; it is set back with the folder.
  ByteArray<32> draw(std::uint64_t seed) const {
    const Text before = has("generator") ? read("generator") : Text(8);
    ByteArray<8> counter;
    store_le64(counter.data(), load_le64(before.data()) + 1);
    write("generator", counter);
    ByteArray<32> out;
    SeedTree(seed).child(load_le64(counter.data())).stream("generator").fill(out);
    return out;
  }

 private:
  fs::path folder_;
  std::map<std::string, bool> uses_next_;
};

/// Burns one stored thing, over a death too: a file that is there or not.
class FileFuse final : public mpc::Fuse {
 public:
  FileFuse(const Store& store, std::string name) : store_(store), name_(std::move(name)) {}
  bool blown() const override { return store_.has(name_); }
  Status blow() override {
    store_.write(name_, {});
    store_.pass(DieAt::kBlown);
    return {};
  }
  Status mend() override {
    store_.erase(name_);
    return {};
  }

 private:
  const Store& store_;
  const std::string name_;
};

}  // namespace touchstone::kill_test
