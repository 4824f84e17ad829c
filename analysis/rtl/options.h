// Command lines, files, progress and pictures as all tools have them, and the accelerator's variants by name.
#pragma once

#include <string>

#include "rtl/secp_variants.h"
#include "tools/options.h"
#include "tools/progress.h"
#include "tools/svg.h"

namespace touchstone::rtl_tools {

using tools::Options;
using tools::parse_number;
using tools::Progress;
using tools::put;
using tools::UsageError;
using tools::write_file;

/// Of kVariants; throws UsageError.
inline const rtl::Variant& variant_named(const std::string& name) {
  std::string names;
  for (const rtl::Variant& v : rtl::kVariants) {
    if (name == v.name) return v;
    names += std::string(" ") + v.name;
  }
  throw UsageError("--variant: no variant is called " + name + "; there are" + names);
}

}  // namespace touchstone::rtl_tools
