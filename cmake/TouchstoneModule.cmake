# touchstone_module, touchstone_program, touchstone_test: the only ways a target of ours is made.
# A module lives in one folder and is included by its name: `#include "base/bytes.h"`. The include path holds just the
# folders of the modules it depends on (as links in the build folder), so a break of the layers does not compile.

# -Wno-restrict: GCC 12 reports "literal" + std::string as overlapping (GCC bug 105651).
set(TOUCHSTONE_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror -Wno-restrict)
# Fused multiply-add would make results depend on the machine (DESIGN: determinism).
set(TOUCHSTONE_CODEGEN -ffp-contract=off)

# touchstone_module(NAME LAYER n
#   [SOURCES file...]        host only
#   [CARD_SOURCES file...]   the freestanding subset: compiled for the host here and for the card by touchstone_firmware
#   [CARD_SMALL_SOURCES file...]  more of it: for the card as small as can be, because no time is spent there
#   [DEPS module...]         modules whose headers may be included; none of a higher layer
#   [LIBRARIES target...]    outside libraries, private: their headers stand in no header of ours
#   [PUBLIC_LIBRARIES target...]
#   [STRICT])                adds -Wconversion -Wsign-conversion
function(touchstone_module NAME)
  cmake_parse_arguments(ARG "STRICT" "LAYER" "SOURCES;CARD_SOURCES;CARD_SMALL_SOURCES;DEPS;LIBRARIES;PUBLIC_LIBRARIES" ${ARGN})
  if(NOT DEFINED ARG_LAYER)
    message(FATAL_ERROR "touchstone_module(${NAME}): LAYER is missing")
  endif()
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "touchstone_module(${NAME}): unknown arguments ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  foreach(dep IN LISTS ARG_DEPS)
    if(NOT TARGET touchstone_${dep})
      message(FATAL_ERROR "touchstone_module(${NAME}): module '${dep}' does not exist (yet): declare it before ${NAME}")
    endif()
    get_target_property(dep_layer touchstone_${dep} TOUCHSTONE_LAYER)
    if(dep_layer GREATER ARG_LAYER)
      message(FATAL_ERROR "touchstone_module(${NAME}): layer ${ARG_LAYER} must not depend on '${dep}' of layer ${dep_layer}")
    endif()
  endforeach()

  set(link_dir ${CMAKE_BINARY_DIR}/include/${NAME})
  file(MAKE_DIRECTORY ${link_dir})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${link_dir}/${NAME} SYMBOLIC)

  if(ARG_SOURCES OR ARG_CARD_SOURCES OR ARG_CARD_SMALL_SOURCES)
    add_library(touchstone_${NAME} STATIC ${ARG_SOURCES} ${ARG_CARD_SOURCES} ${ARG_CARD_SMALL_SOURCES})
    set(scope PUBLIC)
    target_compile_options(touchstone_${NAME} PRIVATE ${TOUCHSTONE_WARNINGS} ${TOUCHSTONE_CODEGEN})
    if(ARG_STRICT)
      target_compile_options(touchstone_${NAME} PRIVATE -Wconversion -Wsign-conversion)
    endif()
    target_link_libraries(touchstone_${NAME} PRIVATE ${ARG_LIBRARIES})
  else()
    add_library(touchstone_${NAME} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(touchstone_${NAME} ${scope} ${link_dir})
  foreach(dep IN LISTS ARG_DEPS)
    target_link_libraries(touchstone_${NAME} ${scope} touchstone_${dep})
  endforeach()
  target_link_libraries(touchstone_${NAME} ${scope} ${ARG_PUBLIC_LIBRARIES})
  add_library(touchstone::${NAME} ALIAS touchstone_${NAME})

  list(TRANSFORM ARG_CARD_SOURCES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ REGEX "^[^/]")
  list(TRANSFORM ARG_CARD_SMALL_SOURCES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ REGEX "^[^/]")
  set(card_sources ${ARG_CARD_SOURCES} ${ARG_CARD_SMALL_SOURCES})
  set_target_properties(touchstone_${NAME} PROPERTIES
    TOUCHSTONE_LAYER ${ARG_LAYER}
    TOUCHSTONE_CARD_SOURCES "${card_sources}"
    TOUCHSTONE_CARD_SMALL_SOURCES "${ARG_CARD_SMALL_SOURCES}"
    TOUCHSTONE_DEPS "${ARG_DEPS}")
endfunction()

# touchstone_program(NAME SOURCES file... [DEPS module...] [LIBRARIES target...]): build/<preset>/bin/NAME
function(touchstone_program NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;LIBRARIES" ${ARGN})
  add_executable(${NAME} ${ARG_SOURCES})
  target_compile_options(${NAME} PRIVATE ${TOUCHSTONE_WARNINGS} ${TOUCHSTONE_CODEGEN})
  list(TRANSFORM ARG_DEPS PREPEND touchstone_)
  target_link_libraries(${NAME} PRIVATE ${ARG_DEPS} ${ARG_LIBRARIES})
endfunction()

# touchstone_test(NAME SOURCES file... [DEPS module...] [LIBRARIES target...] [LABELS label...] [TIMEOUT s])
# One GoogleTest program; every TEST in it is one ctest. A test that calls GTEST_SKIP() counts as skipped, by name.
# Labels: unit vectors rtl scenario peers formal data long. `data` tests read TOUCHSTONE_DATA (tests/support/data.h).
function(touchstone_test NAME)
  if(NOT TOUCHSTONE_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "SYSTEMC" "TIMEOUT" "SOURCES;DEPS;LIBRARIES;LABELS" ${ARGN})
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  if(ARG_SYSTEMC)
    list(APPEND ARG_SOURCES ${CMAKE_SOURCE_DIR}/tests/support/sc_gtest_main.cpp)
    set(main GTest::gtest touchstone::systemc)
  else()
    set(main GTest::gtest_main)
  endif()
  add_executable(${NAME} ${ARG_SOURCES})
  target_compile_options(${NAME} PRIVATE ${TOUCHSTONE_WARNINGS} ${TOUCHSTONE_CODEGEN})
  target_include_directories(${NAME} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  list(TRANSFORM ARG_DEPS PREPEND touchstone_)
  target_link_libraries(${NAME} PRIVATE ${ARG_DEPS} ${ARG_LIBRARIES} GTest::gmock ${main})
  set_target_properties(${NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  gtest_discover_tests(${NAME} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${ARG_TIMEOUT} SKIP_REGULAR_EXPRESSION "\\[  SKIPPED \\]")
  # Discovery flattens lists, so a test with two labels would keep the first: they are set once the tests are known.
  set(labels ${CMAKE_CURRENT_BINARY_DIR}/${NAME}_labels.cmake)
  file(WRITE ${labels} "foreach(test IN LISTS ${NAME}_TESTS)\n  set_tests_properties(\"\${test}\" PROPERTIES LABELS \"${ARG_LABELS}\")\nendforeach()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${labels})
endfunction()

# touchstone_sc_test(NAME ...): the same for tests that link SystemC (its library wants an sc_main). Each TEST runs in a process of its own under
# ctest, because SystemC elaborates once a process.
function(touchstone_sc_test NAME)
  touchstone_test(${NAME} SYSTEMC ${ARGN})
endfunction()
