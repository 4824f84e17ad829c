  .section .text.start
  .globl _start
_start:
  li sp, 0x50000
  call trace_main
  ebreak
