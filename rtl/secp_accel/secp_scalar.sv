// The two halves of a recoded scalar, which move up while digits are taken from their tops.
module secp_scalar #(
  parameter int unsigned HalfBits = 196,
  parameter int unsigned CombSpacing = 39
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         set_i,
  input  logic         which_i,
  input  logic         up_window_i,
  input  logic         up_bit_i,
  input  logic [HalfBits-1:0] value_i,
  // Digits at the top of both halves.
  output logic [7:0]                         window_o,  // 4 bits a half
  output logic [2*secp_pkg::CombTeeth-1:0]   comb_o,
  output logic                               top_o      // of half 0
);

  logic [HalfBits-1:0] half_q [2];

  always_comb begin
    for (int unsigned h = 0; h < 2; h++) begin
      window_o[4*h +: 4] = half_q[h][HalfBits-1 -: 4];
      for (int unsigned j = 0; j < secp_pkg::CombTeeth; j++) comb_o[secp_pkg::CombTeeth*h+j] = half_q[h][CombSpacing*(j+1)-1];
    end
    top_o = half_q[0][HalfBits-1];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      half_q[0] <= '0;
      half_q[1] <= '0;
    end else begin
      for (int unsigned h = 0; h < 2; h++) begin
        if (set_i && which_i == h[0]) half_q[h] <= value_i;
        else if (up_window_i) half_q[h] <= half_q[h] << 4;
        else if (up_bit_i) half_q[h] <= half_q[h] << 1;
      end
    end
  end

endmodule
