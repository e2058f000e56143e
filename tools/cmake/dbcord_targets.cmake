# The heavy headers, compiled once for the rooms above `actor` and their tests. Off, every file must include what it uses;
# the clang-werror preset builds that way.
if(DBCORD_PCH)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/precompiled/empty.cpp CONTENT "")
  add_library(dbcord_pch OBJECT ${CMAKE_BINARY_DIR}/precompiled/empty.cpp)
  target_link_libraries(dbcord_pch PUBLIC dbcord_asio Boost::json fmt::fmt)
  target_precompile_headers(dbcord_pch PRIVATE <algorithm> <chrono> <deque> <functional> <map> <memory> <mutex> <optional>
    <set> <span> <string> <string_view> <unordered_map> <variant> <vector> <fmt/format.h> <boost/json.hpp>
    <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/io_context.hpp> <boost/asio/post.hpp>
    <boost/asio/strand.hpp> <boost/asio/use_awaitable.hpp>)
endif()

# dbcord_precompiled(TARGET): TARGET links Asio and Boost.JSON and may use the headers above.
function(dbcord_precompiled target)
  if(DBCORD_PCH)
    target_precompile_headers(${target} REUSE_FROM dbcord_pch)
    target_compile_options(${target} PRIVATE -Winvalid-pch)
  endif()
endfunction()

# dbcord_room(NAME DEPENDS ...): the static library of one room, from src/NAME/*.cpp.
function(dbcord_room name)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  add_library(dbcord_${name} STATIC ${sources})
  target_include_directories(dbcord_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/include)
  target_link_libraries(dbcord_${name} PUBLIC ${ARG_DEPENDS})
  if(NOT name MATCHES "^(base|protocol|actor)$")
    dbcord_precompiled(dbcord_${name})
  endif()
endfunction()

# dbcord_test(ROOM LINK ...): one Boost.Test program from test/ROOM/*.cpp, registered with CTest.
function(dbcord_test name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/test/${name}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(test_${name} ${sources} ${CMAKE_SOURCE_DIR}/test/support/main.cpp)
  target_include_directories(test_${name} PRIVATE ${CMAKE_SOURCE_DIR}/test)
  target_link_libraries(test_${name} PRIVATE ${ARG_LINK} Boost::unit_test_framework)
  target_compile_definitions(test_${name} PRIVATE BOOST_TEST_DYN_LINK
    DBCORD_SOURCE_DIR="${CMAKE_SOURCE_DIR}" DBCORD_BINARY_DIR="${CMAKE_BINARY_DIR}")
  if(NOT name MATCHES "^(base|protocol|actor)$")
    dbcord_precompiled(test_${name})
  endif()
  add_test(NAME ${name} COMMAND test_${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 600 LABELS unit)
  add_dependencies(unit_tests test_${name})
endfunction()
