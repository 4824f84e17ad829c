#include "sim/accelerator_choice.h"

#include <charconv>

#include "accelerator/behavioural_core.h"
#include "rtl_remote/client.h"
#include "sim/yaml_table.h"

namespace touchstone::sim {

AcceleratorChoice parse_accelerator(const std::string& text) {
  AcceleratorChoice choice;
  choice.text = text;
  if (text == "rtl" || text == "model") return choice;
  constexpr std::string_view kTcp = "tcp:";
  const std::size_t colon = text.rfind(':');
  if (text.starts_with(kTcp) && colon > kTcp.size()) {
    choice.host = text.substr(kTcp.size(), colon - kTcp.size());
    if (choice.host.starts_with('[') && choice.host.ends_with(']'))
      choice.host = choice.host.substr(1, choice.host.size() - 2);  // an IPv6 address
    const char* const end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data() + colon + 1, end, choice.port);
    if (!choice.host.empty() && error == std::errc{} && last == end && choice.port != 0) return choice;
  }
  throw InputError("--accelerator " + text, "must be rtl, model or tcp:HOST:PORT, for instance tcp:localhost:4711");
}

std::unique_ptr<rtl::SecpPort> open_accelerator(const AcceleratorChoice& choice) {
  if (choice.text == "rtl") return nullptr;
  if (choice.text == "model") return std::make_unique<models::BehaviouralCore>();
  auto core = rtl::remote::connect(choice.host, choice.port, choice.limit);
  if (const std::string fault = core->fault(); !fault.empty()) throw InputError("--accelerator " + choice.text, fault);
  return core;
}

}  // namespace touchstone::sim
