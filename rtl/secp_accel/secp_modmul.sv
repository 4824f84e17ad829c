// Multiplier modulo p: 256 x 64 bits a cycle, most significant digit first.
// Cycle 0..3 multiply a by one digit of b; one cycle later the row is added to the accumulator shifted by a digit and what
// exceeds 256 bits is folded back (2^256 = Fold mod p). The last fold is reduced to [0, p) and given out in the same cycle:
// latency 5, a new product every 4. A short product has one digit: latency 2, one cycle in the row.
// Operands may be any 256-bit numbers.
module secp_modmul (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         start_i,   // only when the row is free; the microcode sees to it
  input  logic         short_i,
  input  logic [255:0] a_i,
  input  logic [255:0] b_i,
  input  secp_pkg::operand_t     dest_i,
  output logic         valid_o,
  output secp_pkg::operand_t     dest_o,
  output logic [255:0] result_o
);

  // Row stage: digit counter and operands. The first digit comes straight from the inputs.
  logic         row_busy_q, row_busy;
  logic [1:0]   digits_left_q, digits_left;
  logic [255:0] a_q, a;
  logic [191:0] b_q;
  logic [63:0]  digit;
  secp_pkg::operand_t     row_dest_q, row_dest;

  always_comb begin
    if (start_i) begin
      row_busy = 1'b1;
      digits_left = short_i ? 2'd0 : 2'd3;
      a = a_i;
      digit = short_i ? b_i[63:0] : b_i[255:192];
      row_dest = dest_i;
    end else begin
      row_busy = row_busy_q;
      digits_left = digits_left_q;
      a = a_q;
      digit = b_q[191:128];
      row_dest = row_dest_q;
    end
  end

  // 16 products of 32 x 32 bits, gathered so that no two in one addend overlap.
  logic [319:0] row;
  logic [255:0] even_lo, odd_lo, even_hi, odd_hi;
  always_comb begin
    for (int unsigned i = 0; i < 4; i++) begin
      even_lo[64*i +: 64] = 64'(a[64*i +: 32]) * 64'(digit[31:0]);
      odd_lo[64*i +: 64] = 64'(a[64*i+32 +: 32]) * 64'(digit[31:0]);
      even_hi[64*i +: 64] = 64'(a[64*i +: 32]) * 64'(digit[63:32]);
      odd_hi[64*i +: 64] = 64'(a[64*i+32 +: 32]) * 64'(digit[63:32]);
    end
    row = {64'b0, even_lo} + {32'b0, odd_lo, 32'b0} + {32'b0, even_hi, 32'b0} + {odd_hi, 64'b0};
  end

  // Fold stage. acc < 2^256 + 2^99, so the sum is below 2^322 and the new acc again below 2^256 + 2^99.
  logic [319:0] row_q;
  logic         fold_valid_q, fold_first_q, fold_last_q;
  secp_pkg::operand_t     fold_dest_q;
  logic [256:0] acc_q, acc;
  logic [321:0] sum;
  logic [98:0]  excess;
  logic [257:0] minus_p;
  always_comb begin
    sum = {2'b0, row_q};
    if (!fold_first_q) sum = sum + {1'b0, acc_q, 64'b0};
    excess = {1'b0, sum[321:256], 32'b0} + 99'(sum[321:256]) * 99'(secp_pkg::Fold[31:0]);
    acc = {1'b0, sum[255:0]} + {158'b0, excess};
    minus_p = {1'b0, acc} + {225'b0, secp_pkg::Fold};  // acc - p, plus 2^256
    result_o = (|minus_p[257:256]) ? minus_p[255:0] : acc[255:0];
    valid_o = fold_valid_q & fold_last_q;
    dest_o = fold_dest_q;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      row_busy_q <= 1'b0;
      digits_left_q <= 2'd0;
      a_q <= '0;
      b_q <= '0;
      row_dest_q <= '0;
      row_q <= '0;
      fold_valid_q <= 1'b0;
      fold_first_q <= 1'b0;
      fold_last_q <= 1'b0;
      fold_dest_q <= '0;
      acc_q <= '0;
    end else begin
      if (start_i) begin
        a_q <= a_i;
        b_q <= b_i[191:0];
        row_dest_q <= dest_i;
      end else begin
        b_q <= {b_q[127:0], 64'b0};
      end
      row_busy_q <= row_busy & (digits_left != 2'd0);
      digits_left_q <= digits_left - 2'd1;

      if (row_busy) row_q <= row;
      fold_valid_q <= row_busy;
      fold_first_q <= start_i;
      fold_last_q <= digits_left == 2'd0;
      fold_dest_q <= row_dest;
      if (fold_valid_q) acc_q <= acc;
    end
  end

endmodule
