// The register file: 32 numbers of 256 bits, two read ports, one write port with an enable for every 32-bit word. No reset.
module secp_regs (
  input  logic           clk_i,
  input  secp_pkg::reg_t a_address_i,
  output logic [255:0]   a_o,
  input  secp_pkg::reg_t b_address_i,
  output logic [255:0]   b_o,
  input  logic [7:0]     write_words_i,
  input  secp_pkg::reg_t write_address_i,
  input  logic [255:0]   write_value_i
);

  logic [255:0] regs_q [32];

  assign a_o = regs_q[a_address_i];
  assign b_o = regs_q[b_address_i];

  always_ff @(posedge clk_i) begin
    for (int unsigned w = 0; w < 8; w++)
      if (write_words_i[w]) regs_q[write_address_i][32*w +: 32] <= write_value_i[32*w +: 32];
  end

endmodule
