// The comb's fixed points: entry i is (2^4d + sum of +-2^(jd) by bit j of i) G / 2 for a tooth distance d. All 16 are looked at.
module secp_comb #(
  parameter int unsigned Style = secp_pkg::StyleProtected
) (
  input  logic         read_i,                     // the value is 0 unless read
  input  logic [secp_pkg::CombTeeth-1:0] teeth_i,  // the top one is the sign
  input  logic         y_i,                        // which coordinate
  output logic [255:0] value_o,
  output logic         negative_o                  // the entry is minus the value
);

  localparam int unsigned Set = (Style == secp_pkg::StyleProtected) ? 1 : 0;

  logic [3:0] index;
  always_comb begin
    index = teeth_i[4] ? teeth_i[3:0] : ~teeth_i[3:0];
    value_o = '0;
    negative_o = read_i & y_i & !teeth_i[4];
    if (read_i) begin
      for (int unsigned i = 0; i < 16; i++)
        value_o |= {256{index == 4'(i)}} &
            (y_i ? secp_comb_pkg::EntryY[4096 * Set + 256 * i +: 256] : secp_comb_pkg::EntryX[4096 * Set + 256 * i +: 256]);
    end
  end

endmodule
