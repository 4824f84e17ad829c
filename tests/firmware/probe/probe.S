// A program in the place of the firmware that tries what the boot ROM must have locked. Its exit code says what happened:
// bit 0: a store to the ROM trapped, 1: a store to its own flash trapped, 2: the flash controller refused to erase the firmware,
// 3: the device secret reads 0, 4: MIN_VERSION took no bit, 5: the device certificate is there (so the block answers).
  .option norvc
  .section .text.start, "ax"
  .globl _start
_start:
  li s0, 0
  la t0, handler
  csrw mtvec, t0

  li s1, 0
  li t0, 0x10000000
  sw zero, 0(t0)
  or s0, s0, s1
  li s1, 0
  li t0, 0x20000000
  sw zero, 0(t0)
  slli s1, s1, 1
  or s0, s0, s1

  li t0, 0x40007000            // nvm: ADDR 0, CMD erase_page
  sw zero, 0(t0)
  li t1, 1
  sw t1, 12(t0)
  lw t1, 16(t0)                // STATUS: ERROR and LOCKED, not BUSY
  li t2, 6
  bne t1, t2, 1f
  ori s0, s0, 4

1:li t0, 0x40009000            // otp
  li t1, 0
  li t2, 8
2:lw t3, 0(t0)
  or t1, t1, t3
  addi t0, t0, 4
  addi t2, t2, -1
  bnez t2, 2b
  bnez t1, 3f
  ori s0, s0, 8
3:li t0, 0x40009000
  lw t1, 0x68(t0)              // MIN_VERSION, third word
  li t2, 1
  sw t2, 0x68(t0)
  lw t3, 0x68(t0)
  bne t1, t3, 4f
  ori s0, s0, 16
4:lw t1, 0x20(t0)              // DEVICE_CERTIFICATE, first word
  beqz t1, 5f
  ori s0, s0, 32
5:li t0, 0x40000000
  sw s0, 0(t0)
6:wfi
  j 6b

  .balign 4
handler:                       // the store is skipped
  li s1, 1
  csrr t6, mepc
  addi t6, t6, 4
  csrw mepc, t6
  mret
