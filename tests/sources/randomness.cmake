# Every random draw comes from the seed: the host's randomness and calendar appear in core/base only. Wall clocks that only
# measure (steady_clock) are fine.
file(GLOB_RECURSE sources RELATIVE ${ROOT} ${ROOT}/*.cpp ${ROOT}/*.h)
set(found "")
foreach(source IN LISTS sources)
  if(source MATCHES "^(build|runs|core/base|tests/sources)/")
    continue()
  endif()
  file(STRINGS ${ROOT}/${source} lines REGEX
    "std::random_device|[^_a-zA-Z]s?rand\\(|[^_a-zA-Z]time\\((NULL|nullptr|0)\\)|/dev/u?random|getrandom\\(|std::(uniform|normal|bernoulli|poisson)[a-z_]*_distribution|system_clock|std::mt19937")
  foreach(line IN LISTS lines)
    string(APPEND found "${source}: ${line}\n")
  endforeach()
endforeach()
if(found)
  message(FATAL_ERROR "randomness or calendar outside core/base:\n${found}")
endif()
