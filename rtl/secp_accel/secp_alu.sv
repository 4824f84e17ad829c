// The one-cycle side: addition and subtraction modulo p or n with two adders, and comparisons.
// Sums are reduced for operands below the modulus; the checks of the inputs' range make sure that only such results count.
module secp_alu (
  input  logic         subtract_i,
  input  logic         mod_n_i,
  input  logic [255:0] a_i,
  input  logic [255:0] b_i,
  output logic [255:0] result_o,
  output logic         above_m_o,   // of a sum: a + b >= m
  output logic         zero_o       // a + b or a - b is 0, before reduction
);

  logic [256:0] first, second;
  logic [128:0] fold;  // 2^256 - m
  always_comb begin
    first = {1'b0, a_i} + {1'b0, b_i ^ {256{subtract_i}}} + 257'(subtract_i);
    // plus 2^256 - m after a sum, minus that (plus m) after a difference
    fold = (mod_n_i ? {2'b10, secp_pkg::FoldN} : {96'b0, secp_pkg::Fold}) ^ {129{subtract_i}};
    second = {1'b0, first[255:0]} + {1'b0, {127{subtract_i}}, fold} + 257'(subtract_i);
    above_m_o = first[256] | second[256];
    zero_o = first[255:0] == '0;
    result_o = (subtract_i ? !first[256] : above_m_o) ? second[255:0] : first[255:0];
  end

endmodule
