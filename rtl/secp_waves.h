// The accelerator with every signal written to a wave file. Slower; the waves hold the scalars, so they are for simulated
// cards only.
#pragma once

#include <memory>
#include <string>

#include "rtl/secp_model.h"

namespace touchstone::rtl {

/// FST (GTKWave's format), 1 ps resolution. Time is what set_time_ps() says, and the clock moves only when the model is
/// clocked. The file is whole once the model is gone. Throws std::runtime_error when it cannot be written.
std::unique_ptr<SecpModel> make_model_with_waves(const std::string& fst_path);

}  // namespace touchstone::rtl
