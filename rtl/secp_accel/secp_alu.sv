// The one-cycle side: addition and subtraction modulo p, selection without a branch, and the checks.
// Sums are reduced for operands below p; the checks of the inputs' range make sure that only such results count.
module secp_alu (
  input  logic [3:0]   op_i,
  input  logic         k_bit_i,
  input  logic [255:0] a_i,
  input  logic [255:0] b_i,
  output logic         write_o,
  output logic [255:0] result_o,
  output logic         above_p_o,   // a + b >= p, of AluAdd and AluChkRange
  output logic         equal_o
);

  logic [256:0] sum, difference;
  logic [257:0] sum_minus_p;  // plus 2^256
  always_comb begin
    sum = {1'b0, a_i} + {1'b0, b_i};
    sum_minus_p = {1'b0, sum} + {225'b0, secp_pkg::Fold};
    difference = {1'b0, a_i} - {1'b0, b_i};
    above_p_o = |sum_minus_p[257:256];
    equal_o = a_i == b_i;
    write_o = 1'b1;
    unique case (op_i)
      secp_pkg::AluAdd:    result_o = above_p_o ? sum_minus_p[255:0] : sum[255:0];
      secp_pkg::AluSub:    result_o = difference[256] ? difference[255:0] - {223'b0, secp_pkg::Fold} : difference[255:0];
      secp_pkg::AluSelK:   result_o = k_bit_i ? a_i : b_i;
      secp_pkg::AluSelOdd: result_o = a_i[0] ? b_i : a_i;
      default: begin
        result_o = a_i;
        write_o = 1'b0;
      end
    endcase
  end

endmodule
