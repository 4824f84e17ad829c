# Fails, with the command that repairs it, when a committed generated document differs from a fresh one.
execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files ${GENERATED} ${COMMITTED} RESULT_VARIABLE different)
if(different)
  message(FATAL_ERROR "${COMMITTED} is not what the contract generates. Repair: cp ${GENERATED} ${COMMITTED}")
endif()
