// The scalars: four slots that can be written over the bus and never read over it, and the two halves of a recoded scalar, which
// move up while digits are taken from their tops.
module secp_scalar #(
  parameter int unsigned HalfBits = 196,
  parameter int unsigned CombSpacing = 39
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  // Bus: one 32-bit word; only while idle.
  input  logic         we_i,
  input  logic [1:0]   slot_i,
  input  logic [2:0]   word_i,
  input  logic [31:0]  wdata_i,
  // Which slots are A, B and D; stable while busy.
  input  logic [1:0]   slot_a_i,
  input  logic [1:0]   slot_b_i,
  input  logic [1:0]   slot_d_i,
  output logic [255:0] a_o,
  output logic [255:0] b_o,
  // Microcode.
  input  logic         set_i,
  input  logic [1:0]   set_which_i,   // 0 A, 1 B, 2 D
  input  logic         half_i,
  input  logic         half_which_i,
  input  logic         up_window_i,
  input  logic         up_bit_i,
  input  logic [255:0] value_i,
  // Digits at the top of both halves.
  output logic [7:0]                         window_o,  // 4 bits a half
  output logic [2*secp_pkg::CombTeeth-1:0]   comb_o,
  output logic                               top_o      // of half 0
);

  logic [255:0] slot_q [4];
  logic [HalfBits-1:0] half_q [2];

  assign a_o = slot_q[slot_a_i];
  assign b_o = slot_q[slot_b_i];

  logic [1:0] set_slot;
  always_comb begin
    unique case (set_which_i)
      2'd0:    set_slot = slot_a_i;
      2'd1:    set_slot = slot_b_i;
      default: set_slot = slot_d_i;
    endcase
    for (int unsigned h = 0; h < 2; h++) begin
      window_o[4*h +: 4] = half_q[h][HalfBits-1 -: 4];
      for (int unsigned j = 0; j < secp_pkg::CombTeeth; j++) comb_o[secp_pkg::CombTeeth*h+j] = half_q[h][CombSpacing*(j+1)-1];
    end
    top_o = half_q[0][HalfBits-1];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      for (int unsigned i = 0; i < 4; i++) slot_q[i] <= '0;
      half_q[0] <= '0;
      half_q[1] <= '0;
    end else begin
      if (we_i) slot_q[slot_i][32*word_i +: 32] <= wdata_i;
      if (set_i) slot_q[set_slot] <= value_i;
      if (half_i) half_q[half_which_i] <= value_i[HalfBits-1:0];
      if (up_window_i) begin
        half_q[0] <= half_q[0] << 4;
        half_q[1] <= half_q[1] << 4;
      end
      if (up_bit_i) begin
        half_q[0] <= half_q[0] << 1;
        half_q[1] <= half_q[1] << 1;
      end
    end
  end

endmodule
