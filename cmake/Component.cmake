# vmsecurity_component(NAME [DEPENDS target ...] [PRIVATE_DEPENDS target ...] [TEST_DEPENDS target ...])
#
# One folder, one library: every *.cpp of the calling folder, with *_test.cpp put into the test program NAME_test
# (working directory: the folder, so that tests find testdata/). A folder with headers alone is an interface library.
# DEPENDS are seen by users of the headers, PRIVATE_DEPENDS only by the sources.
function(vmsecurity_component NAME)
    cmake_parse_arguments(ARG "" "" "DEPENDS;PRIVATE_DEPENDS;TEST_DEPENDS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    set(tests ${sources})
    list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
    list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

    if(sources)
        add_library(${NAME} STATIC ${sources})
        target_link_libraries(${NAME} PUBLIC vmsecurity_options ${ARG_DEPENDS} PRIVATE ${ARG_PRIVATE_DEPENDS})
    else()
        add_library(${NAME} INTERFACE)
        target_link_libraries(${NAME} INTERFACE vmsecurity_options ${ARG_DEPENDS})
    endif()

    if(tests)
        vmsecurity_test(${NAME}_test SOURCES ${tests} DEPENDS ${NAME} ${ARG_TEST_DEPENDS})
    endif()
endfunction()

# vmsecurity_test(NAME SOURCES file ... [DEPENDS target ...]): a GoogleTest program that ctest runs.
function(vmsecurity_test NAME)
    cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
    add_executable(${NAME} ${ARG_SOURCES})
    target_link_libraries(${NAME} PRIVATE vmsecurity_options ${ARG_DEPENDS} GTest::gmock GTest::gtest_main)
    target_precompile_headers(${NAME} PRIVATE
        <algorithm> <array> <cstdint> <filesystem> <fstream> <map> <memory> <optional> <set> <span> <sstream>
        <string> <string_view> <vector> <gmock/gmock.h> <gtest/gtest.h>)
    add_test(NAME ${NAME} COMMAND ${NAME} WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    set_tests_properties(${NAME} PROPERTIES TIMEOUT 300 LABELS quick)
endfunction()
