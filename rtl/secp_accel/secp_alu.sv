// The one-cycle side: addition and subtraction modulo p or n, and comparisons.
// Sums are reduced for operands below the modulus; the checks of the inputs' range make sure that only such results count.
module secp_alu (
  input  logic [4:0]   op_i,
  input  logic         mod_n_i,
  input  logic [255:0] a_i,
  input  logic [255:0] b_i,
  output logic [255:0] result_o,    // of AluAdd, AluSub, AluSelOdd
  output logic         above_m_o,   // a + b >= m
  output logic         equal_o
);

  logic [256:0] sum, difference;
  logic [257:0] sum_minus_m;  // plus 2^256
  logic [128:0] fold;         // 2^256 - m
  always_comb begin
    fold = mod_n_i ? {2'b10, secp_pkg::FoldN} : {96'b0, secp_pkg::Fold};
    sum = {1'b0, a_i} + {1'b0, b_i};
    sum_minus_m = {1'b0, sum} + {129'b0, fold};
    difference = {1'b0, a_i} - {1'b0, b_i};
    above_m_o = |sum_minus_m[257:256];
    equal_o = (op_i != secp_pkg::AluNop) & (a_i == b_i);
    unique case (op_i)
      secp_pkg::AluSub:    result_o = difference[256] ? difference[255:0] - {127'b0, fold} : difference[255:0];
      secp_pkg::AluSelOdd: result_o = a_i[0] ? b_i : a_i;
      default:             result_o = above_m_o ? sum_minus_m[255:0] : sum[255:0];
    endcase
  end

endmodule
