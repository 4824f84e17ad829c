# touchstone_verilate(NAME PREFIX class TOP module SOURCES file... [CONFIG file.vlt...] [ARGS arg...] [FST])
# A static library of the Verilated model: header PREFIX.h, plain C++, no SystemC. Verilator's own verilate() runs when CMake
# configures and so cannot take generated SystemVerilog; this runs in the build. Verilator's -Wall is on and fatal: the lint
# of the sources is part of every build. All of the model is one translation unit
# at TOUCHSTONE_VERILATED_OPTIMISATION. FST: the model can write waves.

set(TOUCHSTONE_VERILATED_OPTIMISATION -O3 CACHE STRING "of the Verilated models")
set(TOUCHSTONE_VERILATE_GATHER ${CMAKE_CURRENT_LIST_DIR}/gather_sources.cmake)

# Verilator's runtime is compiled once, so that models with and without waves link together.
function(touchstone_verilator_runtime NAME)
  add_library(${NAME} STATIC ${ARGN})
  target_include_directories(${NAME} SYSTEM PUBLIC ${VERILATOR_ROOT}/include ${VERILATOR_ROOT}/include/vltstd)
  target_compile_options(${NAME} PRIVATE -w -O3)
  # GCC's sanitizer takes the runtime's thread-local context for a null pointer.
  target_compile_options(${NAME} PUBLIC -fno-sanitize=null)
  target_link_libraries(${NAME} PUBLIC Threads::Threads)
endfunction()

function(touchstone_verilate NAME)
  if(NOT TARGET verilator_runtime)
    touchstone_verilator_runtime(verilator_runtime ${VERILATOR_ROOT}/include/verilated.cpp ${VERILATOR_ROOT}/include/verilated_threads.cpp)
    target_compile_definitions(verilator_runtime PUBLIC VM_COVERAGE=0 VM_SC=0 VM_TRACE_VCD=0)
    touchstone_verilator_runtime(verilator_fst_runtime ${VERILATOR_ROOT}/include/verilated_fst_c.cpp)
    target_link_libraries(verilator_fst_runtime PUBLIC verilator_runtime ZLIB::ZLIB)
  endif()
  cmake_parse_arguments(ARG "FST" "PREFIX;TOP" "SOURCES;CONFIG;ARGS" ${ARGN})
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${NAME})
  set(sources "")
  foreach(source IN LISTS ARG_CONFIG ARG_SOURCES)
    get_filename_component(source ${source} ABSOLUTE)
    list(APPEND sources ${source})
  endforeach()
  add_custom_command(OUTPUT ${folder}/all.cpp ${folder}/${ARG_PREFIX}.h
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${folder}  # a changed design may make fewer files
    COMMAND ${VERILATOR_BIN} --cc -Wall -O3 --x-assign 0 --x-initial 0 --noassert $<$<BOOL:${ARG_FST}>:--trace-fst>
            --prefix ${ARG_PREFIX} --top-module ${ARG_TOP} --Mdir ${folder} ${ARG_ARGS} ${sources}
    COMMAND ${CMAKE_COMMAND} -DFOLDER=${folder} -P ${TOUCHSTONE_VERILATE_GATHER}
    DEPENDS ${sources} ${TOUCHSTONE_VERILATE_GATHER} COMMENT "verilator ${NAME}" COMMAND_EXPAND_LISTS VERBATIM)
  add_library(${NAME} STATIC ${folder}/all.cpp)
  target_include_directories(${NAME} SYSTEM PUBLIC ${folder})
  target_compile_options(${NAME} PRIVATE -w ${TOUCHSTONE_VERILATED_OPTIMISATION})
  if(ARG_FST)
    target_compile_definitions(${NAME} PUBLIC VM_TRACE=1 VM_TRACE_FST=1)
    target_link_libraries(${NAME} PUBLIC verilator_fst_runtime)
  else()
    target_compile_definitions(${NAME} PUBLIC VM_TRACE=0 VM_TRACE_FST=0)
    target_link_libraries(${NAME} PUBLIC verilator_runtime)
  endif()
endfunction()
