// Modular inversion by division steps, one a clock cycle (Bernstein and Yang, "Fast constant-time gcd computation and modular
// inversion", 2019, with the half-delta start of libsecp256k1, for which 590 steps are enough for numbers below 2^256).
// The number of steps is the microcode's; which of the three moves a step makes moves data alone. 0 becomes 0.
module secp_inverse (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         start_i,
  input  logic         mod_n_i,
  input  logic [255:0] a_i,       // below the modulus
  input  logic         read_i,
  output logic [255:0] result_o   // 0 unless read; after 590 further cycles; stays until the next start
);

  // f, g: signed. d, e: in [0, m) with d * a = f and e * a = g mod m. twice_delta_q is odd.
  logic signed [257:0] f_q, g_q, g_sum;
  logic [255:0] d_q, e_q, m, e_sum, e_half;
  logic signed [11:0] twice_delta_q;
  logic mod_n_q, swap, odd, working;
  logic [256:0] plus, plus_minus_m, minus;
  logic [9:0] left_q;

  always_comb begin
    m = mod_n_q ? secp_pkg::Order : ~256'd0 - {223'b0, secp_pkg::Fold} + 256'd1;
    working = left_q != '0;  // at rest nothing moves, in hardware and in simulation
    odd = working & g_q[0];
    swap = odd & !twice_delta_q[11];  // odd, so never 0: not negative is positive
    g_sum = !odd ? g_q : swap ? g_q - f_q : g_q + f_q;
    plus = '0;
    plus_minus_m = '0;
    minus = '0;
    if (odd) begin
      plus = {1'b0, e_q} + {1'b0, d_q};
      plus_minus_m = plus - {1'b0, m};
      minus = {1'b0, e_q} - {1'b0, d_q};
    end
    if (!odd) e_sum = e_q;
    else if (swap) e_sum = minus[256] ? minus[255:0] + m : minus[255:0];
    else e_sum = plus_minus_m[256] ? plus[255:0] : plus_minus_m[255:0];
    e_half = !working ? e_q : 256'(({1'b0, e_sum} + (e_sum[0] ? {1'b0, m} : 257'd0)) >> 1);
    // f is now 1 or -1, and d the inverse or its negative.
    result_o = '0;
    if (read_i) result_o = (f_q[257] && d_q != '0) ? m - d_q : d_q;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      f_q <= '0;
      g_q <= '0;
      d_q <= '0;
      e_q <= '0;
      twice_delta_q <= '0;
      mod_n_q <= 1'b0;
      left_q <= '0;
    end else if (start_i) begin
      f_q <= {2'b0, mod_n_i ? secp_pkg::Order : ~256'd0 - {223'b0, secp_pkg::Fold} + 256'd1};
      g_q <= {2'b0, a_i};
      d_q <= '0;
      e_q <= 256'd1;
      twice_delta_q <= 12'd1;
      mod_n_q <= mod_n_i;
      left_q <= 10'd590;
    end else if (working) begin
      left_q <= left_q - 10'd1;
      g_q <= g_sum >>> 1;
      e_q <= e_half;
      if (swap) begin
        f_q <= g_q;
        d_q <= e_q;
        twice_delta_q <= 12'sd2 - twice_delta_q;
      end else begin
        twice_delta_q <= twice_delta_q + 12'sd2;
      end
    end
  end

endmodule
