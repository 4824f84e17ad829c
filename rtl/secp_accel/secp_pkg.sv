// Types and constants of the secp256k1 accelerator. The microcode assembler (rtl/microcode) writes ROM words by these names.
package secp_pkg;

  // Field prime p = 2^256 - Fold and group order n = 2^256 - 2^128 - FoldN.
  parameter logic [32:0] Fold = 33'h1_0000_03D1;
  parameter logic [126:0] FoldN = 127'h45512319_50B75FC4_402DA173_2FC9BEBF;
  parameter logic [255:0] Order = 256'hFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141;

  // Operand addresses: 32 registers, then constants (secp_constants.sv).
  typedef logic [5:0] operand_t;
  typedef logic [4:0] reg_t;

  typedef enum logic [2:0] {
    MulNop   = 3'd0,
    MulP     = 3'd1,  // d = a * b mod p
    MulShort = 3'd2,  // d = a * b mod p for b < 2^32
    MulN     = 3'd3,  // d = a * b mod n
    MulHigh  = 3'd4   // d = a * b / 2^256 for b < 2^128 whose digits stand in reverse order
  } mul_op_e;

  // What the adder side does with operands a, b in one cycle; m is p, or n where the word says so.
  typedef enum logic [4:0] {
    AluNop      = 5'd0,
    AluAdd      = 5'd1,   // d = a + b mod m
    AluSub      = 5'd2,   // d = a - b mod m
    AluSelOdd   = 5'd3,   // d = a odd ? b : a
    AluRandom   = 5'd4,   // d = 256 fresh bits
    AluRandom64 = 5'd5,   // d = 64 fresh bits
    AluSlot     = 5'd6,   // d = scalar slot - b mod n; a: 0 slot A, 1 slot B
    AluWindow   = 5'd7,   // d = coordinate a[1:0] of the table entry, chosen by the top digit of half a[2], with its sign
    AluComb     = 5'd8,   // d = coordinate a[0] of a comb entry, chosen by half a[2], with its sign
    AluInverse  = 5'd9,   // d = what the inverter has found
    AluSelTop   = 5'd10,  // d = top bit of half 0 ? a : b; of the weak double-and-add variant alone
    // The rest writes no register.
    AluChkRange = 5'd16,  // not on curve if a >= p (b = 0)
    AluChkEq    = 5'd17,  // not on curve if a != b
    AluChkInf   = 5'd18,  // infinity if a == b
    AluChkOut   = 5'd19,  // result fault if a != b, unless infinity
    AluOutX     = 5'd20,  // result x = a, or 0 after an error
    AluOutY     = 5'd21,  // result y = a, or 0 after an error
    AluInvStart = 5'd22,  // invert a mod m
    AluHalf     = 5'd23,  // half d[0] = a
    AluPush     = 5'd24,  // table, coordinate d[1:0]: a in front, the others move up
    AluSlotSet  = 5'd25,  // slot A, B, D (d = 0, 1, 2) = a; 0 after an error
    AluSlotWipe = 5'd26   // the same, unless the slot is to be kept
  } alu_op_e;
  parameter logic [4:0] AluLastWriting = AluSelTop;

  // Where the next word is. Decided by this field, the loop counter and the random source's readiness: never by data.
  typedef enum logic [3:0] {
    SeqNext  = 4'd0,  // after arg idle cycles
    SeqSet   = 4'd1,  // counter = arg
    SeqLoop  = 4'd2,  // to arg unless the counter is 0; counter - 1
    SeqLoopW = 4'd3,  // the same, and the halves move up one window
    SeqLoopC = 4'd4,  // the same, and the halves move up one bit
    SeqJump  = 4'd5,  // to arg
    SeqCall  = 4'd6,  // to arg, keeping the next address (two levels)
    SeqRet   = 4'd7,  // back to it
    SeqSeed  = 4'd8,  // wait until the random source is seeded; to arg if it is faulty
    SeqEnd   = 4'd9
  } seq_op_e;

  parameter int unsigned PcWidth = 10;

  // One ROM word: everything that starts in one cycle.
  typedef struct packed {
    logic [2:0]          mul_op;
    operand_t            mul_a;
    operand_t            mul_b;
    reg_t                mul_d;
    logic [4:0]          alu_op;
    logic                alu_n;  // modulo n
    operand_t            alu_a;
    operand_t            alu_b;
    reg_t                alu_d;
    logic [3:0]          seq_op;
    logic [PcWidth-1:0]  seq_arg;
  } uop_t;
  parameter int unsigned UopWidth = 57;

  parameter int unsigned AddrWidth = 36;  // addresses of two register writes and four operands

  parameter int unsigned CombTeeth = 5;

  // Values of the parameter Style: protection of the scalar and the point against first-order leakage, or none.
  parameter int unsigned StyleUnprotected = 0;
  parameter int unsigned StyleProtected = 1;
  parameter int unsigned StyleDoubleAdd = 2;  // weak on purpose: bit by bit with a conditional move

endpackage
