// Types and constants of the secp256k1 accelerator. The microcode assembler (rtl/microcode) writes ROM words by these names.
package secp_pkg;

  // Field prime p = 2^256 - Fold and group order n.
  parameter logic [32:0] Fold = 33'h1_0000_03D1;
  parameter logic [255:0] Order = 256'hFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141;

  // Operand addresses: 24 registers, then constants.
  parameter int unsigned NumRegs = 24;
  typedef logic [4:0] operand_t;
  parameter operand_t RegPx = 5'd0;
  parameter operand_t RegPy = 5'd1;
  parameter operand_t RegQx = 5'd2;
  parameter operand_t RegQy = 5'd3;
  parameter operand_t Const0 = 5'd24;
  parameter operand_t Const1 = 5'd25;
  parameter operand_t Const7 = 5'd26;
  parameter operand_t Const21 = 5'd27;  // 3b of y^2 = x^3 + b
  parameter operand_t ConstGx = 5'd28;
  parameter operand_t ConstGy = 5'd29;

  // What the adder side does with operands a, b in one cycle.
  typedef enum logic [3:0] {
    AluNop      = 4'd0,
    AluAdd      = 4'd1,  // d = a + b mod p
    AluSub      = 4'd2,  // d = a - b mod p
    AluSelK     = 4'd3,  // d = top bit of K ? a : b
    AluSelOdd   = 4'd4,  // d = a odd ? b : a
    AluChkRange = 4'd5,  // not on curve if a >= p (b = 0)
    AluChkEq    = 4'd6,  // not on curve if a != b
    AluChkInf   = 4'd7,  // infinity if a == b
    AluOutX     = 4'd8,  // result x = a, or 0 after an error
    AluOutY     = 4'd9   // result y = a, or 0 after an error
  } alu_op_e;

  // Where the next word is. Decided by this field and the loop counter alone: never by data.
  typedef enum logic [3:0] {
    SeqNext  = 4'd0,
    SeqSet   = 4'd1,  // counter = arg
    SeqSetK  = 4'd2,  // counter = arg, before the loop over the scalar's bits
    SeqLoop  = 4'd3,  // to arg unless the counter is 0; counter - 1
    SeqLoopK = 4'd4,  // the same, and K moves up one bit
    SeqJump  = 4'd5,  // to arg
    SeqCall  = 4'd6,  // to arg, keeping the next address (one level)
    SeqRet   = 4'd7,  // back to it
    SeqEnd   = 4'd8
  } seq_op_e;

  parameter int unsigned PcWidth = 9;

  // One ROM word: everything that starts in one cycle.
  typedef struct packed {
    logic                mul_start;
    logic                mul_short;  // b < 2^64: one digit instead of four
    operand_t            mul_a;
    operand_t            mul_b;
    operand_t            mul_d;
    logic [3:0]          alu_op;
    operand_t            alu_a;
    operand_t            alu_b;
    operand_t            alu_d;
    logic [3:0]          seq_op;
    logic [PcWidth-1:0]  seq_arg;
  } uop_t;
  parameter int unsigned UopWidth = 49;

endpackage
