#include "rtl/secp_waves.h"

#include <stdexcept>

#include "VSecpAccelWaves.h"
#include "VSecpAccelWaves___024root.h"
#include "rtl/secp_core.h"
#include "verilated_fst_c.h"

namespace touchstone::rtl {
namespace {

constexpr std::uint64_t kPeriod_ps = 1'000'000'000'000 / contract::kClockHz;

class FstWaves {
 public:
  static void prepare(VerilatedContext& context) { context.traceEverOn(true); }
  template <typename Top>
  FstWaves(Top& top, const std::string& path) {
    top.trace(&file_, 99);
    file_.set_time_unit("1ps");
    file_.set_time_resolution("1ps");
    file_.open(path.c_str());
    if (!file_.isOpen()) throw std::runtime_error(path + ": cannot be written");
  }
  ~FstWaves() { file_.close(); }
  void rise() { dump(next_ps_); }
  void fall() {
    dump(next_ps_ + kPeriod_ps / 2);
    next_ps_ += kPeriod_ps;
  }
  /// Never back: what was dumped stands.
  void set_time_ps(std::uint64_t time_ps) { next_ps_ = std::max(time_ps, last_ps_ + 1); }

 private:
  void dump(std::uint64_t time_ps) {
    file_.dump(time_ps);
    last_ps_ = time_ps;
  }

  VerilatedFstC file_;
  std::uint64_t next_ps_ = 1, last_ps_ = 0;
};

}  // namespace

std::unique_ptr<SecpModel> make_model_with_waves(const std::string& fst_path) {
  return std::make_unique<SecpModel>(std::make_unique<VerilatedCore<VSecpAccelWaves, VSecpAccelWaves___024root, FstWaves>>(fst_path));
}

}  // namespace touchstone::rtl
