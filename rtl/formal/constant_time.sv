// Two accelerators with the same bus traffic, except that every operand word (K, P, Q) and every word of entropy is free in each.
// `bad` rises when they differ in anything an observer of time could see. Proved never to rise: time is a function of the
// operations and of the random source's readiness and health alone. Results and STATUS are not compared: they are declassified.
module constant_time #(
  parameter int unsigned DigitBits = 64,
  parameter int unsigned Style = secp_pkg::StyleProtected
) (
  input  logic        clk_i,
  input  logic        req_i,
  input  logic        we_i,
  input  logic [11:0] addr_i,
  input  logic [31:0] wdata_i,
  input  logic [31:0] operand_a_i,
  input  logic [31:0] operand_b_i,
  input  logic        entropy_valid_i,
  input  logic [31:0] change_a_i,
  input  logic [31:0] change_b_i,
  output logic        bad_o
);

  // In reset for the first cycle.
  logic rst_nq = 1'b0;
  always_ff @(posedge clk_i) rst_nq <= 1'b1;

  logic is_operand;
  assign is_operand = (addr_i >= secp_reg_pkg::SecpPxOffset) & (addr_i < secp_reg_pkg::SecpRxOffset) |
                      (addr_i >= secp_reg_pkg::SecpKOffset) & (addr_i < secp_reg_pkg::SecpKOffset + 12'd128);

  // A source that repeats a word is found out, and that it did is public: both repeat in the same cycles.
  logic [31:0] last_aq = '0, last_bq = '0, entropy_a, entropy_b;
  assign entropy_a = last_aq ^ change_a_i;
  assign entropy_b = last_bq ^ ((change_a_i == '0) ? '0 : (change_b_i == '0) ? 32'd1 : change_b_i);
  always_ff @(posedge clk_i) begin
    if (req_a & entropy_valid_i) last_aq <= entropy_a;
    if (req_b & entropy_valid_i) last_bq <= entropy_b;
  end

  logic irq_a, irq_b, busy_a, busy_b, done_a, done_b, req_a, req_b;
  logic [secp_pkg::PcWidth-1:0] pc_a, pc_b;
  logic [9:0] count_a, count_b;
  logic [31:0] rdata_a, rdata_b;

  secp_accel #(.DigitBits(DigitBits), .Style(Style)) u_a (
    .clk_i(clk_i), .rst_ni(rst_nq), .req_i(req_i), .we_i(we_i), .addr_i(addr_i),
    .wdata_i(is_operand ? operand_a_i : wdata_i), .rdata_o(rdata_a), .irq_o(irq_a),
    .entropy_req_o(req_a), .entropy_valid_i(entropy_valid_i), .entropy_i(entropy_a),
    .busy_o(busy_a), .done_o(done_a), .pc_o(pc_a), .count_o(count_a)
  );
  secp_accel #(.DigitBits(DigitBits), .Style(Style)) u_b (
    .clk_i(clk_i), .rst_ni(rst_nq), .req_i(req_i), .we_i(we_i), .addr_i(addr_i),
    .wdata_i(is_operand ? operand_b_i : wdata_i), .rdata_o(rdata_b), .irq_o(irq_b),
    .entropy_req_o(req_b), .entropy_valid_i(entropy_valid_i), .entropy_i(entropy_b),
    .busy_o(busy_b), .done_o(done_b), .pc_o(pc_b), .count_o(count_b)
  );

  assign bad_o = {irq_a, busy_a, done_a, req_a, pc_a, count_a} != {irq_b, busy_b, done_b, req_b, pc_b, count_b};

endmodule
