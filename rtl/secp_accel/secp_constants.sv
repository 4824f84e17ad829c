// Operands b that are no register: constants of the curve, of its endomorphism and of the recoding. Addresses 32..63.
module secp_constants #(
  parameter int unsigned DigitBits = 64,
  parameter int unsigned Style = secp_pkg::StyleProtected
) (
  input  logic [4:0]   index_i,
  output logic [255:0] value_o
);

  // The multiplier takes the digits of these two from the top, but wants the least significant one first.
  function automatic logic [255:0] reversed(input logic [127:0] value);
    reversed = '0;
    for (int unsigned i = 0; i < 128 / DigitBits; i++)
      reversed[127 - DigitBits*i -: DigitBits] = value[DigitBits*i +: DigitBits];
  endfunction

  // Short vectors (A1, -MinusB1) and (A2, A1) of {(a, b): a + b lambda = 0 mod n}.
  localparam logic [255:0] A1 = 256'h3086D221_A7D46BCD_E86C90E4_9284EB15;
  localparam logic [255:0] MinusB1 = 256'hE4437ED6_010E8828_6F547FA9_0ABFE4C3;
  localparam logic [255:0] A2 = A1 + MinusB1;

  // Added to the halves: makes them positive. A window's digit d then stands for d - 8; a comb's bit for 1 or -1.
  // The masks are 0 to 2^64 - 1 of each vector, so a protected half lies in an interval far longer than what is masked. Multiples of
  // the vectors, which change the halves and not the scalar, bring its middle to that of all numbers of this length: every bit,
  // the highest too, is as often 1 as 0. For windows it is at -(2^196)/30, because a digit reaches from -8 to 7.
  localparam logic [255:0] Window1 = 256'hF9BD98FA_AB3AF349;
  localparam logic [255:0] Window2 = 256'h139F1A1D_AF67F994;  // negative
  localparam logic [255:0] Comb = 256'd1 << 63;
  localparam bit Masked = Style == secp_pkg::StyleProtected;
  localparam logic [255:0] WindowOffset0 = Masked ? {60'b0, {49{4'h8}}} + Window1 * A1 - Window2 * A2 : {124'b0, {33{4'h8}}};
  localparam logic [255:0] WindowOffset1 = Masked ? {60'b0, {49{4'h8}}} - Window1 * MinusB1 - Window2 * A1 : {124'b0, {33{4'h8}}};
  localparam logic [255:0] CombOffset0 = Masked ? (256'd1 << 194) - 256'd1 + Comb * (A1 + A2) : (256'd1 << 129) - 256'd1;
  localparam logic [255:0] CombOffset1 = Masked ? (256'd1 << 194) - 256'd1 + Comb * (A1 - MinusB1) : (256'd1 << 129) - 256'd1;

  localparam int unsigned Set = Masked ? 1 : 0;

  always_comb begin
    unique case (index_i)
      5'd1: value_o = 256'd1;
      5'd2: value_o = 256'd7;
      5'd3: value_o = 256'd21;  // 3b of y^2 = x^3 + b
      // (beta x, y) = lambda (x, y)
      5'd4: value_o = 256'h7AE96A2B_657C0710_6E64479E_AC3434E9_9CF04975_12F58995_C1396C28_719501EE;  // beta
      5'd5: value_o = 256'h5363AD4C_C05C30E0_A5261C02_8812645A_122E22EA_20816678_DF02967C_1B23BD72;  // lambda
      5'd6: value_o = A1;
      5'd7: value_o = MinusB1;
      5'd8: value_o = reversed(128'h3086D221_A7D46BCD_E86C90E4_9284EB15);                            // 2^256 A1 / n
      5'd9: value_o = reversed(128'hE4437ED6_010E8828_6F547FA9_0ABFE4C4);                            // 2^256 MinusB1 / n
      5'd10: value_o = WindowOffset0;
      5'd11: value_o = WindowOffset1;
      5'd12: value_o = CombOffset0;
      5'd13: value_o = CombOffset1;
      5'd14: value_o = secp_comb_pkg::StartX[256 * Set +: 256];
      5'd15: value_o = secp_comb_pkg::StartY[256 * Set +: 256];
      default: value_o = 256'd0;
    endcase
  end

endmodule
