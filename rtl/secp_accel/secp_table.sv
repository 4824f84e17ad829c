// The window table: 1P .. 8P, projective, the youngest in front. Every read looks at every entry (and at infinity, for digit 0).
module secp_table (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         push_i,
  input  logic [1:0]   push_coordinate_i,
  input  logic [255:0] value_i,
  // A recoded digit d stands for d - 8, so 8 is infinity, 9 .. 15 are 1P .. 7P and 7 .. 0 are -1P .. -8P.
  input  logic         read_i,        // the value is 0 unless read
  input  logic [3:0]   digit_i,
  input  logic [1:0]   coordinate_i,  // 0 X, 1 Y, 2 Z
  output logic [255:0] value_o
);

  logic [255:0] x_q [8];  // 7 is 1P
  logic [255:0] y_q [8];
  logic [255:0] z_q [8];

  logic [255:0] chosen, entry;
  logic [3:0] magnitude;
  logic negative;
  always_comb begin
    value_o = '0;
    entry = '0;
    negative = !digit_i[3];
    magnitude = negative ? 4'd8 - digit_i : {1'b0, digit_i[2:0]};
    chosen = (coordinate_i == 2'd1) ? {255'b0, magnitude == 4'd0} : '0;  // (0 : 1 : 0)
    if (read_i) begin
      for (int unsigned i = 0; i < 8; i++) begin
        unique case (coordinate_i)
          2'd0:    entry = x_q[i];
          2'd1:    entry = y_q[i];
          default: entry = z_q[i];
        endcase
        chosen |= entry & {256{magnitude == 4'(8 - i)}};
      end
      // p - y; y is never 0 here: no point of this curve has it.
      value_o = (negative && coordinate_i == 2'd1) ? ~chosen - {223'b0, secp_pkg::Fold} + 256'd1 : chosen;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      for (int unsigned i = 0; i < 8; i++) begin
        x_q[i] <= '0;
        y_q[i] <= '0;
        z_q[i] <= '0;
      end
    end else if (push_i) begin
      for (int unsigned i = 0; i < 8; i++) begin
        if (push_coordinate_i == 2'd0) x_q[i] <= (i == 0) ? value_i : x_q[(i + 7) % 8];
        if (push_coordinate_i == 2'd1) y_q[i] <= (i == 0) ? value_i : y_q[(i + 7) % 8];
        if (push_coordinate_i == 2'd2) z_q[i] <= (i == 0) ? value_i : z_q[(i + 7) % 8];
      end
    end
  end

endmodule
