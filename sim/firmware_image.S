    .section .rodata
    .global touchstone_card_elf
    .global touchstone_card_elf_end
    .balign 16
touchstone_card_elf:
    .incbin TOUCHSTONE_CARD_ELF
touchstone_card_elf_end:
    .byte 0
    .section .note.GNU-stack, "", @progbits
