// Multiplier: 256 x DigitBits bits a cycle. A row (a times one digit of b) is registered; one cycle later it is added to the
// accumulator shifted by a digit. Operands may be any 256-bit numbers.
//   MulP      most significant digit first; what exceeds 256 bits is folded back at once (2^256 = Fold mod p)
//   MulShort  the same with one digit
//   MulN      every second row is the fold: 2^256 = 2^128 + FoldN mod n, and the row multiplies FoldN by the excess
//   MulHigh   least significant digit first; the accumulator moves down instead
// Cycles until the result is written / in which the row is taken, for 256/DigitBits = D digits:
// MulP D+1 / D, MulShort 2 / 1, MulN 2D+1 / 2D, MulHigh D/2+1 / D/2.
module secp_modmul #(
  parameter int unsigned DigitBits = 64,
  parameter bit          Tree = 1'b0
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [4:0]   op_i,      // starts a product if it is one; only when the row is free, the microcode sees to it
  input  logic [255:0] a_i,
  input  logic [255:0] b_i,
  input  secp_pkg::reg_t dest_i,
  output logic         valid_o,
  output secp_pkg::reg_t dest_o,
  output logic [255:0] result_o
);

  localparam int unsigned Digits = 256 / DigitBits;
  localparam int unsigned RowBits = 256 + DigitBits;
  localparam int unsigned SumBits = RowBits + 2;

  // Row stage: the first digit comes straight from the inputs.
  logic         start, busy, busy_q, is_fold, fold_turn_q;
  logic [4:0]   op, op_q;
  logic [3:0]   left, left_q;
  logic [255:0] a, a_q, row_a;
  logic [255:0] b, b_q;
  logic [DigitBits-1:0] digit, row_digit;
  secp_pkg::reg_t dest, dest_q;

  // Fold stage.
  logic [RowBits-1:0] row, row_q;
  logic         valid_q, first_q, last_q, fold_q;
  logic [4:0]   stage_op_q;
  secp_pkg::reg_t stage_dest_q;
  logic [SumBits-1:0] acc_q, sum;
  logic [DigitBits+1:0] excess;

  always_comb begin
    start = (op_i >= secp_pkg::OpMulP) & (op_i <= secp_pkg::OpMulHigh);
    busy = start | busy_q;
    op = start ? op_i : op_q;
    a = start ? a_i : a_q;
    b = start ? b_i : b_q;
    dest = start ? dest_i : dest_q;
    is_fold = !start & fold_turn_q;  // of MulN: this row multiplies FoldN
    left = left_q;
    if (start) begin
      unique case (op_i)
        secp_pkg::OpMulShort: left = 4'd0;
        secp_pkg::OpMulHigh:  left = 4'(Digits / 2 - 1);
        default:            left = 4'(Digits - 1);
      endcase
    end
    unique case (op)
      secp_pkg::OpMulShort: digit = DigitBits'(b[31:0]);
      secp_pkg::OpMulHigh:  digit = b[127 -: DigitBits];
      default:            digit = b[255 -: DigitBits];
    endcase
    row_a = is_fold ? {129'b0, secp_pkg::FoldN} : a;
    row_digit = is_fold ? excess[DigitBits-1:0] : digit;
  end

  secp_row #(
    .DigitBits(DigitBits),
    .Tree(Tree)
  ) u_row (
    .a_i(row_a & {256{busy}}),
    .digit_i(row_digit),
    .row_o(row)
  );

  logic [256:0] folded, addend;
  logic [SumBits-1:0] moved;
  logic [257:0] minus_m;
  logic [128:0] fold_m;
  always_comb begin
    // acc is below 2^256 + 2^(DigitBits+131) before it is shifted up, so the sum is below 2^SumBits.
    if (!valid_q || first_q) moved = '0;
    else if (fold_q) moved = SumBits'(acc_q[255:0]);
    else moved = (stage_op_q == secp_pkg::OpMulHigh) ? acc_q >> DigitBits : acc_q << DigitBits;
    sum = SumBits'(row_q) + moved;
    excess = sum[SumBits-1:256];

    if (fold_q) begin
      // acc_q is the sum of the cycle before; row_q is FoldN times the low digit of its excess.
      addend = 257'(acc_q[SumBits-1:256]) << 128;
      if (acc_q[RowBits]) addend = addend + (257'(secp_pkg::FoldN) << DigitBits);
      if (acc_q[RowBits+1]) addend = addend + (257'(secp_pkg::FoldN) << (DigitBits + 1));
    end else begin
      // times Fold = 2^32 + 977 and 977 = 1024 - 32 - 16 + 1, without a multiplier
      addend = (257'(excess) << 32) + (257'(excess) << 10) + 257'(excess) - (257'(excess) << 5) - (257'(excess) << 4);
    end
    folded = {fold_q & sum[256], sum[255:0]} + addend;
    fold_m = fold_q ? {2'b10, secp_pkg::FoldN} : {96'b0, secp_pkg::Fold};
    minus_m = {1'b0, folded} + {129'b0, fold_m};  // folded - m, plus 2^256
    if (stage_op_q == secp_pkg::OpMulHigh) result_o = 256'(sum >> (128 + DigitBits));
    else result_o = (|minus_m[257:256]) ? minus_m[255:0] : folded[255:0];
    valid_o = valid_q & last_q;
    dest_o = stage_dest_q;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
      fold_turn_q <= 1'b0;
      op_q <= '0;
      left_q <= '0;
      a_q <= '0;
      b_q <= '0;
      dest_q <= '0;
      row_q <= '0;
      valid_q <= 1'b0;
      first_q <= 1'b0;
      last_q <= 1'b0;
      fold_q <= 1'b0;
      stage_op_q <= '0;
      stage_dest_q <= '0;
      acc_q <= '0;
    end else begin
      if (busy) begin
        op_q <= op;
        a_q <= a;
        dest_q <= dest;
        row_q <= row;
        if (op == secp_pkg::OpMulN) begin
          // digit, fold, digit, fold, ...
          fold_turn_q <= !is_fold;
          if (is_fold) left_q <= left - 4'd1;
          else left_q <= left;
          busy_q <= !(is_fold && left == '0);
          if (!is_fold) b_q <= b << DigitBits;
          else b_q <= b;
        end else begin
          fold_turn_q <= 1'b0;
          left_q <= left - 4'd1;
          busy_q <= left != '0;
          b_q <= b << DigitBits;
        end
      end
      valid_q <= busy;
      first_q <= start;
      fold_q <= busy & is_fold;
      last_q <= (left == '0) & ((op != secp_pkg::OpMulN) | is_fold);
      stage_op_q <= op;
      stage_dest_q <= dest;
      if (valid_q) begin
        acc_q <= (stage_op_q == secp_pkg::OpMulHigh || (stage_op_q == secp_pkg::OpMulN && !fold_q)) ? sum : SumBits'(folded);
      end
    end
  end

endmodule
