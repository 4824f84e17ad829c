// oracle_run(code, mpp, argument) and the code snippets it runs. A trap comes back to the caller as if the call had returned mcause.
  .text
  .globl oracle_run
oracle_run:
  la t0, saved
  sw ra, 0(t0)
  sw sp, 4(t0)
  sw gp, 8(t0)
  sw tp, 12(t0)
  sw s0, 16(t0)
  sw s1, 20(t0)
  sw s2, 24(t0)
  sw s3, 28(t0)
  sw s4, 32(t0)
  sw s5, 36(t0)
  sw s6, 40(t0)
  sw s7, 44(t0)
  sw s8, 48(t0)
  sw s9, 52(t0)
  sw s10, 56(t0)
  sw s11, 60(t0)
  la t1, came_back
  csrw mtvec, t1
  csrw mepc, a0
  li t1, 3 << 11
  csrc mstatus, t1
  csrs mstatus, a1
  mv a0, a2
  mret

  .balign 4
came_back:
  li t0, 1 << 17  // MPRV
  csrc mstatus, t0
  la t0, saved
  lw ra, 0(t0)
  lw sp, 4(t0)
  lw gp, 8(t0)
  lw tp, 12(t0)
  lw s0, 16(t0)
  lw s1, 20(t0)
  lw s2, 24(t0)
  lw s3, 28(t0)
  lw s4, 32(t0)
  lw s5, 36(t0)
  lw s6, 40(t0)
  lw s7, 44(t0)
  lw s8, 48(t0)
  lw s9, 52(t0)
  lw s10, 56(t0)
  lw s11, 60(t0)
  csrr a0, mcause
  ret

  // One naturally aligned power of two of code, so that one PMP entry opens it.
  .balign 256
  .globl snippets, snippet_load, snippet_store, snippet_byte, snippet_jump, snippet_ecall, snippet_cycle, snippet_mret, snippet_mstatus, snippet_illegal
snippets:
snippet_load: lw a1, 0(a0)
  ecall
snippet_store: sw a1, 0(a0)
  ecall
snippet_byte: lbu a1, 0(a0)
  ecall
snippet_jump: jr a0
snippet_ecall: ecall
snippet_cycle: csrr a1, cycle
  ecall
snippet_mret: mret
snippet_mstatus: csrr a1, mstatus
  ecall
  .balign 4
snippet_illegal: .word 0xFFFFFFFF
  .balign 256

  .bss
  .balign 4
saved: .skip 64
