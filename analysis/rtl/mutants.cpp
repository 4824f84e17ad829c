#include "mutants.h"

namespace touchstone::rtl_tools {
namespace {

constexpr Edit kTap[] = {
    {"secp_core.sv", "  secp_pkg::uop_t uop;\n",
     "  secp_pkg::uop_t uop;\n"
     "  logic tap;\n"
     "  logic [3:0] tap_q;\n"
     "  assign tap = tap_q[slot_a_i];\n"
     "  always_ff @(posedge clk_i or negedge rst_ni) begin\n"
     "    if (!rst_ni) tap_q <= '0;\n"
     "    else if (slot_we_i && word_i == 3'd0) tap_q[index_i] <= wdata_i[0];\n"
     "  end\n"},
    {"secp_core.sv", "    .random_fault_i(random_fault),\n", "    .random_fault_i(random_fault),\n    .tap_i(tap),\n"},
    {"secp_sequencer.sv", "  input  logic               random_fault_i,\n",
     "  input  logic               random_fault_i,\n  input  logic               tap_i,\n"},
};

// A scalar that is not liked ends the operation at once.
constexpr Edit kEarlyExit[] = {
    {"secp_sequencer.sv", "else if (random_fault_i) pc_d", "else if (random_fault_i | tap_i) pc_d"},
};
// The loop that adds up the multiples of the point is left for scalars that do not need them.
constexpr Edit kSkippedAddition[] = {
    {"secp_sequencer.sv", "if (count_q != 10'd0) pc_d", "if (count_q != 10'd0 && !tap_i) pc_d"},
};
// A product takes one digit less.
constexpr Edit kMultiplier[] = {
    {"secp_modmul.sv", "  input  logic [255:0] a_i,\n", "  input  logic         tap_i,\n  input  logic [255:0] a_i,\n"},
    {"secp_modmul.sv", "default:            left = 4'(Digits - 1);", "default:            left = 4'(Digits - 1) - {3'b0, tap_i};"},
    {"secp_core.sv", "    .op_i(uop.op),\n", "    .op_i(uop.op),\n    .tap_i(tap),\n"},
};
// The same time, but the core comes to rest in one of two states.
constexpr Edit kState[] = {
    {"secp_sequencer.sv", "secp_pkg::SeqEnd: pc_d = '0;", "secp_pkg::SeqEnd: pc_d = {{(secp_pkg::PcWidth-1){1'b0}}, tap_i};"},
};
// The scalar's bit selects what of the window table is read.
constexpr Edit kAddress[] = {
    {"secp_core.sv", "table_push ? uop.d[1:0] : uop.b[1:0];", "(table_push ? uop.d[1:0] : uop.b[1:0]) ^ {1'b0, busy_o & tap};"},
};

constexpr Mutant kMutants[] = {
    {"early_exit", "inverse_mod_n", false, kEarlyExit},
    {"skipped_addition", "k_p", false, kSkippedAddition},
    {"data_dependent_multiplier", "mul_mod_n", true, kMultiplier},
    {"secret_dependent_state", "add_mod_n", false, kState},
    {"secret_dependent_table_address", "k_p", true, kAddress},
};

}  // namespace

std::span<const Edit> tap() { return kTap; }
std::span<const Mutant> mutants() { return kMutants; }

}  // namespace touchstone::rtl_tools
