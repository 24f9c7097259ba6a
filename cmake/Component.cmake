# vmsecurity_component(NAME [OWN_PRECOMPILED] [DEPENDS target ...] [PRIVATE_DEPENDS target ...] [TEST_DEPENDS target ...])
#
# One folder, one library: every *.cpp of the calling folder, with *_test.cpp put into the test program NAME_test
# (working directory: the folder, so that tests find testdata/). A folder with headers alone is an interface library.
# OWN_PRECOMPILED: the folder precompiles headers of its own choice. DEPENDS are seen by users of the headers, PRIVATE_DEPENDS only by the sources.
function(vmsecurity_component NAME)
    cmake_parse_arguments(ARG "OWN_PRECOMPILED" "" "DEPENDS;PRIVATE_DEPENDS;TEST_DEPENDS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    set(tests ${sources})
    list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
    list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

    if(sources)
        add_library(${NAME} STATIC ${sources})
        if(NOT ARG_OWN_PRECOMPILED)
            vmsecurity_precompile(${NAME})
        endif()
        target_link_libraries(${NAME} PUBLIC vmsecurity_options ${ARG_DEPENDS} PRIVATE ${ARG_PRIVATE_DEPENDS})
    else()
        add_library(${NAME} INTERFACE)
        target_link_libraries(${NAME} INTERFACE vmsecurity_options ${ARG_DEPENDS})
    endif()

    if(tests)
        vmsecurity_test(${NAME}_test SOURCES ${tests} DEPENDS ${NAME} ${ARG_TEST_DEPENDS})
    endif()
endfunction()

# vmsecurity_test(NAME SOURCES file ... [DEPENDS target ...] [SUITE suite]): a GoogleTest program that ctest runs, as NAME
# or as the suite that script/test calls it by ("contract/store").
function(vmsecurity_test NAME)
    cmake_parse_arguments(ARG "" "SUITE" "SOURCES;DEPENDS" ${ARGN})
    if(NOT ARG_SUITE)
        set(ARG_SUITE ${NAME})
    endif()
    add_executable(${NAME} ${ARG_SOURCES})
    target_link_libraries(${NAME} PRIVATE vmsecurity_options ${ARG_DEPENDS} GTest::gmock GTest::gtest_main)
    vmsecurity_precompile(${NAME} vmsecurity_test_pch)
    add_test(NAME ${ARG_SUITE} COMMAND ${NAME} WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    set_tests_properties(${ARG_SUITE} PROPERTIES TIMEOUT 300 LABELS quick)
endfunction()
