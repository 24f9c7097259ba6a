#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "net/http/target.h"

// A target is refused, or its values lie where they say.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vmsecurity::net;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto target = parse_target(text);
    if (!target) return 0;
    for (const QueryParameter& one : target->query) {
        const std::string_view rest = text.substr(one.offset);
        const std::string_view sent = rest.substr(0, rest.find_first_of("&#"));
        const auto decoded = percent_decode(sent, PlusSign::kIsSpace);
        if (!decoded || *decoded != one.value) std::abort();
    }
    if (percent_decode(percent_encode(target->path), PlusSign::kIsPlus) != target->path) {
        std::abort();
    }
    return 0;
}
