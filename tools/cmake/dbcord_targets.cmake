# The heavy headers, compiled once for the rooms above `actor` and once more, with Boost.Test, for their tests. Off, every file
# must include what it uses; the clang-werror preset builds that way.
if(DBCORD_PCH)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/precompiled/empty.cpp CONTENT "")
  set(heavy_headers <algorithm> <chrono> <deque> <functional> <map> <memory> <mutex> <optional>
    <set> <span> <string> <string_view> <unordered_map> <variant> <vector> <fmt/format.h> <boost/json.hpp>
    <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/io_context.hpp> <boost/asio/post.hpp>
    <boost/asio/strand.hpp> <boost/asio/use_awaitable.hpp>)
  add_library(dbcord_pch OBJECT ${PROJECT_BINARY_DIR}/precompiled/empty.cpp)
  target_link_libraries(dbcord_pch PUBLIC dbcord_asio Boost::json fmt::fmt)
  target_precompile_headers(dbcord_pch PRIVATE ${heavy_headers})
  if(DBCORD_TESTS)
    add_library(dbcord_test_pch OBJECT ${PROJECT_BINARY_DIR}/precompiled/empty.cpp)
    target_link_libraries(dbcord_test_pch PUBLIC dbcord_asio Boost::json fmt::fmt Boost::unit_test_framework)
    target_compile_definitions(dbcord_test_pch PRIVATE BOOST_TEST_DYN_LINK)
    target_compile_options(dbcord_test_pch PRIVATE ${DBCORD_TEST_OPTIONS})
    target_precompile_headers(dbcord_test_pch PRIVATE ${heavy_headers} <boost/test/unit_test.hpp>)
  endif()
endif()

# dbcord_precompiled(TARGET PCH): TARGET links Asio and Boost.JSON and may use the headers above.
function(dbcord_precompiled target pch)
  if(DBCORD_PCH)
    target_precompile_headers(${target} REUSE_FROM ${pch})
    target_compile_options(${target} PRIVATE -Winvalid-pch)
  endif()
endfunction()

# dbcord_batches(TARGET): with DBCORD_UNITY its files are compiled DBCORD_BATCH at a time, in batches of about the same size, so they must share no local names. Most
# of the time of a build goes into code that every batch makes of the same templates.
function(dbcord_batches target)
  if(DBCORD_UNITY AND NOT target IN_LIST DBCORD_APART)
    get_target_property(sources ${target} SOURCES)
    list(LENGTH sources files)
    math(EXPR batches "(${files} + ${DBCORD_BATCH} - 1) / ${DBCORD_BATCH}")
    math(EXPR size "(${files} + ${batches} - 1) / ${batches}")
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${size})
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)  # of included anonymous namespaces
  endif()
endfunction()

# dbcord_fast_memory(TARGET): it takes its memory from mimalloc. A run of the simulator spends a quarter of its time in the C library's allocator otherwise. The
# sanitizers have their own.
function(dbcord_fast_memory target)
  if(NOT DBCORD_SANITIZE AND NOT DBCORD_FUZZ)
    find_package(mimalloc REQUIRED)
    target_link_libraries(${target} PRIVATE mimalloc)
  endif()
endfunction()

# dbcord_room(NAME DEPENDS ...): the static library of one room, from src/NAME/*.cpp.
function(dbcord_room name)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
  add_library(dbcord_${name} STATIC ${sources})
  dbcord_batches(dbcord_${name})
  target_include_directories(dbcord_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(dbcord_${name} PUBLIC ${ARG_DEPENDS})
  if(NOT name MATCHES "^(base|protocol|actor)$")
    dbcord_precompiled(dbcord_${name} dbcord_pch)
  endif()
endfunction()

# dbcord_test(ROOM LINK ... [ALONE CASE...]): one Boost.Test program from test/ROOM/*.cpp, registered with CTest; long test cases by
# themselves, so that they run beside the others.
function(dbcord_test name)
  cmake_parse_arguments(ARG "" "" "LINK;ALONE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/test/${name}/*.cpp)
  if(NOT sources)
    return()
  endif()
  set(main ${PROJECT_SOURCE_DIR}/test/support/main.cpp)
  set_source_files_properties(${main} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)  # it says what Boost.Test's header becomes
  add_executable(test_${name} ${sources} ${main})
  target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/test)
  dbcord_batches(test_${name})
  set_source_files_properties(${main} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  target_link_libraries(test_${name} PRIVATE ${ARG_LINK} Boost::unit_test_framework)
  target_compile_options(test_${name} PRIVATE ${DBCORD_TEST_OPTIONS})
  target_compile_definitions(test_${name} PRIVATE BOOST_TEST_DYN_LINK
    DBCORD_SOURCE_DIR="${PROJECT_SOURCE_DIR}" DBCORD_BINARY_DIR="${PROJECT_BINARY_DIR}")
  if(NOT name MATCHES "^(base|protocol|actor)$")
    dbcord_precompiled(test_${name} dbcord_test_pch)
  endif()
  set(tests ${name})
  set(others)
  foreach(case ${ARG_ALONE})
    add_test(NAME ${name}.${case} COMMAND test_${name} --run_test=${case})
    list(APPEND tests ${name}.${case})
    list(APPEND others --run_test=!${case})
  endforeach()
  add_test(NAME ${name} COMMAND test_${name} ${others})
  set_tests_properties(${tests} PROPERTIES TIMEOUT 2400 LABELS unit)  # under sanitizers, beside other work
  add_dependencies(unit_tests test_${name})
endfunction()
