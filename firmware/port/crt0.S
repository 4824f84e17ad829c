// Start-up and trap entry. Reset enters at the first word of the flash (contract: reset_vector).
// Interrupts stay disabled for good: enabled lines only end WFI. So whatever arrives at the trap vector is a fault.

  .section .text.start, "ax"
  .globl _start
_start:
  .option push
  .option norelax
  la gp, __global_pointer$
  .option pop
  la t0, trap_entry
  csrw mtvec, t0
  la sp, __stack_top

  // Paint the stack, to find later how deep it went.
  la t0, __stack_bottom
  li t1, 0x5AFE57AC
1:sw t1, 0(t0)
  addi t0, t0, 4
  bltu t0, sp, 1b

  // Initialised data from flash, zeros for the rest.
  la t0, __data_load
  la t1, __data_start
  la t2, __data_end
2:bgeu t1, t2, 3f
  lw t3, 0(t0)
  sw t3, 0(t1)
  addi t0, t0, 4
  addi t1, t1, 4
  j 2b
3:la t1, __bss_start
  la t2, __bss_end
4:bgeu t1, t2, 5f
  sw zero, 0(t1)
  addi t1, t1, 4
  j 4b

  // Wake-up sources of WFI: machine timer (bit 7) and machine external (bit 11).
5:li t0, 0x880
  csrw mie, t0
  call card_main

  .balign 4
trap_entry:
  la sp, __trap_stack_top      // the fault may be the stack's end
  csrr a0, mcause
  csrr a1, mepc
  csrr a2, mtval
  call trap_report

  // The end of the program, a0 = exit code: everything on the stack may be wiped, so go on elsewhere.
  .globl end_program
end_program:
  la sp, __trap_stack_top
  call wipe_and_exit
