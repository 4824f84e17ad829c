// Random bits for masks: 64 a cycle from Trivium (De Canniere and Preneel, eSTREAM), seeded with 160 fresh bits of the card's
// random number generator at the start of every operation. Time depends on that generator's readiness alone.
module secp_random (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         start_i,     // seed anew
  input  logic         stop_i,      // and forget: from the state the masks could be computed again
  output logic         ready_o,     // seeded, or given up
  output logic         fault_o,     // the source repeats itself or is silent; until the next start
  output logic [255:0] random_o,    // another 64 bits every cycle, the oldest 64 drop out
  // The card's generator: a word is taken in every cycle in which both are high.
  output logic         entropy_req_o,
  input  logic         entropy_valid_i,
  input  logic [31:0]  entropy_i
);

  localparam int unsigned SeedWords = 5;
  localparam int unsigned WarmUp = 18;      // 4 x 288 steps
  localparam int unsigned Patience = 1023;  // cycles without a word

  // Bit 0 is the newest. The stages of the cipher's three registers, s1.., s94.., s178.. in the paper.
  logic [92:0]  a_q;
  logic [83:0]  b_q;
  logic [110:0] c_q;
  logic [255:0] pool_q;

  // 64 steps at once: bit 63 is the first step. No tap is nearer than 64.
  logic [63:0] t1, t2, t3, z;
  always_comb begin
    t1 = a_q[65 -: 64] ^ a_q[92 -: 64];
    t2 = b_q[68 -: 64] ^ b_q[83 -: 64];
    t3 = c_q[65 -: 64] ^ c_q[110 -: 64];
    z = t1 ^ t2 ^ t3;
    t1 = t1 ^ (a_q[90 -: 64] & a_q[91 -: 64]) ^ b_q[77 -: 64];
    t2 = t2 ^ (b_q[81 -: 64] & b_q[82 -: 64]) ^ c_q[86 -: 64];
    t3 = t3 ^ (c_q[108 -: 64] & c_q[109 -: 64]) ^ a_q[68 -: 64];
  end

  logic        seeding_q, running_q, fault_q, took_word_q;
  logic [4:0]  left_q;      // words to come, then cycles of warm-up
  logic [9:0]  patience_q;
  logic [31:0] last_word_q;
  logic [127:0] seed_q;
  logic take;

  assign entropy_req_o = seeding_q;
  assign take = seeding_q & entropy_valid_i;
  assign ready_o = running_q & (left_q == '0);
  assign fault_o = fault_q;
  assign random_o = pool_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      a_q <= '0;
      b_q <= '0;
      c_q <= '0;
      pool_q <= '0;
      seeding_q <= 1'b0;
      running_q <= 1'b0;
      fault_q <= 1'b0;
      left_q <= '0;
      patience_q <= '0;
      seed_q <= '0;
    end else if (stop_i) begin
      a_q <= '0;
      b_q <= '0;
      c_q <= '0;
      pool_q <= '0;
      seed_q <= '0;
      seeding_q <= 1'b0;
      running_q <= 1'b0;
    end else if (start_i) begin
      seeding_q <= 1'b1;
      running_q <= 1'b0;
      fault_q <= 1'b0;
      left_q <= 5'(SeedWords);
      patience_q <= 10'(Patience);
    end else if (seeding_q) begin
      patience_q <= patience_q - 10'd1;
      if (take) begin
        seed_q <= {seed_q[95:0], entropy_i};
        patience_q <= 10'(Patience);
        if (took_word_q && entropy_i == last_word_q) fault_q <= 1'b1;
        left_q <= left_q - 5'd1;
      end
      if ((take && left_q == 5'd1) || (!take && patience_q == '0)) begin
        seeding_q <= 1'b0;
        running_q <= 1'b1;
        left_q <= 5'(WarmUp + 4);  // and the pool's first 256 bits
        if (!take) fault_q <= 1'b1;
        // the key, the IV, and three ones at the far end; the rest is zero
        a_q <= {13'b0, seed_q[79:0]};
        b_q <= {4'b0, seed_q[127:80], entropy_i};
        c_q <= {3'b111, 108'b0};
      end
    end else if (running_q) begin
      if (left_q != '0) left_q <= left_q - 5'd1;
      a_q <= {a_q[28:0], t3};
      b_q <= {b_q[19:0], t1};
      c_q <= {c_q[46:0], t2};
      pool_q <= {pool_q[191:0], z};
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      took_word_q <= 1'b0;
      last_word_q <= '0;
    end else if (take) begin
      took_word_q <= 1'b1;
      last_word_q <= entropy_i;
    end
  end

endmodule
