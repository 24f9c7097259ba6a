#pragma once

#include <cstdint>

namespace vmsecurity::store {
class Store;
}

namespace vmsecurity::apiserver {

class Authenticator;
class ChangeHub;

// What handlers work with; lives as long as the server.
struct Services {
    store::Store& store;
    Authenticator& authenticator;
    ChangeHub& changes;
    std::uint64_t page_limit = 0;  // rows of a list without $top; 0: all
};

}  // namespace vmsecurity::apiserver
