#include "sim/core_tools.h"

#include <cstdio>
#include <fstream>
#include <stdexcept>

#include "mcu/gdb_server.h"
#include "mcu/profiler.h"
#include "sim/firmware_image.h"
#include "sim/yaml_table.h"

namespace touchstone::sim {

CoreTools::CoreTools(models::Card& card, std::optional<std::uint16_t> gdb_port, const std::string& profile_file) : profile_file_(profile_file) {
  if (gdb_port) {
    try {
      gdb_ = std::make_unique<models::GdbServer>(card.cpu(), *gdb_port);
    } catch (const std::runtime_error& error) {
      throw InputError("--gdb", error.what());
    }
    gdb_->on_reset = [&card] { card.power().reset(); };
    gdb_->on_kill = [this] {
      killed_ = true;
      sc_core::sc_pause();
    };
    gdb_->on_news = [](const std::string& news) { std::fprintf(stderr, "gdb: %s\n", news.c_str()); };
    std::fprintf(stderr, "gdb: the card waits for a debugger at 127.0.0.1:%u: gdb-multiarch build/release/firmware/card.elf -ex 'target remote :%u'\n", gdb_->port(),
                 gdb_->port());
  }
  if (!profile_file_.empty()) {
    if (!std::ofstream(profile_file_, std::ios::app)) throw InputError("--profile " + profile_file_, "cannot be written");
    profiler_ = std::make_unique<models::Profiler>();
    if (auto lines = SourceLines::load(card_firmware_elf()); lines.ok()) profiler_->add_source(std::move(lines).value());
    card.cpu().add_monitor(*profiler_);
  }
}

CoreTools::~CoreTools() = default;

void CoreTools::at_time_zero() {
  if (profiler_) profiler_->enable(true);
}

void CoreTools::finish() {
  if (gdb_) gdb_->ended(0);
  if (!profiler_) return;
  std::ofstream out(profile_file_);
  out << profiler_->json();
  if (!out.flush()) throw std::runtime_error(profile_file_ + ": cannot be written");
}

}  // namespace touchstone::sim
