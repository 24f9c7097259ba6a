#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"

namespace vmsecurity::codec {

// Reads one JSON object that arrives in pieces, without ever holding the whole of it: the elements
// of the arrays named in `streamed` are handed over one by one, all other members when they are
// complete.
class ObjectStream {
  public:
    struct Visitor {
        // An error ends the reading and is its answer.
        std::function<base::Result<void>(std::string_view member, boost::json::value element)>
            element;
        std::function<base::Result<void>(std::string_view member, boost::json::value value)> member;
        // Where a streamed array begins, also an empty one. May be left out.
        std::function<base::Result<void>(std::string_view member)> array = {};
    };

    // `max_value_bytes`: of the text of one element or one whole member.
    ObjectStream(std::set<std::string, std::less<>> streamed, Visitor visitor,
                 std::size_t max_value_bytes = 16U << 20U, std::size_t max_depth = 64);
    ~ObjectStream();
    ObjectStream(const ObjectStream&) = delete;
    ObjectStream& operator=(const ObjectStream&) = delete;

    // kCorrupt: no JSON, or no object, with the byte it stops at; kLimitExceeded: a value that is
    // too large.
    base::Result<void> write(std::string_view bytes);
    base::Result<void> finish();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace vmsecurity::codec
