// SourceLines under the name by which the models know it (core/source_lines).
#pragma once

#include "source_lines/source_lines.h"

namespace touchstone::models {

using touchstone::SourceLines;

}  // namespace touchstone::models
