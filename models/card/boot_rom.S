    .section .rodata
    .global touchstone_rom_elf
    .global touchstone_rom_elf_end
    .balign 16
touchstone_rom_elf:
    .incbin TOUCHSTONE_ROM_ELF
touchstone_rom_elf_end:
    .byte 0
    .section .note.GNU-stack, "", @progbits
