// secp256k1 accelerator: the register block `secp` of the contract around the core.
// Bus: a request is answered in its own cycle (rdata_o is combinational); writes take effect at the clock edge.
module secp_accel #(
  parameter bit SkipLeadingZeros = 1'b0  // 1: deliberately weak, for tests alone
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               req_i,
  input  logic               we_i,
  input  logic [11:0]        addr_i,   // byte offset in the block; words only, the low two bits are not looked at
  input  logic [31:0]        wdata_i,
  output logic [31:0]        rdata_o,
  output logic               irq_o,
  // Control port: where the core stands, without data; for proofs of constant time.
  output logic               busy_o,
  output logic               done_o,
  output logic [secp_pkg::PcWidth-1:0] pc_o
);

  logic         core_busy, core_done, start;
  logic         infinity, not_on_curve, bad_scalar;
  logic [255:0] rx, ry;

  logic [2:0]  op_q;
  logic [31:0] cycles_q;
  logic        status_done_q, status_infinity_q, status_not_on_curve_q, status_bad_scalar_q;
  logic        intr_state_q, intr_enable_q;

  // An operand's offset, counted in words from K: three bits of operand, three of word.
  localparam logic [9:0] KWord = secp_reg_pkg::SecpKOffset[11:2];
  localparam logic [9:0] RxWord = secp_reg_pkg::SecpRxOffset[11:2];
  logic [9:0] word, operand, result;
  assign word = addr_i[11:2];
  assign operand = word - KWord;
  assign result = word - RxWord;

  logic write, idle_write, is_operand;
  assign write = req_i & we_i;
  assign idle_write = write & !core_busy;
  assign is_operand = (word >= KWord) & (word < RxWord);
  assign start = idle_write & (word == secp_reg_pkg::SecpStartOffset[11:2]) & wdata_i[0] & !op_q[2];

  logic [2:0] operand_index;
  logic [1:0] reg_index;
  assign operand_index = operand[5:3];                  // 0 K, 1 PX, 2 PY, 3 QX, 4 QY
  assign reg_index = 2'(operand_index - 3'd1);

  secp_core #(
    .SkipLeadingZeros(SkipLeadingZeros)
  ) u_core (
    .clk_i,
    .rst_ni,
    .k_we_i(idle_write & is_operand & (operand_index == 3'd0)),
    .reg_we_i(idle_write & is_operand & (operand_index != 3'd0)),
    .reg_i(reg_index),
    .word_i(operand[2:0]),
    .wdata_i,
    .start_i(start),
    .op_i(op_q[1:0]),
    .uses_k_i(op_q == secp_reg_pkg::OpMul || op_q == secp_reg_pkg::OpMulBase),
    .busy_o(core_busy),
    .done_o(core_done),
    .pc_o,
    .infinity_o(infinity),
    .not_on_curve_o(not_on_curve),
    .bad_scalar_o(bad_scalar),
    .rx_o(rx),
    .ry_o(ry)
  );

  always_comb begin
    rdata_o = '0;
    if (req_i && !we_i) begin
      unique case (word)
        secp_reg_pkg::SecpStatusOffset[11:2]: begin
          rdata_o[secp_reg_pkg::StatusBusyLsb] = core_busy;
          rdata_o[secp_reg_pkg::StatusDoneLsb] = status_done_q;
          rdata_o[secp_reg_pkg::StatusInfinityLsb] = status_infinity_q;
          rdata_o[secp_reg_pkg::StatusNotOnCurveLsb] = status_not_on_curve_q;
          rdata_o[secp_reg_pkg::StatusBadScalarLsb] = status_bad_scalar_q;
        end
        secp_reg_pkg::SecpIntrStateOffset[11:2]: rdata_o[0] = intr_state_q;
        secp_reg_pkg::SecpIntrEnableOffset[11:2]: rdata_o[0] = intr_enable_q;
        secp_reg_pkg::SecpOpOffset[11:2]: rdata_o[2:0] = core_busy ? 3'd0 : op_q;
        secp_reg_pkg::SecpCyclesOffset[11:2]: rdata_o = core_busy ? 32'd0 : cycles_q;
        default: begin
          if (!core_busy && result < 10'd8) rdata_o = rx[32*result[2:0] +: 32];
          if (!core_busy && result >= 10'd8 && result < 10'd16) rdata_o = ry[32*result[2:0] +: 32];
        end
      endcase
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      op_q <= '0;
      cycles_q <= '0;
      status_done_q <= 1'b0;
      status_infinity_q <= 1'b0;
      status_not_on_curve_q <= 1'b0;
      status_bad_scalar_q <= 1'b0;
      intr_state_q <= 1'b0;
      intr_enable_q <= 1'b0;
    end else begin
      if (idle_write && word == secp_reg_pkg::SecpOpOffset[11:2]) op_q <= wdata_i[2:0];
      if (write && word == secp_reg_pkg::SecpIntrEnableOffset[11:2]) intr_enable_q <= wdata_i[0];
      if (write && word == secp_reg_pkg::SecpIntrStateOffset[11:2] && wdata_i[0]) intr_state_q <= 1'b0;

      if (start) begin
        cycles_q <= '0;
        status_done_q <= 1'b0;
        status_infinity_q <= 1'b0;
        status_not_on_curve_q <= 1'b0;
        status_bad_scalar_q <= 1'b0;
      end else if (core_busy) begin
        cycles_q <= cycles_q + 32'd1;
      end
      if (core_done) begin
        status_done_q <= 1'b1;
        status_infinity_q <= infinity;
        status_not_on_curve_q <= not_on_curve;
        status_bad_scalar_q <= bad_scalar;
        intr_state_q <= 1'b1;
      end
    end
  end

  assign irq_o = intr_state_q & intr_enable_q;
  assign busy_o = core_busy;
  assign done_o = core_done;

endmodule
