// Start of a program alone on the MCU: global pointer, stack, data, constructors, main; main's result is the exit code.
// A trap nobody handles ends the program with exit code 0x80 + the low four bits of mcause.
#define SIMCTL_EXIT 0x40000000

  .section .start, "ax"
  .globl _start
_start:
  .option push
  .option norelax
  la gp, __global_pointer$
  .option pop
  la sp, __stack_top
  la t0, unhandled_trap
  csrw mtvec, t0

  la a0, __data_start
  la a1, __data_end
  la a2, __data_source
1: bgeu a0, a1, 2f
  lw t0, 0(a2)
  sw t0, 0(a0)
  addi a0, a0, 4
  addi a2, a2, 4
  j 1b

2: la a0, __bss_start
  la a1, __bss_end
3: bgeu a0, a1, 4f
  sw zero, 0(a0)
  addi a0, a0, 4
  j 3b

4: la s0, __init_array_start
  la s1, __init_array_end
5: bgeu s0, s1, 6f
  lw t0, 0(s0)
  jalr t0
  addi s0, s0, 4
  j 5b

6: call main
exit_with_a0:
  li t0, SIMCTL_EXIT
  sw a0, 0(t0)
7: wfi
  j 7b

  .balign 4
unhandled_trap:
  csrr a0, mcause
  andi a0, a0, 15
  ori a0, a0, 0x80
  j exit_with_a0
