// Datapath: registers, scalars, table, multiplier, adder side and inverter, driven word by word by the sequencer.
module secp_core #(
  parameter int unsigned DigitBits = 64,
  parameter int unsigned Style = secp_pkg::StyleProtected
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  // Operand writes, one 32-bit word; only while idle.
  input  logic               slot_we_i,
  input  logic               reg_we_i,
  input  logic [1:0]         index_i,
  input  logic [2:0]         word_i,
  input  logic [31:0]        wdata_i,
  // Control.
  input  logic               start_i,
  input  logic [3:0]         op_i,
  input  logic [1:0]         slot_a_i,
  input  logic [1:0]         slot_b_i,
  input  logic [1:0]         slot_d_i,
  input  logic               keep_i,
  output logic               busy_o,
  output logic               done_o,
  output logic [secp_pkg::PcWidth-1:0] pc_o,
  output logic [9:0]         count_o,
  output logic [secp_pkg::AddrWidth-1:0] addr_o,  // of every register read and written in this cycle
  // Randomness.
  output logic               entropy_req_o,
  input  logic               entropy_valid_i,
  input  logic [31:0]        entropy_i,
  // Outcome; valid from the last cycle of an operation to the next start.
  output logic               infinity_o,
  output logic               not_on_curve_o,
  output logic               bad_scalar_o,
  output logic               random_fault_o,
  output logic               result_fault_o,
  output logic [255:0]       rx_o,
  output logic [255:0]       ry_o
);

  localparam int unsigned HalfBits = (Style == secp_pkg::StyleProtected) ? 196 : (Style == secp_pkg::StyleUnprotected) ? 132 : 256;
  localparam int unsigned CombSpacing = (Style == secp_pkg::StyleProtected) ? 39 : 26;

  secp_pkg::uop_t uop;
  logic random_ready, random_fault;
  logic [255:0] random;

  secp_sequencer #(
    .DigitBits(DigitBits),
    .Style(Style)
  ) u_sequencer (
    .clk_i,
    .rst_ni,
    .start_i,
    .op_i,
    .random_ready_i(random_ready),
    .random_fault_i(random_fault),
    .busy_o,
    .done_o,
    .pc_o,
    .count_o,
    .uop_o(uop)
  );

  if (Style == secp_pkg::StyleProtected) begin : gen_random
    secp_random u_random (
      .clk_i,
      .rst_ni,
      .start_i,
      .ready_o(random_ready),
      .fault_o(random_fault),
      .random_o(random),
      .entropy_req_o,
      .entropy_valid_i,
      .entropy_i
    );
  end else begin : gen_no_random
    assign random_ready = 1'b1;
    assign random_fault = 1'b0;
    assign random = '0;
    assign entropy_req_o = 1'b0;
    logic unused;
    assign unused = ^{entropy_valid_i, entropy_i};
  end

  // Operand reads. The registers have no reset: a program wipes them.
  logic [255:0] regs_q [32];
  logic [255:0] mul_a, mul_b, alu_a, alu_b;
  logic [255:0] const_mul_a, const_mul_b, const_alu_a, const_alu_b;
  secp_constants #(.DigitBits(DigitBits), .Style(Style)) u_const_mul_a (.index_i(uop.mul_a[4:0]), .value_o(const_mul_a));
  secp_constants #(.DigitBits(DigitBits), .Style(Style)) u_const_mul_b (.index_i(uop.mul_b[4:0]), .value_o(const_mul_b));
  secp_constants #(.DigitBits(DigitBits), .Style(Style)) u_const_alu_a (.index_i(uop.alu_a[4:0]), .value_o(const_alu_a));
  secp_constants #(.DigitBits(DigitBits), .Style(Style)) u_const_alu_b (.index_i(uop.alu_b[4:0]), .value_o(const_alu_b));
  assign mul_a = uop.mul_a[5] ? const_mul_a : regs_q[uop.mul_a[4:0]];
  assign mul_b = uop.mul_b[5] ? const_mul_b : regs_q[uop.mul_b[4:0]];
  assign alu_a = uop.alu_a[5] ? const_alu_a : regs_q[uop.alu_a[4:0]];
  assign alu_b = uop.alu_b[5] ? const_alu_b : regs_q[uop.alu_b[4:0]];

  logic mul_valid;
  secp_pkg::reg_t mul_dest;
  logic [255:0] mul_result;
  secp_modmul #(
    .DigitBits(DigitBits)
  ) u_modmul (
    .clk_i,
    .rst_ni,
    .op_i(uop.mul_op),
    .a_i(mul_a),
    .b_i(mul_b),
    .dest_i(uop.mul_d),
    .valid_o(mul_valid),
    .dest_o(mul_dest),
    .result_o(mul_result)
  );

  logic [255:0] inverse;
  secp_inverse u_inverse (
    .clk_i,
    .rst_ni,
    .start_i(uop.alu_op == secp_pkg::AluInvStart),
    .mod_n_i(uop.alu_n),
    .a_i(alu_a),
    .read_i(uop.alu_op == secp_pkg::AluInverse),
    .result_o(inverse)
  );

  logic infinity_q, not_on_curve_q, bad_scalar_q, result_fault_q, random_fault_q, failed;
  assign failed = infinity_q | not_on_curve_q | bad_scalar_q | result_fault_q | random_fault_q;

  // Scalars.
  logic [255:0] slot_a, slot_b, slot;
  logic [7:0] window;
  logic [2*secp_pkg::CombTeeth-1:0] comb;
  logic top, slot_set;
  assign slot_set = (uop.alu_op == secp_pkg::AluSlotSet) |
                    (uop.alu_op == secp_pkg::AluSlotWipe & (!keep_i | failed_for_slots));
  // Infinity is an answer, not an error.
  logic failed_for_slots;
  assign failed_for_slots = not_on_curve_q | bad_scalar_q | result_fault_q | random_fault_q;
  secp_scalar #(
    .HalfBits(HalfBits),
    .CombSpacing(CombSpacing)
  ) u_scalar (
    .clk_i,
    .rst_ni,
    .we_i(slot_we_i),
    .slot_i(index_i),
    .word_i,
    .wdata_i,
    .slot_a_i,
    .slot_b_i,
    .slot_d_i,
    .a_o(slot_a),
    .b_o(slot_b),
    .set_i(slot_set),
    .set_which_i(uop.alu_d[1:0]),
    .half_i(uop.alu_op == secp_pkg::AluHalf),
    .half_which_i(uop.alu_d[0]),
    .up_window_i(busy_o & (uop.seq_op == secp_pkg::SeqLoopW)),
    .up_bit_i(busy_o & (uop.seq_op == secp_pkg::SeqLoopC)),
    .value_i((uop.alu_op == secp_pkg::AluSlotSet && failed_for_slots) ? '0 : alu_a),
    .window_o(window),
    .comb_o(comb),
    .top_o(top)
  );
  // A scalar that is refused is not computed with either.
  assign slot = bad_scalar_q ? random : uop.alu_a[0] ? slot_b : slot_a;

  logic [255:0] table_value, comb_value;
  secp_table u_table (
    .clk_i,
    .rst_ni,
    .push_i(uop.alu_op == secp_pkg::AluPush),
    .push_coordinate_i(uop.alu_d[1:0]),
    .value_i(alu_a),
    .read_i(uop.alu_op == secp_pkg::AluWindow),
    .digit_i(uop.alu_a[2] ? window[7:4] : window[3:0]),
    .coordinate_i(uop.alu_a[1:0]),
    .value_o(table_value)
  );
  secp_comb #(
    .Style(Style)
  ) u_comb (
    .read_i(uop.alu_op == secp_pkg::AluComb),
    .teeth_i(uop.alu_a[2] ? comb[2*secp_pkg::CombTeeth-1 -: secp_pkg::CombTeeth] : comb[secp_pkg::CombTeeth-1:0]),
    .y_i(uop.alu_a[0]),
    .value_o(comb_value)
  );

  // The adder side.
  logic above_m, equal;
  logic [255:0] alu_sum, alu_result;
  secp_alu u_alu (
    .op_i((uop.alu_op == secp_pkg::AluSlot) ? secp_pkg::AluSub : uop.alu_op),
    .mod_n_i(uop.alu_n),
    .a_i((uop.alu_op == secp_pkg::AluSlot) ? slot : alu_a),
    .b_i(alu_b),
    .result_o(alu_sum),
    .above_m_o(above_m),
    .equal_o(equal)
  );
  always_comb begin
    unique case (uop.alu_op)
      secp_pkg::AluRandom:   alu_result = random;
      secp_pkg::AluRandom64: alu_result = {192'b0, random[63:0]};
      secp_pkg::AluWindow:   alu_result = table_value;
      secp_pkg::AluComb:     alu_result = comb_value;
      secp_pkg::AluInverse:  alu_result = inverse;
      secp_pkg::AluSelTop:   alu_result = top ? alu_a : alu_b;
      default:               alu_result = alu_sum;
    endcase
  end

  // One write port: the microcode never writes from both sides in one cycle.
  logic alu_write;
  assign alu_write = (uop.alu_op != secp_pkg::AluNop) & (uop.alu_op <= secp_pkg::AluLastWriting);
  assign addr_o = {mul_valid, mul_dest, alu_write, uop.alu_d, uop.mul_a, uop.mul_b, uop.alu_a, uop.alu_b};
  always_ff @(posedge clk_i) begin
    if (mul_valid) regs_q[mul_dest] <= mul_result;
    else if (alu_write) regs_q[uop.alu_d] <= alu_result;
    else if (reg_we_i) regs_q[{3'b0, index_i}][32*word_i +: 32] <= wdata_i;
  end

  // Which scalars an operation takes, and whether they may be 0.
  logic uses_a, uses_b, nonzero;
  always_comb begin
    uses_a = 1'b0;
    uses_b = 1'b0;
    nonzero = 1'b0;
    unique case (4'(op_i))
      4'(secp_reg_pkg::OpMul), 4'(secp_reg_pkg::OpMulBase): uses_a = 1'b1;
      4'(secp_reg_pkg::OpMulAdd), 4'(secp_reg_pkg::OpAddN), 4'(secp_reg_pkg::OpMulN): begin
        uses_a = 1'b1;
        uses_b = 1'b1;
      end
      4'(secp_reg_pkg::OpInvN): begin
        uses_a = 1'b1;
        nonzero = 1'b1;
      end
      4'(secp_reg_pkg::OpSignN): begin
        uses_a = 1'b1;
        uses_b = 1'b1;
        nonzero = 1'b1;
      end
      default: ;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      infinity_q <= 1'b0;
      not_on_curve_q <= 1'b0;
      bad_scalar_q <= 1'b0;
      result_fault_q <= 1'b0;
      random_fault_q <= 1'b0;
    end else begin
      if (start_i) begin
        infinity_q <= 1'b0;
        not_on_curve_q <= 1'b0;
        result_fault_q <= 1'b0;
        random_fault_q <= 1'b0;
        bad_scalar_q <= (uses_a & ((slot_a >= secp_pkg::Order) | (nonzero & (slot_a == '0)))) |
                        (uses_b & ((slot_b >= secp_pkg::Order) | (nonzero & (slot_b == '0))));
      end
      if (busy_o && uop.seq_op == secp_pkg::SeqSeed && random_ready) random_fault_q <= random_fault;
      unique case (uop.alu_op)
        secp_pkg::AluChkRange: not_on_curve_q <= not_on_curve_q | above_m;
        secp_pkg::AluChkEq: not_on_curve_q <= not_on_curve_q | !equal;
        secp_pkg::AluChkInf: infinity_q <= equal & !not_on_curve_q & !bad_scalar_q;
        secp_pkg::AluChkOut: result_fault_q <= !equal & !infinity_q & !not_on_curve_q & !bad_scalar_q;
        default: ;
      endcase
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rx_o <= '0;
      ry_o <= '0;
    end else begin
      if (start_i) begin
        rx_o <= '0;
        ry_o <= '0;
      end
      if (uop.alu_op == secp_pkg::AluOutX) rx_o <= failed ? '0 : alu_a;
      if (uop.alu_op == secp_pkg::AluOutY) ry_o <= failed ? '0 : alu_a;
    end
  end

  assign infinity_o = infinity_q;
  assign not_on_curve_o = not_on_curve_q;
  assign bad_scalar_o = bad_scalar_q;
  assign random_fault_o = random_fault_q;
  assign result_fault_o = result_fault_q;

endmodule
