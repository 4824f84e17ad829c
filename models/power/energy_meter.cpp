#include "power/energy_meter.h"

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "base/check.h"

namespace touchstone::models {

namespace {
// sc_time counts picoseconds (SystemC's default resolution).
std::uint64_t to_ps(sc_core::sc_time time) { return time.value(); }

/// Shortest form that a spreadsheet and a diff like: fixed, nanojoule resolution below.
std::string number(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.6f", value);
  return text;
}
}  // namespace

class EnergyMeter::Port : public EnergyPort {
 public:
  Port(EnergyMeter& meter, std::size_t index, std::string name, const EnergyTable::Part& part)
      : meter_(meter), index_(index), name_(std::move(name)), part_(part), power_uw_(power(part.initial)) {}

  void state(std::string_view state, sc_core::sc_time at) override {
    advance(to_ps(at));
    const double power_uw = power(state);
    if (meter_.observer_ && power_uw != power_uw_) meter_.observer_(name_, at, power_uw);
    power_uw_ = power_uw;
    if (meter_.on_change) meter_.on_change();
  }

  void pulse(std::string_view kind, std::uint64_t count) override {
    const auto it = part_.pulse_nc.find(kind);
    TS_CHECK(it != part_.pulse_nc.end(), "this pulse is not in energy.jsonc");
    // nC x V = nJ
    const double energy_uj = part_.supply_v * it->second * static_cast<double>(count) * 1e-3;
    meter_.visits_.back().energy_uj[index_] += energy_uj;
    meter_.used_uj_ += energy_uj;
    if (meter_.on_change) meter_.on_change();
  }

  /// A part whose clock is a little behind what it said before is taken at its word: no time passed.
  void advance(std::uint64_t to_ps) {
    if (to_ps <= last_ps_) return;
    meter_.charge(index_, last_ps_, to_ps, power_uw_);
    last_ps_ = to_ps;
  }

  const std::string& name() const { return name_; }
  double power_uw() const { return power_uw_; }
  double unbooked_uj(std::uint64_t to_ps) const { return to_ps > last_ps_ ? power_uw_ * (static_cast<double>(to_ps - last_ps_) * 1e-12) : 0; }

 private:
  double power(std::string_view state) const {
    const auto it = part_.state_ua.find(state);
    TS_CHECK(it != part_.state_ua.end(), "this state is not in energy.jsonc");
    return part_.supply_v * it->second;
  }

  EnergyMeter& meter_;
  std::size_t index_;
  std::string name_;
  const EnergyTable::Part& part_;
  double power_uw_;
  std::uint64_t last_ps_ = 0;
};

EnergyMeter::EnergyMeter(EnergyTable table) : table_(std::move(table)) {
  for (const auto& [name, part] : table_.parts) ports_.push_back(std::make_unique<Port>(*this, ports_.size(), name, part));
  visits_.push_back({"boot", 0, 0, std::vector<double>(ports_.size(), 0.0)});
}

EnergyMeter::~EnergyMeter() = default;

void EnergyMeter::observe_power(Observer observer) {
  observer_ = std::move(observer);
  for (const auto& port : ports_) observer_(port->name(), sc_core::sc_time_stamp(), port->power_uw());
}

std::vector<std::string> EnergyMeter::part_names() const {
  std::vector<std::string> names;
  for (const auto& port : ports_) names.push_back(port->name());
  return names;
}

EnergyPort& EnergyMeter::part(std::string_view name) {
  const auto it = std::find_if(ports_.begin(), ports_.end(), [&](const auto& port) { return port->name() == name; });
  TS_CHECK(it != ports_.end(), "this part is not in energy.jsonc");
  return **it;
}

void EnergyMeter::set_phase(std::string_view phase, sc_core::sc_time at) {
  Visit& current = visits_.back();
  if (current.phase == phase || visits_.size() == kMaxVisits) return;
  if (visits_.size() + 1 == kMaxVisits) phase = "merged";
  const std::uint64_t at_ps = std::max(to_ps(at), current.begin_ps);
  current.end_ps = at_ps;
  visits_.push_back({std::string(phase), at_ps, at_ps, std::vector<double>(ports_.size(), 0.0)});
}

void EnergyMeter::finish(sc_core::sc_time at) {
  for (const auto& port : ports_) port->advance(to_ps(at));
  visits_.back().end_ps = std::max(visits_.back().begin_ps, to_ps(at));
}

void EnergyMeter::start_over(sc_core::sc_time at) {
  finish(at);
  visits_ = {Visit{visits_.back().phase, to_ps(at), to_ps(at), std::vector<double>(ports_.size(), 0.0)}};
}

// The interval may begin visits ago: a part that seldom changes is integrated late.
void EnergyMeter::charge(std::size_t part, std::uint64_t from_ps, std::uint64_t to_ps, double power_uw) {
  if (power_uw == 0) return;
  used_uj_ += power_uw * (static_cast<double>(to_ps - from_ps) * 1e-12);
  std::size_t first = visits_.size() - 1;
  while (first > 0 && visits_[first].begin_ps > from_ps) --first;
  for (std::size_t i = first; i < visits_.size(); ++i) {
    const bool last = i + 1 == visits_.size();
    const std::uint64_t begin = std::max(from_ps, visits_[i].begin_ps);
    const std::uint64_t end = last ? to_ps : std::min(to_ps, visits_[i].end_ps);
    if (end > begin) visits_[i].energy_uj[part] += power_uw * (static_cast<double>(end - begin) * 1e-12);
  }
}

std::vector<EnergyMeter::Row> EnergyMeter::rows() const {
  std::vector<std::string> phases;
  for (const Visit& v : visits_)
    if (std::find(phases.begin(), phases.end(), v.phase) == phases.end()) phases.push_back(v.phase);
  std::vector<Row> rows;
  for (const std::string& phase : phases) {
    for (std::size_t part = 0; part < ports_.size(); ++part) {
      Row row{phase, ports_[part]->name(), 0, phase_ns(phase)};
      for (const Visit& v : visits_)
        if (v.phase == phase) row.energy_uj += v.energy_uj[part];
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

double EnergyMeter::total_uj() const {
  double sum = 0;
  for (const Visit& v : visits_)
    for (double e : v.energy_uj) sum += e;
  return sum;
}

double EnergyMeter::power_uw() const {
  double sum = 0;
  for (const auto& port : ports_) sum += port->power_uw();
  return sum;
}

double EnergyMeter::used_uj(sc_core::sc_time at) const {
  double sum = used_uj_;
  for (const auto& port : ports_) sum += port->unbooked_uj(to_ps(at));
  return sum;
}

double EnergyMeter::phase_uj(std::string_view phase) const {
  double sum = 0;
  for (const Visit& v : visits_)
    if (v.phase == phase)
      for (double e : v.energy_uj) sum += e;
  return sum;
}

double EnergyMeter::part_uj(std::string_view part) const {
  double sum = 0;
  for (std::size_t i = 0; i < ports_.size(); ++i)
    if (ports_[i]->name() == part)
      for (const Visit& v : visits_) sum += v.energy_uj[i];
  return sum;
}

std::int64_t EnergyMeter::phase_ns(std::string_view phase) const {
  std::uint64_t sum_ps = 0;
  for (const Visit& v : visits_)
    if (v.phase == phase) sum_ps += v.end_ps - v.begin_ps;
  return static_cast<std::int64_t>(sum_ps / 1000);
}

bool EnergyMeter::write_csv(const std::filesystem::path& path) const {
  std::ofstream out(path, std::ios::binary);
  out << "phase,part,energy_uj,time_ns\n";
  for (const Row& row : rows()) out << row.phase << ',' << row.part << ',' << number(row.energy_uj) << ',' << row.time_ns << '\n';
  return static_cast<bool>(out.flush());
}

bool EnergyMeter::write_timeline_csv(const std::filesystem::path& path) const {
  std::ofstream out(path, std::ios::binary);
  out << "start_ns,end_ns,phase,part,energy_uj\n";
  for (const Visit& v : visits_)
    for (std::size_t i = 0; i < ports_.size(); ++i)
      out << v.begin_ps / 1000 << ',' << v.end_ps / 1000 << ',' << v.phase << ',' << ports_[i]->name() << ','
          << number(v.energy_uj[i]) << '\n';
  return static_cast<bool>(out.flush());
}

}  // namespace touchstone::models
