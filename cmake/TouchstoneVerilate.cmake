# touchstone_verilate(NAME PREFIX class TOP module SOURCES file... [CONFIG file.vlt...] [ARGS arg...])
# A static library of the Verilated model: header PREFIX.h, plain C++, no SystemC. Verilator's own verilate() runs when CMake
# configures and so cannot take generated SystemVerilog; this runs in the build. Verilator's -Wall is on and fatal: the lint
# of the sources is part of every build. All of the model is one translation unit
# at TOUCHSTONE_VERILATED_OPTIMISATION.

set(TOUCHSTONE_VERILATED_OPTIMISATION -O3 CACHE STRING "of the Verilated models")
set(TOUCHSTONE_VERILATE_GATHER ${CMAKE_CURRENT_LIST_DIR}/gather_sources.cmake)

function(touchstone_verilate NAME)
  cmake_parse_arguments(ARG "" "PREFIX;TOP" "SOURCES;CONFIG;ARGS" ${ARGN})
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${NAME})
  set(sources "")
  foreach(source IN LISTS ARG_CONFIG ARG_SOURCES)
    get_filename_component(source ${source} ABSOLUTE)
    list(APPEND sources ${source})
  endforeach()
  add_custom_command(OUTPUT ${folder}/all.cpp ${folder}/${ARG_PREFIX}.h
    COMMAND ${VERILATOR_BIN} --cc -Wall -O3 --x-assign 0 --x-initial 0 --noassert
            --prefix ${ARG_PREFIX} --top-module ${ARG_TOP} --Mdir ${folder} ${ARG_ARGS} ${sources}
    COMMAND ${CMAKE_COMMAND} -DFOLDER=${folder} -P ${TOUCHSTONE_VERILATE_GATHER}
    DEPENDS ${sources} ${TOUCHSTONE_VERILATE_GATHER} COMMENT "verilator ${NAME}" VERBATIM)
  add_library(${NAME} STATIC ${folder}/all.cpp ${VERILATOR_ROOT}/include/verilated.cpp
    ${VERILATOR_ROOT}/include/verilated_threads.cpp)
  target_include_directories(${NAME} SYSTEM PUBLIC ${folder} ${VERILATOR_ROOT}/include ${VERILATOR_ROOT}/include/vltstd)
  target_compile_definitions(${NAME} PUBLIC VM_COVERAGE=0 VM_SC=0 VM_TRACE=0 VM_TRACE_FST=0 VM_TRACE_VCD=0)
  target_compile_options(${NAME} PRIVATE -w ${TOUCHSTONE_VERILATED_OPTIMISATION})
  target_link_libraries(${NAME} PUBLIC Threads::Threads)
endfunction()
