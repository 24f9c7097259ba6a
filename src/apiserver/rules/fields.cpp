#include "apiserver/rules/fields.h"

#include <fmt/format.h>

#include "base/identifiers.h"
#include "model/schema/time.h"

namespace vmsecurity::apiserver {

const boost::json::value* at_path(const boost::json::object& object,
                                  std::initializer_list<std::string_view> path) {
    const boost::json::object* here = &object;
    const boost::json::value* found = nullptr;
    for (const std::string_view name : path) {
        if (here == nullptr) return nullptr;
        found = here->if_contains(name);
        if (found == nullptr || found->is_null()) return nullptr;
        here = found->if_object();
    }
    return found;
}

std::string_view text_at(const boost::json::object& object,
                         std::initializer_list<std::string_view> path) {
    const boost::json::value* found = at_path(object, path);
    const boost::json::string* text = found == nullptr ? nullptr : found->if_string();
    return text == nullptr ? std::string_view{} : std::string_view(text->data(), text->size());
}

std::string join_key(std::initializer_list<std::string_view> parts) {
    std::string key;
    for (const std::string_view part : parts) key += fmt::format("{}:{}|", part.size(), part);
    return key;
}

std::string time_text(std::chrono::system_clock::time_point time) {
    return base::format_time(time);
}

std::string exact_time_text(std::chrono::system_clock::time_point time) {
    const std::chrono::nanoseconds since = time.time_since_epoch();
    return model::schema::format_time(model::schema::from_nanoseconds(since.count()));
}

base::Error field_error(std::string_view pointer, std::string message) {
    return {base::ErrorCode::kInvalidArgument, std::move(message), std::string(pointer), {}};
}

base::Result<void> check_relation(const boost::json::object& object, std::string_view member) {
    if (at_path(object, {member}) == nullptr || !text_at(object, {member, "id"}).empty()) return {};
    return base::fail(field_error(
        fmt::format("/{}/id", member),
        fmt::format("{}.id is empty; name an object, or leave {} out", member, member)));
}

}  // namespace vmsecurity::apiserver
