// Many addends to two of the same sum, by layers of full adders (Wallace, "A suggestion for a fast multiplier", 1964).
// A full adder is two XOR and a multiplexer.
module secp_compress #(
  parameter int unsigned Rows = 3,
  parameter int unsigned Width = 64
) (
  input  logic [Rows*Width-1:0] rows_i,
  output logic [2*Width-1:0]    rows_o
);

  localparam int unsigned Groups = Rows / 3;
  localparam int unsigned Rest = Rows % 3;

  if (Rows == 2) begin : gen_end
    assign rows_o = rows_i;
  end else begin : gen_layer
    logic [(2*Groups+Rest)*Width-1:0] next;
    for (genvar g = 0; g < Groups; g++) begin : gen_group
      logic [Width-1:0] x, y, z, differ;
      logic [Width-1:0] carry;  // into the bit: the sum fits, none leaves the top
      assign carry[0] = 1'b0;
      assign {z, y, x} = rows_i[3*g*Width +: 3*Width];
      assign differ = x ^ y;
      for (genvar i = 1; i < Width; i++) begin : gen_bit
        assign carry[i] = differ[i-1] ? z[i-1] : x[i-1];
      end
      assign next[2*g*Width +: 2*Width] = {carry, differ ^ z};
    end
    if (Rest != 0) begin : gen_rest
      assign next[2*Groups*Width +: Rest*Width] = rows_i[3*Groups*Width +: Rest*Width];
    end
    secp_compress #(
      .Rows(2 * Groups + Rest),
      .Width(Width)
    ) u_next (
      .rows_i(next),
      .rows_o
    );
  end

endmodule
