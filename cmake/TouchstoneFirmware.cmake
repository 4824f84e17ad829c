# touchstone_firmware(NAME LINKER_SCRIPT file SOURCES file... MODULES module... [OPTIONS flag...] [DEPENDS generated header...])
# Cross-compiles a program for the card (RV32IMC, freestanding C++20 on picolibc) inside the same build graph:
# build/<preset>/firmware/NAME.elf. MODULES contribute their CARD_SOURCES and CARD_SMALL_SOURCES and, transitively, those of what they depend on.
#
# Debian's RV32 compiler ships no C++ headers. The host's libstdc++ headers that are freestanding in nature compile for it
# with -I (not -isystem) and two empty bits/ headers in front; anything that needs libstdc++.a fails at link, as it should.

find_program(RV32_CXX riscv64-unknown-elf-g++ REQUIRED)
find_program(RV32_CC riscv64-unknown-elf-gcc REQUIRED)  # links: the C++ driver would ask for a libstdc++ that does not exist
find_program(RV32_SIZE riscv64-unknown-elf-size REQUIRED)
find_program(RV32_NM riscv64-unknown-elf-nm REQUIRED)

set(RV32_SHIM ${CMAKE_BINARY_DIR}/firmware/shim)
file(WRITE ${RV32_SHIM}/bits/os_defines.h "")
file(WRITE ${RV32_SHIM}/bits/gthr-default.h "")

# picolibc's multilib is named after the old ISA string: -misa-spec=2.2 makes "rv32imc" include Zicsr.
set(RV32_ARCH -march=rv32imc -mabi=ilp32 -misa-spec=2.2 --specs=picolibc.specs)
set(RV32_FLAGS ${RV32_ARCH} -g -ffreestanding
  -ffunction-sections -fdata-sections -fno-builtin-printf -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=
  -Wall -Wextra -Werror)
set(RV32_CXX_FLAGS ${RV32_FLAGS} -std=c++20 -fno-exceptions -fno-rtti -fno-threadsafe-statics
  -I${RV32_SHIM} -I/usr/include/c++/12 -I/usr/include/x86_64-linux-gnu/c++/12)

function(touchstone_card_closure OUT)
  set(todo ${ARGN})
  set(seen "")
  while(todo)
    list(POP_FRONT todo module)
    if(NOT module IN_LIST seen)
      list(APPEND seen ${module})
      get_target_property(deps touchstone_${module} TOUCHSTONE_DEPS)
      list(APPEND todo ${deps})
    endif()
  endwhile()
  set(${OUT} ${seen} PARENT_SCOPE)
endfunction()

function(touchstone_firmware NAME)
  cmake_parse_arguments(ARG "" "LINKER_SCRIPT" "SOURCES;MODULES;OPTIONS;DEPENDS" ${ARGN})
  touchstone_card_closure(modules ${ARG_MODULES})
  set(includes "")
  set(sources "")
  set(small "")
  foreach(module IN LISTS modules)
    list(APPEND includes -I${CMAKE_BINARY_DIR}/include/${module})
    get_target_property(card touchstone_${module} TOUCHSTONE_CARD_SOURCES)
    list(APPEND sources ${card})
    get_target_property(card touchstone_${module} TOUCHSTONE_CARD_SMALL_SOURCES)
    list(APPEND small ${card})
  endforeach()
  list(APPEND includes -I${CMAKE_BINARY_DIR}/generated)
  foreach(source IN LISTS ARG_SOURCES)
    get_filename_component(source ${source} ABSOLUTE)
    list(APPEND sources ${source})
  endforeach()

  set(objects "")
  foreach(source IN LISTS sources)
    file(RELATIVE_PATH stem ${CMAKE_SOURCE_DIR} ${source})
    set(object ${CMAKE_BINARY_DIR}/firmware/${NAME}/${stem}.o)
    get_filename_component(folder ${object} DIRECTORY)
    file(MAKE_DIRECTORY ${folder})
    set(optimise -O2)
    if(source IN_LIST small)
      set(optimise -Os)
    endif()
    set(compiler ${RV32_CXX} ${RV32_CXX_FLAGS})
    if(source MATCHES "\\.S$")
      set(compiler ${RV32_CC} ${RV32_FLAGS})
    elseif(source MATCHES "\\.c$")
      set(compiler ${RV32_CC} ${RV32_FLAGS} -std=c11)
    endif()
    add_custom_command(OUTPUT ${object}
      COMMAND ${CCACHE} ${compiler} ${optimise} ${ARG_OPTIONS} ${includes} -MD -MF ${object}.d -MT ${object}
              -c ${source} -o ${object}
      DEPENDS ${source} ${ARG_DEPENDS} touchstone_contract_generated DEPFILE ${object}.d COMMENT "rv32 ${stem}" VERBATIM)
    list(APPEND objects ${object})
  endforeach()

  set(elf ${CMAKE_BINARY_DIR}/firmware/${NAME}.elf)
  get_filename_component(script ${ARG_LINKER_SCRIPT} ABSOLUTE)
  add_custom_command(OUTPUT ${elf}
    COMMAND ${RV32_CC} ${RV32_ARCH} -nostartfiles -Wl,--nmagic -Wl,--gc-sections -Wl,--fatal-warnings -T ${script}
            -L${CMAKE_BINARY_DIR}/generated/contract -Wl,-Map,${elf}.map ${objects} -o ${elf}
    DEPENDS ${objects} ${script} touchstone_contract_generated COMMENT "rv32 link ${NAME}.elf" VERBATIM)
  add_custom_target(firmware_${NAME} ALL DEPENDS ${elf})
  set_target_properties(firmware_${NAME} PROPERTIES TOUCHSTONE_ELF ${elf})
endfunction()
