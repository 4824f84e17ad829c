// One row of the multiplier: 256 bits times a digit, in one cycle without a register.
module secp_row #(
  parameter int unsigned DigitBits = 64,
  parameter bit          Tree = 1'b0  // of full adders, for standard cells; else products that tools map to multipliers they have
) (
  input  logic [255:0]           a_i,
  input  logic [DigitBits-1:0]   digit_i,
  output logic [DigitBits+255:0] row_o
);

  localparam int unsigned RowBits = 256 + DigitBits;

  if (Tree) begin : gen_tree
    logic [DigitBits*RowBits-1:0] rows;
    logic [2*RowBits-1:0] two;
    for (genvar i = 0; i < DigitBits; i++) begin : gen_bit
      assign rows[i*RowBits +: RowBits] = (RowBits'(a_i) << i) & {RowBits{digit_i[i]}};
    end
    secp_compress #(
      .Rows(DigitBits),
      .Width(RowBits)
    ) u_compress (
      .rows_i(rows),
      .rows_o(two)
    );
    assign row_o = two[RowBits-1:0] + two[2*RowBits-1:RowBits];
  end else begin : gen_products
    // Of 32 x 32 bits, gathered so that no two in one addend overlap.
    always_comb begin
      logic [255:0] even, odd;
      row_o = '0;
      even = '0;
      odd = '0;
      for (int unsigned j = 0; j < DigitBits / 32; j++) begin
        for (int unsigned i = 0; i < 4; i++) begin
          even[64*i +: 64] = 64'(a_i[64*i +: 32]) * 64'(digit_i[32*j +: 32]);
          odd[64*i +: 64] = 64'(a_i[64*i+32 +: 32]) * 64'(digit_i[32*j +: 32]);
        end
        row_o = row_o + (RowBits'(even) << (32 * j)) + (RowBits'(odd) << (32 * j + 32));
      end
    end
  end

endmodule
