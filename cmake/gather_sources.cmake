# cmake -DFOLDER=dir -P gather_sources.cmake: one all.cpp that includes every source Verilator wrote there.
file(GLOB sources ${FOLDER}/V*.cpp)
list(SORT sources)
set(text "")
foreach(source IN LISTS sources)
  string(APPEND text "#include \"${source}\"\n")
endforeach()
file(WRITE ${FOLDER}/all.cpp "${text}")
