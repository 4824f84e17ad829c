// The register file: 32 numbers of 256 bits, two read ports, one write port with an enable for every 32-bit word. No reset.
// The bus reads a word of the result by a port of its own: its address never reaches the operands of the arithmetic.
module secp_regs (
  input  logic           clk_i,
  input  secp_pkg::reg_t a_address_i,
  output logic [255:0]   a_o,
  input  secp_pkg::reg_t b_address_i,
  output logic [255:0]   b_o,
  input  logic           result_index_i,
  input  logic [2:0]     result_word_i,
  output logic [31:0]    result_o,
  input  logic [7:0]     write_words_i,
  input  secp_pkg::reg_t write_address_i,
  input  logic [255:0]   write_value_i
);

  logic [255:0] regs_q [32];

  assign a_o = regs_q[a_address_i];
  assign b_o = regs_q[b_address_i];
  logic [255:0] result;
  assign result = regs_q[{secp_pkg::ResultRows, result_index_i}];
  assign result_o = result[32*result_word_i +: 32];

  always_ff @(posedge clk_i) begin
    for (int unsigned w = 0; w < 8; w++)
      if (write_words_i[w]) regs_q[write_address_i][32*w +: 32] <= write_value_i[32*w +: 32];
  end

endmodule
