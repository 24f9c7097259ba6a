#include "odata/project/related.h"

#include <algorithm>

namespace vmsecurity::odata {
namespace {

// The id by which a leg that is not the last refers to the next one's object.
std::string_view reference(const boost::json::value* value, const Leg& leg) {
    for (const std::string_view name : leg.names) {
        const boost::json::object* object = value == nullptr ? nullptr : value->if_object();
        value = object == nullptr ? nullptr : object->if_contains(name);
    }
    const boost::json::object* relation = value == nullptr ? nullptr : value->if_object();
    return relation == nullptr ? std::string_view() : codec::text_member(*relation, "id");
}

}  // namespace

const boost::json::value* RelatedValues::find(const schema::Collection& collection,
                                              std::string_view id) {
    const Key key{&collection, id};
    if (!values_.contains(key) && !error_) {
        if (auto done = fetch(collection, {key.second}); !done) error_ = std::move(done).error();
    }
    const auto found = values_.find(key);
    return found == values_.end() ? nullptr : found->second.get();
}

base::Result<void> RelatedValues::fetch(const schema::Collection& collection,
                                        std::set<std::string> ids) {
    std::erase_if(ids, [&](const std::string& id) {
        return id.empty() || values_.contains(Key{&collection, id});
    });
    if (ids.empty()) return {};
    const std::vector<std::string> list(ids.begin(), ids.end());
    VMSECURITY_ASSIGN(const auto documents, related_->documents(collection, list));
    for (std::size_t i = 0; i < list.size(); ++i) {
        auto& value = values_[Key{&collection, list[i]}];
        if (!documents[i]) continue;
        VMSECURITY_ASSIGN(boost::json::value parsed, codec::parse_json(*documents[i]));
        value = std::make_unique<boost::json::value>(std::move(parsed));
    }
    return {};
}

base::Result<void> RelatedValues::prefetch_path(const BoundPath& path,
                                                const std::vector<boost::json::value>& rows) {
    if (path.root.kind != Root::Kind::kRow) return {};
    std::vector<const boost::json::value*> at;
    for (const boost::json::value& row : rows) at.push_back(&row);
    for (std::size_t i = 0; i + 1 < path.legs.size(); ++i) {
        const schema::Collection& next = *path.legs[i + 1].collection;
        std::set<std::string> ids;
        for (const boost::json::value* one : at) ids.emplace(reference(one, path.legs[i]));
        VMSECURITY_TRY(fetch(next, ids));
        for (const boost::json::value*& one : at) {
            const auto found = values_.find(Key{&next, std::string(reference(one, path.legs[i]))});
            one = found == values_.end() ? nullptr : found->second.get();
        }
    }
    return {};
}

base::Result<void> RelatedValues::prefetch(const BoundExpression& expression,
                                           const std::vector<boost::json::value>& rows) {
    for (const BoundPath* path : paths_of(expression)) VMSECURITY_TRY(prefetch_path(*path, rows));
    return {};
}

}  // namespace vmsecurity::odata
