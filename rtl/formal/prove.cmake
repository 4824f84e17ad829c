# cmake -DYOSYS=.. -DABC=.. -DSOURCES=a.sv;b.sv -DWORK=dir -DWEAK=0|1 -P prove.cmake
# Proves constant_time.sv: signal correspondence finds, without bound, that both accelerators' control is equal in every reachable
# state. WEAK=1: the same procedure on the core that skips leading zeros must fail to prove it.
# yosys-abc returns 0 whatever happens, so its text decides.
file(MAKE_DIRECTORY ${WORK})
list(JOIN SOURCES " " sources)
set(aiger ${WORK}/constant_time_${WEAK}.aig)
execute_process(COMMAND ${YOSYS} -q -p "read_verilog -sv ${sources}
hierarchy -check -chparam SkipLeadingZeros ${WEAK} -top constant_time
proc
check -assert
flatten
opt_clean -purge
opt -full
memory_map
opt -full
opt_clean -purge
async2sync
dffunmap
techmap
abc -g AND -fast
opt_clean
write_aiger -zinit ${aiger}" RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "yosys failed: ${failed}")
endif()
execute_process(COMMAND ${ABC} -c "read_aiger ${aiger}; print_stats; scorr; print_stats; sat" OUTPUT_VARIABLE text ERROR_VARIABLE text)
message("${text}")
if(NOT text MATCHES "lat = *([0-9]+)" OR CMAKE_MATCH_1 LESS 60)
  message(FATAL_ERROR "the control registers of both cores are not in the problem: the proof would be empty")
endif()
string(FIND "${text}" "UNSATISFIABLE" proved)
if(WEAK AND NOT proved EQUAL -1)
  message(FATAL_ERROR "the weak core was proved constant-time: the procedure proves nothing")
elseif(NOT WEAK AND proved EQUAL -1)
  message(FATAL_ERROR "not proved")
endif()
