// SystemC's library brings its own main(); it calls sc_main, and the tests run inside. Under ctest every TEST is a process
// of its own, so each may elaborate once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <systemc.h>

#include <cstdlib>

namespace {
// Before SystemC's main() prints it for every single test.
const int kNoBanner = setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 0);
}  // namespace

int sc_main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
