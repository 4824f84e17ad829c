// `touchstone rtl serve`: the Verilated core for benches of other processes, in the place of a board.
#include <algorithm>
#include <cstdio>
#include <iterator>

#include "options.h"
#include "rtl/secp_variants.h"
#include "rtl_remote/protocol.h"
#include "rtl_remote/server.h"
#include "verbs.h"

namespace touchstone::rtl_tools {

int serve_main(const std::vector<std::string>& arguments) {
  Options options(arguments);
  rtl::remote::ServeOptions serve;
  serve.port = static_cast<std::uint16_t>(options.number("--port", 0, 65'535).value_or(0));
  serve.once = options.flag("--once");
  const std::string name = options.value("--variant").value_or(rtl::kVariants[0].name);
  options.finish();
  const auto* const variant = std::find_if(std::begin(rtl::kVariants), std::end(rtl::kVariants),
                                           [&](const rtl::Variant& v) { return v.name == name; });
  if (variant == std::end(rtl::kVariants)) throw UsageError("no variant is called '" + name + "'");

  bool listening = false;
  serve.on_listening = [&](std::uint16_t port) {
    listening = true;
    std::printf("%s, register map %08x, on 127.0.0.1:%u\n", variant->name, rtl::remote::register_map(), unsigned{port});
    std::fflush(stdout);
  };
  serve.on_fault = [](const std::string& why) {
    std::fprintf(stderr, "a bench broke the protocol: %s\n", why.c_str());
  };
  const Status end = rtl::remote::serve(*rtl::make_variant(*variant), variant->name, serve);
  if (!listening) throw std::runtime_error(end.error().what);
  return end ? 0 : 1;
}

}  // namespace touchstone::rtl_tools
