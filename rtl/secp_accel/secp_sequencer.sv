// Program counter, loop counter and ROM. Everything here is public: no input depends on data.
module secp_sequencer #(
  parameter int unsigned DigitBits = 64,
  parameter int unsigned Style = secp_pkg::StyleProtected
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               start_i,
  input  logic [3:0]         op_i,
  input  logic               random_ready_i,
  input  logic               random_fault_i,
  output logic               busy_o,
  output logic               done_o,    // high in the last cycle of an operation
  output logic [secp_pkg::PcWidth-1:0] pc_o,
  output logic [9:0]         count_o,
  output secp_pkg::uop_t     uop_o
);

  logic               busy_q, wiping_q, valid_q;
  logic [secp_pkg::UopWidth-1:0] word;
  logic [secp_pkg::PcWidth-1:0] pc_q, pc_d, entry;
  logic [secp_pkg::PcWidth-1:0] link_q [2];
  logic [9:0]         count_q, count_d;
  secp_pkg::uop_t     uop;

  secp_microcode #(
    .DigitBits(DigitBits),
    .Style(Style)
  ) u_microcode (
    .op_i,
    .entry_o(entry),
    .clk_i,
    .pc_i(pc_d),
    .word_o(word)
  );
  // The ROM's output register has no reset, as in a block RAM: a word counts only in the cycle it was fetched for.
  assign uop = valid_q ? word : '0;

  // Idle cycles after a word.
  logic [9:0] idle_q, idle_d;
  logic idle;
  always_comb begin
    idle_d = '0;
    if (busy_q && uop.seq_op == secp_pkg::SeqNext && uop.seq_arg != '0) idle_d = uop.seq_arg;
    else if (busy_q && idle_q > 10'd1) idle_d = idle_q - 10'd1;
    idle = idle_d != '0;
  end

  logic last;
  assign last = busy_q & (uop.seq_op == secp_pkg::SeqEnd);

  always_comb begin
    pc_d = pc_q;
    count_d = count_q;
    if (start_i) begin
      pc_d = entry;
    end else if (busy_q && !idle) begin
      pc_d = pc_q + secp_pkg::PcWidth'(1);
      unique case (uop.seq_op)
        secp_pkg::SeqSet: count_d = uop.seq_arg;
        secp_pkg::SeqLoop, secp_pkg::SeqLoopW, secp_pkg::SeqLoopC: begin
          count_d = count_q - 10'd1;
          if (count_q != 10'd0) pc_d = uop.seq_arg;
        end
        secp_pkg::SeqJump, secp_pkg::SeqCall: pc_d = uop.seq_arg;
        secp_pkg::SeqRet: pc_d = link_q[0];
        secp_pkg::SeqSeed: begin
          if (!random_ready_i) pc_d = pc_q;
          else if (random_fault_i) pc_d = uop.seq_arg;
        end
        secp_pkg::SeqEnd: pc_d = '0;
        default: ;
      endcase
    end
  end

  assign busy_o = busy_q;
  assign done_o = last & !wiping_q;
  assign pc_o = pc_q;
  assign count_o = count_q;
  assign uop_o = uop;

  // Out of reset the core runs the program at address 0, which wipes the registers that have no reset of their own.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q <= 1'b1;
      wiping_q <= 1'b1;
      pc_q <= '1;
      link_q[0] <= '0;
      link_q[1] <= '0;
      count_q <= '0;
      idle_q <= '0;
      valid_q <= 1'b0;
    end else begin
      busy_q <= start_i | (busy_q & !last);
      if (last) wiping_q <= 1'b0;
      pc_q <= pc_d;
      if (busy_q && uop.seq_op == secp_pkg::SeqCall) begin
        link_q[0] <= pc_q + secp_pkg::PcWidth'(1);
        link_q[1] <= link_q[0];
      end else if (busy_q && uop.seq_op == secp_pkg::SeqRet) begin
        link_q[0] <= link_q[1];
      end
      count_q <= count_d;
      idle_q <= idle_d;
      valid_q <= start_i | (busy_q & !last & !idle);
    end
  end

endmodule
