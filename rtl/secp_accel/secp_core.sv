// Datapath: register file, table, multiplier and adder side, driven word by word by the sequencer. One thing starts a cycle and one
// result is written a cycle; a product is written when it is there, and the microcode knows when.
module secp_core #(
  parameter int unsigned DigitBits = 64,
  parameter int unsigned Style = secp_pkg::StyleProtected,
  parameter bit          Tree = 1'b0
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  // Operand writes and reads of the results RX and RY, one 32-bit word; only while idle.
  input  logic               slot_we_i,
  input  logic               reg_we_i,
  input  logic [1:0]         index_i,
  input  logic [2:0]         word_i,
  input  logic [31:0]        wdata_i,
  input  logic               result_index_i,
  output logic [31:0]        result_o,
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
  output logic               result_fault_o
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
      .stop_i(busy_o & (uop.seq_op == secp_pkg::SeqEnd)),
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

  logic infinity_q, not_on_curve_q, bad_scalar_q, result_fault_q, random_fault_q, faulty, failed;
  assign faulty = not_on_curve_q | bad_scalar_q | result_fault_q | random_fault_q;
  assign failed = infinity_q | faulty;  // infinity has no coordinates, but it is an answer

  // Operand reads. The registers have no reset: a program wipes them. What is refused is not computed with.
  secp_pkg::reg_t a_address, b_address, write_address;
  logic [255:0] a_read, b_read, a, b, constant, write_value;
  logic [7:0] write_words;
  logic of_slot, silent;
  assign of_slot = (uop.op == secp_pkg::OpSlot) | (uop.op == secp_pkg::OpChkSlot);
  assign silent = (uop.op == secp_pkg::OpResult & failed) | (uop.op == secp_pkg::OpSlotSet & faulty);
  assign a_address = of_slot ? {secp_pkg::SlotRows, uop.a[0] ? slot_b_i : slot_a_i} : uop.a[4:0];
  assign b_address = uop.b[4:0];
  secp_constants #(
    .DigitBits(DigitBits),
    .Style(Style)
  ) u_constants (
    .index_i(uop.b[4:0]),
    .value_o(constant)
  );
  secp_regs u_regs (
    .clk_i,
    .a_address_i(a_address),
    .a_o(a_read),
    .b_address_i(b_address),
    .b_o(b_read),
    .result_index_i,
    .result_word_i(word_i),
    .result_o,
    .write_words_i(write_words),
    .write_address_i(write_address),
    .write_value_i(write_value)
  );
  assign a = (uop.a[5] | silent) ? '0 : ((bad_scalar_q | not_on_curve_q) && uop.op == secp_pkg::OpSlot) ? random : a_read;
  assign b = uop.b[5] ? constant : b_read;

  logic mul_valid;
  secp_pkg::reg_t mul_dest;
  logic [255:0] mul_result;
  secp_modmul #(
    .DigitBits(DigitBits),
    .Tree(Tree)
  ) u_modmul (
    .clk_i,
    .rst_ni,
    .op_i(uop.op),
    .a_i(a),
    .b_i(b),
    .dest_i(uop.d),
    .valid_o(mul_valid),
    .dest_o(mul_dest),
    .result_o(mul_result)
  );

  logic [7:0] window;
  logic [2*secp_pkg::CombTeeth-1:0] comb;
  logic top;
  secp_scalar #(
    .HalfBits(HalfBits),
    .CombSpacing(CombSpacing)
  ) u_scalar (
    .clk_i,
    .rst_ni,
    .set_i(uop.op == secp_pkg::OpHalf),
    .which_i(uop.d[0]),
    .up_window_i(busy_o & (uop.seq_op == secp_pkg::SeqLoopW)),
    .up_bit_i(busy_o & (uop.seq_op == secp_pkg::SeqLoopC)),
    .value_i(a[HalfBits-1:0]),
    .window_o(window),
    .comb_o(comb),
    .top_o(top)
  );

  logic [255:0] table_value, comb_value;
  logic table_negative, comb_negative, table_read, table_push;
  logic [1:0] table_coordinate;
  assign table_read = uop.op == secp_pkg::OpWindow;
  assign table_push = uop.op == secp_pkg::OpPush;
  assign table_coordinate = table_push ? uop.d[1:0] : uop.b[1:0];
  secp_table u_table (
    .clk_i,
    .rst_ni,
    .push_i(table_push),
    .value_i(a),
    .read_i(table_read),
    .digit_i(uop.b[2] ? window[7:4] : window[3:0]),
    .coordinate_i(table_coordinate),
    .value_o(table_value),
    .negative_o(table_negative)
  );
  secp_comb #(
    .Style(Style)
  ) u_comb (
    .read_i(uop.op == secp_pkg::OpComb),
    .teeth_i(uop.b[2] ? comb[2*secp_pkg::CombTeeth-1 -: secp_pkg::CombTeeth] : comb[secp_pkg::CombTeeth-1:0]),
    .y_i(uop.b[0]),
    .value_o(comb_value),
    .negative_o(comb_negative)
  );

  // The adder side. What is looked up or random is added to 0, or taken from it.
  logic looks_up, subtract, mod_n, above_m, zero;
  logic [255:0] alu_b, alu_result;
  always_comb begin
    looks_up = 1'b0;
    subtract = 1'b0;
    mod_n = 1'b0;
    unique case (uop.op)
      secp_pkg::OpWindow:  {looks_up, subtract} = {1'b1, table_negative};
      secp_pkg::OpComb:    {looks_up, subtract} = {1'b1, comb_negative};
      secp_pkg::OpRandom, secp_pkg::OpRandom64: looks_up = 1'b1;
      secp_pkg::OpEven:    subtract = b[0];
      secp_pkg::OpSub, secp_pkg::OpChkEq, secp_pkg::OpChkInf, secp_pkg::OpChkOut: subtract = 1'b1;
      secp_pkg::OpAddN, secp_pkg::OpChkSlot: mod_n = 1'b1;
      secp_pkg::OpSubN, secp_pkg::OpSlot: {subtract, mod_n} = 2'b11;
      default: ;
    endcase
    alu_b = !looks_up ? b : table_value | comb_value | ({256{uop.op == secp_pkg::OpRandom}} & random) |
                            {192'b0, {64{uop.op == secp_pkg::OpRandom64}} & random[63:0]};
  end
  logic [255:0] sum;
  secp_alu u_alu (
    .subtract_i(subtract),
    .mod_n_i(mod_n),
    .a_i(a),
    .b_i(alu_b),
    .result_o(sum),
    .above_m_o(above_m),
    .zero_o(zero)
  );
  if (Style == secp_pkg::StyleDoubleAdd) begin : gen_select
    assign alu_result = (uop.op == secp_pkg::OpSelTop) ? (top ? a : b) : sum;
  end else begin : gen_no_select
    logic unused;
    assign unused = top;
    assign alu_result = sum;
  end

  // One write port: the microcode never writes from both sides in one cycle.
  logic alu_write, keeps, takes_a, takes_b, first_word;
  logic [1:0] slot;
  secp_pkg::reg_t alu_address;
  always_comb begin
    unique case (uop.d[1:0])
      2'd0:    slot = slot_a_i;
      2'd1:    slot = slot_b_i;
      default: slot = slot_d_i;
    endcase
    takes_a = (op_i != 4'(secp_reg_pkg::OpAdd)) & (op_i != 4'(secp_reg_pkg::OpLiftX)) & (op_i != 4'(secp_reg_pkg::OpCheck));
    takes_b = (op_i == 4'(secp_reg_pkg::OpMulAdd)) | (op_i >= 4'(secp_reg_pkg::OpAddN));
    // Public: the operation, KEEP and the outcome.
    keeps = (uop.op == secp_pkg::OpSlotWipe) & (!(uop.d[0] ? takes_b : takes_a) | (keep_i & !faulty));
    alu_write = (uop.op >= secp_pkg::OpFirstWriting) & (uop.op <= secp_pkg::OpLastWriting);
    alu_address = (uop.op == secp_pkg::OpSlotSet || uop.op == secp_pkg::OpSlotWipe) ? {secp_pkg::SlotRows, slot} : uop.d;
    write_words = '0;
    write_words[word_i] = slot_we_i | reg_we_i;
    if (slot_we_i && first_word) write_words = '1;
    if (mul_valid || alu_write) write_words = {8{!keeps}};
    write_address = mul_valid ? mul_dest : alu_write ? alu_address : {slot_we_i ? secp_pkg::SlotRows : secp_pkg::OperandRows, index_i};
    write_value = {8{wdata_i}};
    if (slot_we_i) begin
      write_value = '0;
      write_value[32*word_i +: 32] = wdata_i;
    end
    if (alu_write) write_value = alu_result;
    if (mul_valid) write_value = mul_result;
  end
  assign addr_o = {mul_valid, alu_write, write_address, a_address, uop.a[5], b_address, uop.b[5], table_push, table_read, table_coordinate};

  // The first word that is written to a slot takes the others away: what is left of an old scalar, beside a new word, would be short
  // enough to be searched for.
  logic filling_q;
  logic [1:0] filled_q;
  assign first_word = !(filling_q & (filled_q == index_i));
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      filling_q <= 1'b0;
      filled_q <= '0;
    end else if (start_i) begin
      filling_q <= 1'b0;
    end else if (slot_we_i) begin
      filling_q <= 1'b1;
      filled_q <= index_i;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      infinity_q <= 1'b0;
      not_on_curve_q <= 1'b0;
      bad_scalar_q <= 1'b0;
      result_fault_q <= 1'b0;
      random_fault_q <= 1'b0;
    end else if (start_i) begin
      infinity_q <= 1'b0;
      not_on_curve_q <= 1'b0;
      bad_scalar_q <= 1'b0;
      result_fault_q <= 1'b0;
      random_fault_q <= 1'b0;
    end else begin
      if (busy_o && uop.seq_op == secp_pkg::SeqSeed && random_ready) random_fault_q <= random_fault;
      unique case (uop.op)
        secp_pkg::OpChkRange: not_on_curve_q <= not_on_curve_q | above_m;
        secp_pkg::OpChkEq: not_on_curve_q <= not_on_curve_q | !zero;
        secp_pkg::OpChkSlot: bad_scalar_q <= bad_scalar_q | above_m | (uop.d[0] & zero);
        secp_pkg::OpChkInf: infinity_q <= zero & !not_on_curve_q & !bad_scalar_q;
        secp_pkg::OpChkOut: result_fault_q <= !zero & !infinity_q & !not_on_curve_q & !bad_scalar_q;
        default: ;
      endcase
    end
  end

  assign infinity_o = infinity_q;
  assign not_on_curve_o = not_on_curve_q;
  assign bad_scalar_o = bad_scalar_q;
  assign random_fault_o = random_fault_q;
  assign result_fault_o = result_fault_q;

endmodule
