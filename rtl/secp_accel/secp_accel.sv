// secp256k1 accelerator: the register block `secp` of the contract around the core.
// Bus: a request is answered in its own cycle (rdata_o is combinational); writes take effect at the clock edge.
module secp_accel #(
  parameter int unsigned DigitBits = 64,  // of the multiplier: 64 or 32
  parameter int unsigned Style = secp_pkg::StyleProtected,
  parameter bit          Tree = 1'b0  // multiplier of full adders, for standard cells (secp_row.sv)
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               req_i,
  input  logic               we_i,
  input  logic [11:0]        addr_i,   // byte offset in the block; words only, the low two bits are not looked at
  input  logic [31:0]        wdata_i,
  output logic [31:0]        rdata_o,
  output logic               irq_o,
  // The card's random number generator: a word is taken in every cycle in which both are high.
  output logic               entropy_req_o,
  input  logic               entropy_valid_i,
  input  logic [31:0]        entropy_i,
  // Control port: where the core stands, without data; for proofs of constant time.
  output logic               busy_o,
  output logic               done_o,
  output logic [secp_pkg::PcWidth-1:0] pc_o,
  output logic [9:0]         count_o,
  output logic [secp_pkg::AddrWidth-1:0] addr_o
);

  logic         core_busy, core_done, start;
  logic         infinity, not_on_curve, bad_scalar, random_fault, result_fault;
  logic [31:0]  result_word;

  logic [3:0]  op_q;
  logic [1:0]  slot_a_q, slot_b_q, slot_d_q;
  logic        keep_q, running_q;  // running: an operation, not the wipe out of reset
  logic [31:0] cycles_q;
  logic        done_q, infinity_q, not_on_curve_q, bad_scalar_q, random_fault_q, result_fault_q;
  logic        intr_state_q, intr_enable_q;

  // An operand's offset, counted in words: the low three bits say which word of a number.
  localparam logic [9:0] PxWord = secp_reg_pkg::SecpPxOffset[11:2];
  localparam logic [9:0] RxWord = secp_reg_pkg::SecpRxOffset[11:2];
  localparam logic [9:0] KWord = secp_reg_pkg::SecpKOffset[11:2];
  logic [9:0] word, operand, result, scalar;
  assign word = addr_i[11:2];
  assign operand = word - PxWord;
  assign result = word - RxWord;
  assign scalar = word - KWord;

  logic write, idle_write, is_operand, is_scalar;
  assign write = req_i & we_i;
  assign idle_write = write & !core_busy;
  assign is_operand = operand < 10'd32;
  assign is_scalar = scalar < 10'd32;
  assign start = idle_write & (word == secp_reg_pkg::SecpStartOffset[11:2]) & wdata_i[0] & (op_q <= secp_reg_pkg::OpSignN);

  secp_core #(
    .DigitBits(DigitBits),
    .Style(Style),
    .Tree(Tree)
  ) u_core (
    .clk_i,
    .rst_ni,
    .slot_we_i(idle_write & is_scalar),
    .reg_we_i(idle_write & is_operand),
    .index_i(is_scalar ? scalar[4:3] : operand[4:3]),
    .word_i(word[2:0]),
    .wdata_i,
    .result_index_i(result[3]),
    .result_o(result_word),
    .start_i(start),
    .op_i(op_q),
    .slot_a_i(slot_a_q),
    .slot_b_i(slot_b_q),
    .slot_d_i(slot_d_q),
    .keep_i(keep_q),
    .busy_o(core_busy),
    .done_o(core_done),
    .pc_o,
    .count_o,
    .addr_o,
    .entropy_req_o,
    .entropy_valid_i,
    .entropy_i,
    .infinity_o(infinity),
    .not_on_curve_o(not_on_curve),
    .bad_scalar_o(bad_scalar),
    .random_fault_o(random_fault),
    .result_fault_o(result_fault)
  );

  always_comb begin
    rdata_o = '0;
    if (req_i && !we_i) begin
      unique case (word)
        secp_reg_pkg::SecpStatusOffset[11:2]: begin
          rdata_o[secp_reg_pkg::StatusBusyLsb] = core_busy;
          rdata_o[secp_reg_pkg::StatusDoneLsb] = done_q;
          rdata_o[secp_reg_pkg::StatusInfinityLsb] = infinity_q;
          rdata_o[secp_reg_pkg::StatusNotOnCurveLsb] = not_on_curve_q;
          rdata_o[secp_reg_pkg::StatusBadScalarLsb] = bad_scalar_q;
          rdata_o[secp_reg_pkg::StatusRandomFaultLsb] = random_fault_q;
          rdata_o[secp_reg_pkg::StatusResultFaultLsb] = result_fault_q;
        end
        secp_reg_pkg::SecpIntrStateOffset[11:2]: rdata_o[0] = intr_state_q;
        secp_reg_pkg::SecpIntrEnableOffset[11:2]: rdata_o[0] = intr_enable_q;
        secp_reg_pkg::SecpOpOffset[11:2]: rdata_o[3:0] = core_busy ? 4'd0 : op_q;
        secp_reg_pkg::SecpSlotsOffset[11:2]: begin
          if (!core_busy) begin
            rdata_o[secp_reg_pkg::SlotsALsb +: 2] = slot_a_q;
            rdata_o[secp_reg_pkg::SlotsBLsb +: 2] = slot_b_q;
            rdata_o[secp_reg_pkg::SlotsDLsb +: 2] = slot_d_q;
            rdata_o[secp_reg_pkg::SlotsKeepLsb] = keep_q;
          end
        end
        secp_reg_pkg::SecpCyclesOffset[11:2]: rdata_o = core_busy ? 32'd0 : cycles_q;
        default: begin
          if (!core_busy && result < 10'd16) rdata_o = result_word;
        end
      endcase
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      op_q <= '0;
      slot_a_q <= '0;
      slot_b_q <= '0;
      slot_d_q <= '0;
      keep_q <= 1'b0;
      running_q <= 1'b0;
      cycles_q <= '0;
      done_q <= 1'b0;
      infinity_q <= 1'b0;
      not_on_curve_q <= 1'b0;
      bad_scalar_q <= 1'b0;
      random_fault_q <= 1'b0;
      result_fault_q <= 1'b0;
      intr_state_q <= 1'b0;
      intr_enable_q <= 1'b0;
    end else begin
      if (idle_write && word == secp_reg_pkg::SecpOpOffset[11:2]) op_q <= wdata_i[3:0];
      if (idle_write && word == secp_reg_pkg::SecpSlotsOffset[11:2]) begin
        slot_a_q <= wdata_i[secp_reg_pkg::SlotsALsb +: 2];
        slot_b_q <= wdata_i[secp_reg_pkg::SlotsBLsb +: 2];
        slot_d_q <= wdata_i[secp_reg_pkg::SlotsDLsb +: 2];
        keep_q <= wdata_i[secp_reg_pkg::SlotsKeepLsb];
      end
      if (write && word == secp_reg_pkg::SecpIntrEnableOffset[11:2]) intr_enable_q <= wdata_i[0];
      if (write && word == secp_reg_pkg::SecpIntrStateOffset[11:2] && wdata_i[0]) intr_state_q <= 1'b0;

      if (start) begin
        cycles_q <= '0;
        done_q <= 1'b0;
        infinity_q <= 1'b0;
        not_on_curve_q <= 1'b0;
        bad_scalar_q <= 1'b0;
        random_fault_q <= 1'b0;
        result_fault_q <= 1'b0;
      end else if (running_q) begin
        cycles_q <= cycles_q + 32'd1;
      end
      running_q <= start | (running_q & !core_done);
      if (core_done) begin
        done_q <= 1'b1;
        infinity_q <= infinity;
        not_on_curve_q <= not_on_curve;
        bad_scalar_q <= bad_scalar;
        random_fault_q <= random_fault;
        result_fault_q <= result_fault;
        intr_state_q <= 1'b1;
      end
    end
  end

  assign irq_o = intr_state_q & intr_enable_q;
  assign busy_o = core_busy;
  assign done_o = core_done;

endmodule
