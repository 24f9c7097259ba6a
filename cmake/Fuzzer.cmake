# vmsecurity_fuzzer(NAME [DEPENDS target ...]): the fuzz target fuzz/NAME_fuzzer.cpp with its corpus fuzz/corpus/NAME.
#
# With VMSECURITY_FUZZ it is a libFuzzer program. Otherwise it is a program that runs every file of the corpus once, and
# a test, so that what a fuzzer found once stays found.
function(vmsecurity_fuzzer NAME)
    cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
    add_executable(${NAME}_fuzzer ${NAME}_fuzzer.cpp)
    target_link_libraries(${NAME}_fuzzer PRIVATE vmsecurity_options ${ARG_DEPENDS})
    if(VMSECURITY_FUZZ)
        target_link_options(${NAME}_fuzzer PRIVATE -fsanitize=fuzzer)
    else()
        target_sources(${NAME}_fuzzer PRIVATE replay_main.cpp)
        add_test(NAME fuzz_replay_${NAME} COMMAND ${NAME}_fuzzer ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${NAME})
        set_tests_properties(fuzz_replay_${NAME} PROPERTIES TIMEOUT 300 LABELS quick)
    endif()
endfunction()
