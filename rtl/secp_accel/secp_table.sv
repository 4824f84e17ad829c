// The window table: 1P .. 8P, projective, the youngest in front. Every read looks at every entry (and at infinity, for digit 0).
module secp_table (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         push_i,
  input  logic [255:0] value_i,
  // A recoded digit d stands for d - 8, so 8 is infinity, 9 .. 15 are 1P .. 7P and 7 .. 0 are -1P .. -8P.
  input  logic         read_i,        // the value is 0 unless read
  input  logic [3:0]   digit_i,
  input  logic [1:0]   coordinate_i,  // 0 X, 1 Y, 2 Z; of push and read
  output logic [255:0] value_o,
  output logic         negative_o     // the entry is minus the value
);

  logic [255:0] x_q [8];  // 7 is 1P
  logic [255:0] y_q [8];
  logic [255:0] z_q [8];

  // 24 entries of one bit each, one of them chosen by multiplexers: all of them are looked at.
  logic [255:0] entry [8];
  logic [3:0] magnitude;
  logic [2:0] index;
  always_comb begin
    magnitude = digit_i[3] ? {1'b0, digit_i[2:0]} : 4'd8 - digit_i;
    index = 3'(4'd8 - magnitude);
    negative_o = read_i & !digit_i[3] & (coordinate_i == 2'd1);
    for (int unsigned i = 0; i < 8; i++)
      entry[i] = coordinate_i[1] ? z_q[i] : coordinate_i[0] ? y_q[i] : x_q[i];
    if (!read_i) value_o = '0;
    else if (magnitude == 4'd0) value_o = {255'b0, coordinate_i == 2'd1};  // infinity is (0 : 1 : 0)
    else value_o = entry[index];
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
        if (coordinate_i == 2'd0) x_q[i] <= (i == 0) ? value_i : x_q[(i + 7) % 8];
        if (coordinate_i == 2'd1) y_q[i] <= (i == 0) ? value_i : y_q[(i + 7) % 8];
        if (coordinate_i == 2'd2) z_q[i] <= (i == 0) ? value_i : z_q[(i + 7) % 8];
      end
    end
  end

endmodule
