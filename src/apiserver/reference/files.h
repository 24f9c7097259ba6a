#pragma once

#include <string_view>

namespace vmsecurity::apiserver {

// The files of the folder page, which are part of the program.
std::string_view reference_html();
std::string_view reference_css();
std::string_view reference_js();

}  // namespace vmsecurity::apiserver
