#pragma once

#include <string_view>

namespace vmsecurity::scan::testing {

// For tests of the supervisor: a file-system worker that was taken over. `trick` names what it
// does; the answer is its exit status, or -1 if there is no such trick.
int run_hostile_worker(std::string_view trick);

}  // namespace vmsecurity::scan::testing
