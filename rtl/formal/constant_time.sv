// Two accelerators with the same bus traffic, except that every operand word (K, P, Q) is free in each. `bad` rises when
// they differ in anything an observer of time could see. Proved never to rise: time is a function of the operation alone.
module constant_time #(
  parameter bit SkipLeadingZeros = 1'b0
) (
  input  logic        clk_i,
  input  logic        req_i,
  input  logic        we_i,
  input  logic [11:0] addr_i,
  input  logic [31:0] wdata_i,
  input  logic [31:0] operand_a_i,
  input  logic [31:0] operand_b_i,
  output logic        bad_o
);

  // In reset for the first cycle.
  logic rst_nq = 1'b0;
  always_ff @(posedge clk_i) rst_nq <= 1'b1;

  logic is_operand;
  assign is_operand = (addr_i >= secp_reg_pkg::SecpKOffset) & (addr_i < secp_reg_pkg::SecpRxOffset);

  logic irq_a, irq_b, busy_a, busy_b, done_a, done_b;
  logic [secp_pkg::PcWidth-1:0] pc_a, pc_b;
  logic [31:0] rdata_a, rdata_b;  // results: public, and not compared

  secp_accel #(.SkipLeadingZeros(SkipLeadingZeros)) u_a (
    .clk_i(clk_i), .rst_ni(rst_nq), .req_i(req_i), .we_i(we_i), .addr_i(addr_i),
    .wdata_i(is_operand ? operand_a_i : wdata_i), .rdata_o(rdata_a),
    .irq_o(irq_a), .busy_o(busy_a), .done_o(done_a), .pc_o(pc_a)
  );
  secp_accel #(.SkipLeadingZeros(SkipLeadingZeros)) u_b (
    .clk_i(clk_i), .rst_ni(rst_nq), .req_i(req_i), .we_i(we_i), .addr_i(addr_i),
    .wdata_i(is_operand ? operand_b_i : wdata_i), .rdata_o(rdata_b),
    .irq_o(irq_b), .busy_o(busy_b), .done_o(done_b), .pc_o(pc_b)
  );

  assign bad_o = {irq_a, busy_a, done_a, pc_a} != {irq_b, busy_b, done_b, pc_b};

endmodule
