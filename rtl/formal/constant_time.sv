// Two accelerators with the same bus traffic, except that every operand word (K, P, Q) and every word of entropy is free in each.
// An output rises when they differ in what an observer of time could see. Proved never to rise: time is a function of the
// operations and of the random source's readiness and health alone.
// Results and the error bits of STATUS are declassified: the proof drives them, in both accelerators, from one free input
// (declassified_i); so what a host does after it has read them is covered, and the rest of what it reads is compared.
module constant_time #(
  parameter int unsigned DigitBits = 64,
  parameter bit          CompareReads = 1'b1
) (
  input  logic         clk_i,
  input  logic         req_i,
  input  logic         we_i,
  input  logic [11:0]  addr_i,
  input  logic [31:0]  wdata_i,
  input  logic [31:0]  operand_a_i,
  input  logic [31:0]  operand_b_i,
  input  logic         entropy_valid_i,
  input  logic [31:0]  change_a_i,
  input  logic [31:0]  change_b_i,
  // One operation alone can be started, or any; the proof ties these to constants.
  input  logic         restrict_i,
  input  logic [3:0]   operation_i,
  // Instead of free bus traffic: that operation once, with scalars 0 and 1 (16 words), and a source that is always ready.
  // For counterexamples, which are easy to find and to read so.
  input  logic         script_i,
  input  logic [511:0] scalars_a_i,  // taken in the first cycle
  input  logic [511:0] scalars_b_i,
  input  logic [36:0]  declassified_i,
  output logic         differ_busy_o,
  output logic         differ_done_o,
  output logic         differ_irq_o,
  output logic         differ_entropy_req_o,
  output logic         differ_read_o,
  output logic         differ_pc_o,
  output logic         differ_count_o,
  output logic         differ_addr_o
);

  // In reset for the first cycle.
  logic rst_nq = 1'b0;
  always_ff @(posedge clk_i) rst_nq <= 1'b1;

  logic req, we, entropy_valid, busy_a, busy_b;
  logic [11:0] addr;
  logic [4:0]  step_q = 5'd0;
  always_ff @(posedge clk_i) if (script_i && rst_nq && !busy_a && step_q != 5'd18) step_q <= step_q + 5'd1;
  logic [511:0] scalars_aq, scalars_bq;
  always_ff @(posedge clk_i) begin
    if (!rst_nq) begin
      scalars_aq <= scalars_a_i;
      scalars_bq <= scalars_b_i;
    end else if (!busy_a && step_q != 5'd0) begin
      scalars_aq <= scalars_aq >> 32;
      scalars_bq <= scalars_bq >> 32;
    end
  end
  always_comb begin
    req = req_i;
    we = we_i;
    addr = addr_i;
    entropy_valid = entropy_valid_i;
    if (script_i) begin
      req = rst_nq & !busy_a & (step_q != 5'd18);
      we = 1'b1;
      entropy_valid = 1'b1;
      unique case (step_q)
        5'd0:    addr = secp_reg_pkg::SecpOpOffset;
        5'd17:   addr = secp_reg_pkg::SecpStartOffset;
        default: addr = secp_reg_pkg::SecpKOffset + 12'({step_q - 5'd1, 2'b00});
      endcase
    end
  end

  logic is_operand, is_op, is_start, op_written_q = 1'b0;
  assign is_operand = (addr >= secp_reg_pkg::SecpPxOffset) & (addr < secp_reg_pkg::SecpRxOffset) |
                      (addr >= secp_reg_pkg::SecpKOffset) & (addr < secp_reg_pkg::SecpKOffset + 12'd128);
  assign is_op = addr[11:2] == secp_reg_pkg::SecpOpOffset[11:2];
  assign is_start = addr[11:2] == secp_reg_pkg::SecpStartOffset[11:2];

  logic [31:0] public_word, wdata_a, wdata_b;
  always_comb begin
    public_word = wdata_i;
    if (restrict_i && is_op) public_word = {28'b0, operation_i};
    if (restrict_i && is_start && !op_written_q) public_word = '0;
    if (script_i && is_start) public_word = 32'd1;
  end
  assign wdata_a = !is_operand ? public_word : script_i ? scalars_aq[31:0] : operand_a_i;
  assign wdata_b = !is_operand ? public_word : script_i ? scalars_bq[31:0] : operand_b_i;

  // A source that repeats a word is found out, and that it did is public: both repeat in the same cycles.
  logic [31:0] last_aq = '0, last_bq = '0, entropy_a, entropy_b;
  assign entropy_a = last_aq ^ (script_i ? 32'd1 : change_a_i);
  assign entropy_b = last_bq ^ (script_i ? 32'd1 : (change_a_i == '0) ? '0 : (change_b_i == '0) ? 32'd1 : change_b_i);

  logic irq_a, irq_b, done_a, done_b, req_a, req_b;
  logic [secp_pkg::PcWidth-1:0] pc_a, pc_b;
  logic [secp_pkg::AddrWidth-1:0] addr_a, addr_b;
  logic [9:0] count_a, count_b;
  logic [31:0] rdata_a, rdata_b;
  always_ff @(posedge clk_i) begin
    if (req_a & entropy_valid) last_aq <= entropy_a;
    if (req_b & entropy_valid) last_bq <= entropy_b;
    if (req & we & is_op & !busy_a) op_written_q <= 1'b1;
  end

  secp_accel #(.DigitBits(DigitBits)) u_a (
    .clk_i(clk_i), .rst_ni(rst_nq), .req_i(req), .we_i(we), .addr_i(addr),
    .wdata_i(wdata_a), .rdata_o(rdata_a), .irq_o(irq_a),
    .entropy_req_o(req_a), .entropy_valid_i(entropy_valid), .entropy_i(entropy_a),
    .busy_o(busy_a), .done_o(done_a), .pc_o(pc_a), .count_o(count_a), .addr_o(addr_a)
  );
  secp_accel #(.DigitBits(DigitBits)) u_b (
    .clk_i(clk_i), .rst_ni(rst_nq), .req_i(req), .we_i(we), .addr_i(addr),
    .wdata_i(wdata_b), .rdata_o(rdata_b), .irq_o(irq_b),
    .entropy_req_o(req_b), .entropy_valid_i(entropy_valid), .entropy_i(entropy_b),
    .busy_o(busy_b), .done_o(done_b), .pc_o(pc_b), .count_o(count_b), .addr_o(addr_b)
  );

  assign differ_busy_o = busy_a != busy_b;
  assign differ_done_o = done_a != done_b;
  assign differ_irq_o = irq_a != irq_b;
  assign differ_entropy_req_o = req_a != req_b;
  assign differ_read_o = CompareReads & (rdata_a != rdata_b);
  assign differ_pc_o = pc_a != pc_b;
  assign differ_count_o = count_a != count_b;
  assign differ_addr_o = addr_a != addr_b;

endmodule
