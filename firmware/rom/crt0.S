// Start-up of the boot ROM. Reset enters here (contract: reset_vector), and so does nothing else: the program that was
// started cannot come back, because everything it could use is locked or wiped.

  .section .text.start, "ax"
  .globl _start
_start:
  .option push
  .option norelax
  la gp, __global_pointer$
  .option pop
  la t0, trap
  csrw mtvec, t0
  la sp, __stack_top
  // All of the RAM: after a software reset it still holds what the firmware before left, its alias secret too.
  la t1, __ram_start
  la t2, __ram_end
1:sw zero, 0(t1)
  addi t1, t1, 4
  bltu t1, t2, 1b
  // Wake-up sources of WFI: machine timer (bit 7) and machine external (bit 11). Interrupts are never taken.
  li t0, 0x880
  csrw mie, t0
  call rom_main

  // a0 = entry of the verified image. Nothing of the ROM's stays: neither in RAM nor in registers.
  la t1, __rom_ram_start
  la t2, __rom_ram_end
2:sw zero, 0(t1)
  addi t1, t1, 4
  bltu t1, t2, 2b
  csrw mie, zero
  csrw mtvec, zero
  csrw mepc, zero
  csrw mscratch, zero
  mv x1, zero
  .irp r, x2,x3,x4,x5,x6,x7,x8,x9,x11,x12,x13,x14,x15,x16,x17,x18,x19,x20,x21,x22,x23,x24,x25,x26,x27,x28,x29,x30,x31
  mv \r, zero
  .endr
  jr a0

  .balign 4
trap:
  la sp, __stack_top
  call rom_trap
