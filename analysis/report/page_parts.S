    .section .rodata
    .macro part name, file
    .global ts_page_\name
    .global ts_page_\name\()_end
ts_page_\name:
    .incbin "\file"
ts_page_\name\()_end:
    .byte 0
    .endm
    part html, "page.html"
    part css, "page.css"
    part model, "model.js"
    part timeline, "timeline.js"
    part page, "page.js"
    .section .note.GNU-stack, "", @progbits
