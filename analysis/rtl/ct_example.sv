// A toy core on our register map, for the test of `ct --top`: adds up the scalar bit by bit, in 256 cycles. EarlyExit: until no bit
// is left.
module secp_accel #(
  parameter int unsigned DigitBits = 64,
  parameter bit EarlyExit = 1'b0
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        req_i,
  input  logic        we_i,
  input  logic [11:0] addr_i,
  input  logic [31:0] wdata_i,
  output logic [31:0] rdata_o,
  output logic        irq_o,
  output logic        entropy_req_o,
  input  logic        entropy_valid_i,
  input  logic [31:0] entropy_i,
  output logic        busy_o,
  output logic        done_o,
  output logic [secp_pkg::PcWidth-1:0] pc_o,
  output logic [9:0]  count_o,
  output logic [secp_pkg::AddrWidth-1:0] addr_o
);

  logic [255:0] scalar_q;
  logic [31:0]  weight_q;
  logic [8:0]   left_q;
  logic         busy_q, intr_q, last;
  logic [9:0]   word;
  assign word = addr_i[11:2] - secp_reg_pkg::SecpKOffset[11:2];
  assign last = (left_q == 9'd1) | (EarlyExit & (scalar_q[255:1] == '0));

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      scalar_q <= '0;
      weight_q <= '0;
      left_q <= '0;
      busy_q <= 1'b0;
      intr_q <= 1'b0;
    end else if (busy_q) begin
      scalar_q <= scalar_q >> 1;
      weight_q <= weight_q + 32'(scalar_q[0]);
      left_q <= left_q - 9'd1;
      busy_q <= !last;
      intr_q <= last;
    end else if (req_i && we_i) begin
      if (word < 10'd8) scalar_q[32*word[2:0] +: 32] <= wdata_i;
      if (addr_i == secp_reg_pkg::SecpStartOffset) begin
        busy_q <= 1'b1;
        left_q <= 9'd256;
        weight_q <= '0;
        intr_q <= 1'b0;
      end
    end
  end

  assign rdata_o = busy_q ? '0 : weight_q;
  assign irq_o = intr_q;
  assign busy_o = busy_q;
  assign done_o = busy_q & last;
  assign entropy_req_o = 1'b0;
  assign pc_o = '0;
  assign count_o = 10'(left_q);
  assign addr_o = '0;

endmodule
