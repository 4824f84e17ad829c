# Every outside package, found once. Debian 12's versions; the list that installs them is packages.txt.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

# Debian's libsystemc is compiled as C++17 and its version symbol says so; with this definition alone C++20 code links
# against it. Define it nowhere else.
pkg_check_modules(SYSTEMC REQUIRED IMPORTED_TARGET systemc)
add_library(touchstone_systemc INTERFACE)
target_link_libraries(touchstone_systemc INTERFACE PkgConfig::SYSTEMC)
target_compile_definitions(touchstone_systemc INTERFACE SC_CPLUSPLUS=201703L)
add_library(touchstone::systemc ALIAS touchstone_systemc)

find_package(verilator REQUIRED HINTS /usr/share/verilator)
pkg_check_modules(SECP256K1 REQUIRED IMPORTED_TARGET libsecp256k1)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(PNG REQUIRED)
pkg_check_modules(LIBDW REQUIRED IMPORTED_TARGET libdw libelf)
find_package(ZLIB REQUIRED)
find_package(Boost REQUIRED COMPONENTS program_options)

if(TOUCHSTONE_PROGRAMS)
  find_package(benchmark REQUIRED)
  find_package(Eigen3 REQUIRED)
  # By hand: OpenCV's own configuration comes with a package that pulls in all of its modules.
  find_path(OPENCV_INCLUDE opencv2/imgproc.hpp PATH_SUFFIXES opencv4 REQUIRED)
  find_library(OPENCV_CORE opencv_core REQUIRED)
  find_library(OPENCV_IMGPROC opencv_imgproc REQUIRED)
  add_library(touchstone_opencv INTERFACE)
  target_include_directories(touchstone_opencv SYSTEM INTERFACE ${OPENCV_INCLUDE})
  target_link_libraries(touchstone_opencv INTERFACE ${OPENCV_IMGPROC} ${OPENCV_CORE})
  add_library(touchstone::opencv ALIAS touchstone_opencv)
endif()
if(TOUCHSTONE_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
  find_package(OpenSSL REQUIRED)
  pkg_check_modules(UNICORN REQUIRED IMPORTED_TARGET unicorn)
endif()
