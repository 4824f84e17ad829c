// SystemC's library brings its own main(); it calls sc_main, and the tests run inside. Under ctest every TEST is a process
// of its own, so each may elaborate once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <systemc.h>

int sc_main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
