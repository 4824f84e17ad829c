// Program counter, loop counter and ROM register. Everything here is public: no input depends on data.
module secp_sequencer #(
  // Deliberately weak variant for tests: begin at the scalar's first one bit. Gives the same results in less time.
  parameter bit SkipLeadingZeros = 1'b0
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               start_i,
  input  logic [1:0]         op_i,
  input  logic [7:0]         leading_zeros_i,  // of the scalar; read by the weak variant alone
  output logic               busy_o,
  output logic [secp_pkg::PcWidth-1:0] pc_o,
  output logic               done_o,           // high in the last cycle
  output secp_pkg::uop_t               uop_o
);

  logic               busy_q;
  logic [secp_pkg::PcWidth-1:0] pc_q, pc_d, link_q, entry;
  logic [7:0]         count_q, count_d;
  logic [secp_pkg::UopWidth-1:0] word_d;
  secp_pkg::uop_t               uop_q;

  secp_microcode u_microcode (
    .op_i(op_i),
    .entry_o(entry),
    .pc_i(pc_d),
    .word_o(word_d)
  );

  always_comb begin
    pc_d = pc_q;
    count_d = count_q;
    if (start_i) begin
      pc_d = entry;
    end else if (busy_q) begin
      pc_d = pc_q + secp_pkg::PcWidth'(1);
      unique case (uop_q.seq_op)
        secp_pkg::SeqSet: count_d = uop_q.seq_arg[7:0];
        secp_pkg::SeqSetK: count_d = uop_q.seq_arg[7:0] - (SkipLeadingZeros ? leading_zeros_i : 8'd0);
        secp_pkg::SeqLoop, secp_pkg::SeqLoopK: begin
          count_d = count_q - 8'd1;
          if (count_q != 8'd0) pc_d = uop_q.seq_arg;
        end
        secp_pkg::SeqJump, secp_pkg::SeqCall: pc_d = uop_q.seq_arg;
        secp_pkg::SeqRet: pc_d = link_q;
        secp_pkg::SeqEnd: pc_d = '0;
        default: ;
      endcase
    end
  end

  assign busy_o = busy_q;
  assign done_o = busy_q & (uop_q.seq_op == secp_pkg::SeqEnd);
  assign pc_o = pc_q;
  assign uop_o = uop_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
      pc_q <= '0;
      link_q <= '0;
      count_q <= '0;
      uop_q <= '0;
    end else begin
      busy_q <= start_i | (busy_q & !done_o);
      pc_q <= pc_d;
      if (busy_q && uop_q.seq_op == secp_pkg::SeqCall) link_q <= pc_q + secp_pkg::PcWidth'(1);
      count_q <= count_d;
      uop_q <= (start_i | (busy_q & !done_o)) ? word_d : '0;
    end
  end

endmodule
