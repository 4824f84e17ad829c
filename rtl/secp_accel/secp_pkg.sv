// Types and constants of the secp256k1 accelerator. The microcode assembler (rtl/microcode) writes ROM words by these names.
package secp_pkg;

  // Field prime p = 2^256 - Fold and group order n = 2^256 - 2^128 - FoldN.
  parameter logic [32:0] Fold = 33'h1_0000_03D1;
  parameter logic [126:0] FoldN = 127'h45512319_50B75FC4_402DA173_2FC9BEBF;
  parameter logic [255:0] Order = 256'hFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141;

  // The register file: operands, results, temporaries, and at its top the four scalar slots.
  typedef logic [4:0] reg_t;
  parameter logic [2:0] OperandRows = 3'd0;  // PX, PY, QX, QY: registers 0..3
  parameter logic [3:0] ResultRows = 4'd2;   // RX, RY: registers 4, 5
  parameter logic [2:0] SlotRows = 3'd7;     // slots 0..3: registers 28..31

  // Operands: a is a register or 0; b is a register or a constant (secp_constants.sv).
  typedef logic [5:0] operand_t;

  typedef enum logic [4:0] {
    OpNop      = 5'd0,
    // The multiplier starts; its result is written when it is there.
    OpMulP     = 5'd1,   // d = a * b mod p
    OpMulShort = 5'd2,   // d = a * b mod p for b < 2^32
    OpMulN     = 5'd3,   // d = a * b mod n
    OpMulHigh  = 5'd4,   // d = a * b / 2^256 for b < 2^128 whose digits stand in reverse order
    // The adder side writes d in the same cycle.
    OpAdd      = 5'd5,   // d = a + b mod p
    OpSub      = 5'd6,   // d = a - b mod p
    OpAddN     = 5'd7,   // d = a + b mod n
    OpSubN     = 5'd8,   // d = a - b mod n
    OpEven     = 5'd9,   // d = b odd ? -b : b mod p
    OpRandom   = 5'd10,  // d = 256 fresh bits
    OpRandom64 = 5'd11,  // d = 64 fresh bits
    OpSlot     = 5'd12,  // d = scalar slot - b mod n; a[0]: 0 slot A, 1 slot B
    OpWindow   = 5'd13,  // d = coordinate b[1:0] of the table entry, chosen by the top digit of half b[2], with its sign
    OpComb     = 5'd14,  // d = coordinate b[0] of a comb entry, chosen by half b[2], with its sign
    OpSelTop   = 5'd15,  // d = top bit of half 0 ? a : b; of the weak double-and-add variant alone
    OpResult   = 5'd16,  // d = a, or 0 after an error
    OpSlotSet  = 5'd17,  // slot A, B, D (d = 0, 1, 2) = a; 0 after an error
    OpSlotWipe = 5'd18,  // the same, unless the slot is to be kept or the operation does not take it
    // The rest writes no register.
    OpHalf     = 5'd19,  // half d[0] = a
    OpPush     = 5'd20,  // table, coordinate d[1:0]: a in front, the others move up
    OpChkRange = 5'd21,  // not on curve if a >= p (b = 0)
    OpChkEq    = 5'd22,  // not on curve if a != b
    OpChkInf   = 5'd23,  // infinity if a == b
    OpChkOut   = 5'd24,  // result fault if a != b, unless infinity
    OpChkSlot  = 5'd25   // bad scalar if slot A or B (a[0]) >= n (b = 0), or if it is 0 and d[0]
  } op_e;
  parameter logic [4:0] OpFirstWriting = OpAdd;
  parameter logic [4:0] OpLastWriting = OpSlotWipe;

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

  // One ROM word: what starts in one cycle.
  typedef struct packed {
    logic [4:0]          op;
    operand_t            a;
    operand_t            b;
    reg_t                d;
    logic [3:0]          seq_op;
    logic [PcWidth-1:0]  seq_arg;
  } uop_t;
  parameter int unsigned UopWidth = 36;

  parameter int unsigned AddrWidth = 23;  // of what is written, both operands and the table in a cycle

  parameter int unsigned CombTeeth = 5;

  // Values of the parameter Style: protection of the scalar and the point against first-order leakage, or none.
  parameter int unsigned StyleUnprotected = 0;
  parameter int unsigned StyleProtected = 1;
  parameter int unsigned StyleDoubleAdd = 2;  // weak on purpose: bit by bit with a conditional move

endpackage
