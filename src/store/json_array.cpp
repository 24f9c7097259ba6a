#include "store/json_array.h"

#include "codec/json_writer.h"

namespace vmsecurity::store {
namespace {

template <typename Text>
std::string array_of(std::span<const Text> texts) {
    codec::JsonWriter out;
    out.begin_array();
    for (const std::string_view text : texts) {
        if (text.find('\0') == std::string_view::npos) {
            out.value(text);
        } else {
            out.null();
        }
    }
    out.end_array();
    return out.take();
}

}  // namespace

std::string json_array(std::span<const std::string> texts) {
    return array_of(texts);
}
std::string json_array(std::span<const std::string_view> texts) {
    return array_of(texts);
}

}  // namespace vmsecurity::store
