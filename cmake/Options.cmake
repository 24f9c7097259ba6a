# Language level, warnings, linker and the switches that the presets set.

option(VMSECURITY_WERROR "Treat warnings as errors" OFF)
option(VMSECURITY_BENCH "Build the benchmarks" OFF)
option(VMSECURITY_FUZZ "Build fuzz targets with libFuzzer instead of the corpus replayer" OFF)
option(VMSECURITY_TIDY "Run clang-tidy on each file" OFF)
set(VMSECURITY_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, e.g. address,undefined")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")

add_library(vmsecurity_options INTERFACE)
target_compile_options(vmsecurity_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
    -Wold-style-cast -Woverloaded-virtual -Wimplicit-fallthrough -Wundef
    -fstack-protector-strong -fno-omit-frame-pointer)
if(VMSECURITY_WERROR)
    target_compile_options(vmsecurity_options INTERFACE -Werror)
endif()
target_include_directories(vmsecurity_options INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_definitions(vmsecurity_options INTERFACE _FILE_OFFSET_BITS=64
    VMSECURITY_VERSION="${PROJECT_VERSION}")
target_link_options(vmsecurity_options INTERFACE -Wl,-z,relro,-z,now,--as-needed)

if(VMSECURITY_SANITIZE)
    target_compile_options(vmsecurity_options INTERFACE
        -fsanitize=${VMSECURITY_SANITIZE} -fno-sanitize-recover=all)
    target_link_options(vmsecurity_options INTERFACE -fsanitize=${VMSECURITY_SANITIZE})
else()
    target_compile_options(vmsecurity_options INTERFACE $<$<CONFIG:RelWithDebInfo>:-U_FORTIFY_SOURCE>
        $<$<CONFIG:RelWithDebInfo>:-D_FORTIFY_SOURCE=2>)
endif()
if(VMSECURITY_FUZZ)
    # Coverage feedback in all code, so that the fuzzer sees past the entry point.
    target_compile_options(vmsecurity_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

find_program(MOLD mold)
if(MOLD)
    add_link_options(-fuse-ld=mold)
endif()
find_program(CCACHE ccache)
if(CCACHE)
    # Precompiled headers embed timestamps; without this ccache refuses them.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        add_compile_options(-fpch-preprocess)
    endif()
endif()
if(VMSECURITY_TIDY)
    find_program(CLANG_TIDY clang-tidy-19 REQUIRED)
    set(CMAKE_CXX_CLANG_TIDY ${CLANG_TIDY} --quiet)
endif()
