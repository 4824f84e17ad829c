#include "sim/build_info.h"

#include <sys/utsname.h>

namespace touchstone::sim {

std::string machine_name() {
  utsname name{};
  if (uname(&name) != 0) return "unknown";
  return std::string(name.machine) + " " + name.sysname + " " + name.release;
}

}  // namespace touchstone::sim
