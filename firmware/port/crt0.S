// Start-up, the way from machine mode to user mode, and the way back. The boot ROM jumps here once it has verified the image.
//
// Interrupts are never taken. In machine mode mstatus.MIE stays 0 and enabled lines only end WFI; in user mode, where that bit
// would not hold them back, mie is 0, and who wants to sleep asks machine mode to. So what arrives at the trap vector is a call
// from user mode or a fault.
//
// mscratch: the top of the vault's stack while user mode runs, 0 while machine mode runs.

  .equ kWakeLines, 0x880  // machine timer (bit 7) and machine external (bit 11)
  .equ kUserCall, 8       // mcause of an ecall from user mode
  .equ kEndCall, 256      // port/user_calls.h

  .section .text.start, "ax"
  .globl _start
_start:
  csrw mscratch, zero
  csrw mie, zero
  .option push
  .option norelax
  la gp, __global_pointer$
  .option pop
  la t0, trap_entry
  csrw mtvec, t0
  la sp, __vault_stack_top

  // Paint the vault's stack, to find later how deep it went.
  la t0, __vault_stack_bottom
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

5:li t0, kWakeLines
  csrw mie, t0
  call vault_main

  // The user's part: paint on the stack, zeros elsewhere.
  la t0, __user_start
  la sp, __user_stack_top
  li t1, 0x5AFE57AC
6:sw t1, 0(t0)
  addi t0, t0, 4
  bltu t0, sp, 6b
  la t1, __user_end
7:bgeu t0, t1, 8f
  sw zero, 0(t0)
  addi t0, t0, 4
  j 7b
8:la t0, user_main
  csrw mepc, t0
  li t0, 0x1800                // mstatus.MPP: user
  csrc mstatus, t0
  la t0, __vault_stack_top
  csrw mscratch, t0
  csrw mie, zero
  .irp r, ra, tp, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, a0, a1, a2, a3, a4, a5, a6, a7, t0, t1, t2, t3, t4, t5, t6
  mv \r, zero
  .endr
  mret

  .balign 4
trap_entry:
  csrrw sp, mscratch, sp
  beqz sp, machine_fault
  // From user mode. A trap from here on is the vault's own fault.
  addi sp, sp, -16
  sw ra, 0(sp)
  csrrw t0, mscratch, zero     // the user's stack
  sw t0, 4(sp)
  .option push
  .option norelax
  la gp, __global_pointer$     // the caller's may be anything
  .option pop
  li t0, kWakeLines
  csrw mie, t0
  csrr t0, mcause
  li t1, kUserCall
  bne t0, t1, fault
  li t1, kEndCall
  beq a0, t1, user_ends
  call user_call               // a0 = call, a1 = its block; the compiler's convention keeps the caller's s registers

  // Back. The registers that a call may change carry nothing out but a0.
  lw ra, 0(sp)
  lw t0, 4(sp)
  addi sp, sp, 16
  csrw mie, zero
  csrr t1, mepc
  addi t1, t1, 4
  csrw mepc, t1
  csrw mscratch, sp
  mv sp, t0
  .irp r, a1, a2, a3, a4, a5, a6, a7, t0, t1, t2, t3, t4, t5, t6
  mv \r, zero
  .endr
  mret

machine_fault:
  csrw mscratch, zero
fault:
  la sp, __trap_stack_top      // the fault may be the stack's end
  csrr a0, mcause
  csrr a1, mepc
  csrr a2, mtval
  csrr a3, mstatus
  call trap_report

user_ends:
  mv a0, a1
  j wipe_on_trap_stack

  // The end of the program, a0 = exit code: everything on the stack may be wiped, so go on elsewhere. User mode asks for it.
  .globl end_program
end_program:
  la t0, __user_start
  bgeu sp, t0, 9f
wipe_on_trap_stack:
  la sp, __trap_stack_top
  call wipe_and_exit
9:mv a1, a0
  li a0, kEndCall
  ecall
