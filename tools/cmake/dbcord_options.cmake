# Compiler, linker and libraries for every target. All libraries are Debian 12 packages (tools/setup).
find_package(Boost 1.81 REQUIRED COMPONENTS json unit_test_framework)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(absl REQUIRED)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(libedit REQUIRED IMPORTED_TARGET libedit)
pkg_check_modules(prometheus_core REQUIRED IMPORTED_TARGET prometheus-cpp-core)
pkg_check_modules(prometheus_pull REQUIRED IMPORTED_TARGET prometheus-cpp-pull)
pkg_check_modules(libzstd REQUIRED IMPORTED_TARGET libzstd)
find_library(XXHASH_LIBRARY xxhash REQUIRED)
add_library(xxHash::xxhash INTERFACE IMPORTED)
target_link_libraries(xxHash::xxhash INTERFACE ${XXHASH_LIBRARY})
find_path(LIBCSV_INCLUDE csv.h REQUIRED)
find_library(LIBCSV_LIBRARY csv REQUIRED)
add_library(libcsv::libcsv INTERFACE IMPORTED)
target_include_directories(libcsv::libcsv INTERFACE ${LIBCSV_INCLUDE})
target_link_libraries(libcsv::libcsv INTERFACE ${LIBCSV_LIBRARY})

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wpedantic)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports these falsely inside coroutines and std::string (GCC bugs 105562, 105651).
  add_compile_options(-fcoroutines -Wno-maybe-uninitialized -Wno-restrict -Wno-dangling-pointer
    -Wno-stringop-overflow -Wno-array-bounds -Wno-stringop-overread -Wno-free-nonheap-object
    $<$<CONFIG:Release>:-Wno-mismatched-new-delete>)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # libstdc++ 12's own std::stable_sort calls what it calls deprecated.
  add_compile_options(-Wno-deprecated-declarations)
endif()
if(DBCORD_WERROR)
  add_compile_options(-Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # The compiler's own garbage collection takes an eighth of its time; without it a batch of eight files needs 1.1 GB instead of 0.8.
  add_compile_options("SHELL:--param ggc-min-expand=1000" "SHELL:--param ggc-min-heapsize=1000000")
endif()
set(CMAKE_CXX_FLAGS_DEBUG "-Og -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
add_compile_definitions($<$<CONFIG:Debug>:DBCORD_DEBUG_CHECKS>)
if(DBCORD_SANITIZE)
  add_compile_options(-fsanitize=${DBCORD_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${DBCORD_SANITIZE})
  add_compile_definitions(DBCORD_DEBUG_CHECKS)
  if(DBCORD_SANITIZE MATCHES undefined)
    # The five left out cost two fifths of the compile time; a wild pointer is found by the address sanitizer as well.
    add_compile_options(-fno-sanitize=null,alignment,object-size,vptr,pointer-overflow -fno-sanitize-recover=undefined)
    set(DBCORD_TEST_OPTIONS -fno-sanitize=undefined)  # the tests' own code; the rooms have both sanitizers
  endif()
  if(DBCORD_SANITIZE MATCHES address AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Likewise: little more than half the time to compile. The heap, where coroutines have their frames, is watched as everywhere;
    # the tests' own literals are not.
    list(APPEND DBCORD_TEST_OPTIONS "SHELL:--param asan-stack=0" "SHELL:--param asan-globals=0")
    # A function with more accesses than this calls the check instead of having it inline each time: a fifth less to compile.
    add_compile_options("SHELL:--param asan-instrumentation-with-call-threshold=30")
  endif()
endif()
if(DBCORD_FUZZ)
  add_compile_options(-fsanitize=address,undefined,fuzzer-no-link)
  add_link_options(-fsanitize=address,undefined)
endif()

# Asio is compiled once (style.md rule 25): every user sees the declarations only.
add_library(dbcord_asio STATIC ${PROJECT_SOURCE_DIR}/src/actor/asio_implementation/asio.cpp)
target_compile_definitions(dbcord_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(dbcord_asio PUBLIC Boost::headers OpenSSL::SSL Threads::Threads)

# Beast likewise; linked by the two rooms that speak HTTP (discord's transport, guild's server).
add_library(dbcord_beast STATIC ${PROJECT_SOURCE_DIR}/src/discord/beast/beast.cpp)
target_compile_definitions(dbcord_beast PUBLIC BOOST_BEAST_SEPARATE_COMPILATION)
target_link_libraries(dbcord_beast PUBLIC dbcord_asio)
