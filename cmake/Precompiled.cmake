# Headers that most files include, compiled once: parsing them is half of the build's time. One set for
# libraries and one for test programs, which are compiled as position-independent executables.
# VMSECURITY_PCH=OFF (preset tidy) shows whether each file includes what it uses.
option(VMSECURITY_PCH "Precompile headers" ON)

set(VMSECURITY_PCH_HEADERS
    <algorithm> <array> <atomic> <chrono> <condition_variable> <cstdint> <cstring> <filesystem> <fstream>
    <functional> <iterator> <limits> <map> <memory> <mutex> <optional> <ranges> <set> <span> <sstream> <string>
    <string_view> <thread> <tuple> <unordered_map> <utility> <variant> <vector>
    <boost/json.hpp> <fmt/format.h> <tl/expected.hpp>)

if(VMSECURITY_PCH)
    add_library(vmsecurity_pch STATIC ${PROJECT_SOURCE_DIR}/cmake/precompiled/library.cpp)
    target_link_libraries(vmsecurity_pch PRIVATE vmsecurity_options Boost::json fmt::fmt)
    target_precompile_headers(vmsecurity_pch PRIVATE ${VMSECURITY_PCH_HEADERS})

    add_executable(vmsecurity_test_pch ${PROJECT_SOURCE_DIR}/cmake/precompiled/program.cpp)
    target_link_libraries(vmsecurity_test_pch PRIVATE vmsecurity_options Boost::json fmt::fmt GTest::gmock)
    target_precompile_headers(vmsecurity_test_pch PRIVATE ${VMSECURITY_PCH_HEADERS} <gmock/gmock.h> <gtest/gtest.h>)

    # The set is compiled with these; who uses it has to agree.
    target_compile_definitions(vmsecurity_options INTERFACE BOOST_CONTAINER_DYN_LINK BOOST_CONTAINER_NO_LIB
        BOOST_JSON_DYN_LINK BOOST_JSON_NO_LIB FMT_SHARED)
endif()

# vmsecurity_precompile(TARGET [SET]): SET is vmsecurity_pch (a library; the default) or vmsecurity_test_pch.
function(vmsecurity_precompile TARGET)
    if(NOT VMSECURITY_PCH)
        return()
    endif()
    set(set vmsecurity_pch)
    if(ARGC GREATER 1)
        set(set ${ARGV1})
    endif()
    target_precompile_headers(${TARGET} REUSE_FROM ${set})
endfunction()
