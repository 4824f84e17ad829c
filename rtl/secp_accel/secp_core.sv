// Datapath: register file, scalar register, multiplier and adder side, driven word by word by the sequencer.
module secp_core #(
  parameter bit SkipLeadingZeros = 1'b0
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  // Operand writes, one 32-bit word; only while idle.
  input  logic               k_we_i,
  input  logic               reg_we_i,
  input  logic [1:0]         reg_i,
  input  logic [2:0]         word_i,
  input  logic [31:0]        wdata_i,
  // Control.
  input  logic               start_i,
  input  logic [1:0]         op_i,
  input  logic               uses_k_i,
  output logic               busy_o,
  output logic               done_o,
  output logic [secp_pkg::PcWidth-1:0] pc_o,
  // Outcome; valid from the last cycle of an operation to the next start.
  output logic               infinity_o,
  output logic               not_on_curve_o,
  output logic               bad_scalar_o,
  output logic [255:0]       rx_o,
  output logic [255:0]       ry_o
);

  secp_pkg::uop_t         uop;
  logic [255:0] regs_q [secp_pkg::NumRegs];
  logic [255:0] k_q, rx_q, ry_q;
  logic         infinity_q, not_on_curve_q, bad_scalar_q;

  logic [7:0] leading_zeros;
  if (SkipLeadingZeros) begin : gen_weak
    always_comb begin
      leading_zeros = 8'd255;
      for (int unsigned i = 0; i < 256; i++) begin
        if (k_q[i]) leading_zeros = 8'(255 - i);
      end
    end
  end else begin : gen_constant_time
    assign leading_zeros = 8'd0;
  end

  secp_sequencer #(
    .SkipLeadingZeros(SkipLeadingZeros)
  ) u_sequencer (
    .clk_i,
    .rst_ni,
    .start_i,
    .op_i,
    .leading_zeros_i(leading_zeros),
    .busy_o,
    .pc_o,
    .done_o,
    .uop_o(uop)
  );

  // Operand reads.
  function automatic logic [255:0] constant(input logic [2:0] index);
    unique case (index)
      secp_pkg::Const1[2:0]:  constant = 256'd1;
      secp_pkg::Const7[2:0]:  constant = 256'd7;
      secp_pkg::Const21[2:0]: constant = 256'd21;
      secp_pkg::ConstGx[2:0]: constant = 256'h79BE667E_F9DCBBAC_55A06295_CE870B07_029BFCDB_2DCE28D9_59F2815B_16F81798;
      secp_pkg::ConstGy[2:0]: constant = 256'h483ADA77_26A3C465_5DA4FBFC_0E1108A8_FD17B448_A6855419_9C47D08F_FB10D4B8;
      default:      constant = 256'd0;
    endcase
  endfunction

  function automatic logic [255:0] with_word(input logic [255:0] old, input logic [2:0] index, input logic [31:0] data);
    with_word = old;
    with_word[32*index +: 32] = data;
  endfunction

  logic [255:0] mul_a, mul_b, alu_a, alu_b;
  always_comb begin
    mul_a = (uop.mul_a[4:3] == 2'b11) ? constant(uop.mul_a[2:0]) : regs_q[uop.mul_a];
    mul_b = (uop.mul_b[4:3] == 2'b11) ? constant(uop.mul_b[2:0]) : regs_q[uop.mul_b];
    alu_a = (uop.alu_a[4:3] == 2'b11) ? constant(uop.alu_a[2:0]) : regs_q[uop.alu_a];
    alu_b = (uop.alu_b[4:3] == 2'b11) ? constant(uop.alu_b[2:0]) : regs_q[uop.alu_b];
  end

  logic         mul_valid, alu_write, above_p, equal;
  secp_pkg::operand_t     mul_dest;
  logic [255:0] mul_result, alu_result;

  secp_modmul u_modmul (
    .clk_i,
    .rst_ni,
    .start_i(uop.mul_start),
    .short_i(uop.mul_short),
    .a_i(mul_a),
    .b_i(mul_b),
    .dest_i(uop.mul_d),
    .valid_o(mul_valid),
    .dest_o(mul_dest),
    .result_o(mul_result)
  );

  secp_alu u_alu (
    .op_i(uop.alu_op),
    .k_bit_i(k_q[255]),
    .a_i(alu_a),
    .b_i(alu_b),
    .write_o(alu_write),
    .result_o(alu_result),
    .above_p_o(above_p),
    .equal_o(equal)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      for (int unsigned i = 0; i < secp_pkg::NumRegs; i++) regs_q[i] <= '0;
    end else begin
      if (reg_we_i) regs_q[{3'b0, reg_i}] <= with_word(regs_q[{3'b0, reg_i}], word_i, wdata_i);
      if (mul_valid) regs_q[mul_dest] <= mul_result;
      if (alu_write) regs_q[uop.alu_d] <= alu_result;
    end
  end

  logic failed;
  assign failed = infinity_q | not_on_curve_q | bad_scalar_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      k_q <= '0;
      infinity_q <= 1'b0;
      not_on_curve_q <= 1'b0;
      bad_scalar_q <= 1'b0;
      rx_q <= '0;
      ry_q <= '0;
    end else begin
      if (k_we_i) k_q <= with_word(k_q, word_i, wdata_i);
      if (start_i) begin
        infinity_q <= 1'b0;
        not_on_curve_q <= 1'b0;
        bad_scalar_q <= uses_k_i & (k_q >= secp_pkg::Order);
      end
      if (done_o) begin
        k_q <= '0;
      end else if (busy_o && uop.seq_op == secp_pkg::SeqLoopK) begin
        k_q <= {k_q[254:0], 1'b0};
      end else if (busy_o && uop.seq_op == secp_pkg::SeqSetK) begin
        k_q <= k_q << leading_zeros;
      end
      unique case (uop.alu_op)
        secp_pkg::AluChkRange: not_on_curve_q <= not_on_curve_q | above_p;
        secp_pkg::AluChkEq: not_on_curve_q <= not_on_curve_q | !equal;
        secp_pkg::AluChkInf: infinity_q <= equal & !not_on_curve_q & !bad_scalar_q;
        secp_pkg::AluOutX: rx_q <= failed ? '0 : alu_a;
        secp_pkg::AluOutY: ry_q <= failed ? '0 : alu_a;
        default: ;
      endcase
    end
  end

  assign infinity_o = infinity_q;
  assign not_on_curve_o = not_on_curve_q;
  assign bad_scalar_o = bad_scalar_q;
  assign rx_o = rx_q;
  assign ry_o = ry_q;

endmodule
