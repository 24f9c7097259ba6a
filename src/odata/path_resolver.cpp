#include "odata/path_resolver.h"

#include <fmt/format.h>

#include <algorithm>

#include "odata/names.h"
#include "odata/problem.h"

namespace vmsecurity::odata {
namespace {

const schema::Type kText{.kind = schema::Kind::kString};

struct Resolved {
    std::vector<Leg> legs;
    const schema::Type* type = nullptr;
    const schema::Collection* relation = nullptr;
    std::optional<Vocabulary> vocabulary;
};

// A value on the way. Objects of collections have no Type of their own, so schema stands apart.
struct Place {
    const schema::Type* type = nullptr;
    const schema::Schema* schema = nullptr;
    const schema::Collection* relation = nullptr;
};

enum class Obstacle : std::uint8_t { kUnknown, kCollection, kOpaque, kScalar, kSeparate };

// Why no way leads on; of several variants' ways, the one that came furthest.
struct Failure {
    std::size_t index = 0;
    Obstacle obstacle = Obstacle::kUnknown;
    std::vector<std::string_view> candidates;
    std::string_view owner;
    const schema::Collection* collection = nullptr;
};

void add_group(std::optional<Vocabulary>& words, const std::optional<Vocabulary>& more) {
    if (!words || !more) {
        words.reset();  // some variant takes any text
        return;
    }
    for (const auto& group : more->groups) {
        const bool known = std::ranges::any_of(
            words->groups, [&](const auto& one) { return std::ranges::equal(one, group); });
        if (!known) words->groups.push_back(group);
    }
    words->ranked = words->ranked && more->ranked;
}

// Whether every variant that has the field means the same by it, but for its words.
bool variants_agree(const schema::Schema& owner, const schema::Field& shared) {
    return std::ranges::all_of(owner.variants, [&](const schema::Variant& variant) {
        const schema::Field* field = variant.schema->find(shared.name);
        return field == nullptr ||
               (field->type.kind == shared.type.kind && field->type.schema == shared.type.schema);
    });
}

class Walk {
  public:
    Walk(const std::vector<Name>& names, std::string_view target)
        : names_(names), target_(target) {}

    std::optional<Resolved> from(const Place& place, std::vector<Leg> legs, std::size_t index);
    tl::unexpected<base::Error> error() const;

  private:
    std::optional<Resolved> finish(const Place& place, std::vector<Leg> legs) const;
    std::optional<Resolved> object(const Place& place, std::vector<Leg> legs, std::size_t index);
    std::optional<Resolved> in_union(const Place& place, std::vector<Leg> legs, std::size_t index);
    std::optional<Resolved> into(const schema::Field& field, std::vector<Leg> legs,
                                 std::size_t index);
    std::optional<Resolved> blocked(std::size_t index, Obstacle obstacle, std::string_view owner,
                                    const schema::Collection* collection = nullptr);
    void add_candidates(std::size_t index, const schema::Schema& schema);

    const std::vector<Name>& names_;
    std::string_view target_;
    std::optional<Failure> failure_;
};

const schema::HotColumn* find_column(const Leg& leg, bool of_id) {
    if (leg.collection == nullptr || !leg.guards.empty()) return nullptr;
    std::string path;
    for (const std::string_view name : leg.names) {
        if (!path.empty()) path += '/';
        path += name;
    }
    if (of_id) path += "/id";
    const auto found = std::ranges::find(leg.collection->columns, std::string_view(path),
                                         &schema::HotColumn::path);
    return found == leg.collection->columns.end() ? nullptr : &*found;
}

std::optional<Resolved> Walk::from(const Place& place, std::vector<Leg> legs, std::size_t index) {
    if (index == names_.size()) return finish(place, std::move(legs));
    if (place.relation != nullptr && names_[index].text != "id" &&
        (place.type == nullptr || place.type->kind != schema::Kind::kArray)) {
        legs.back().column = find_column(legs.back(), true);
        legs.push_back(Leg{place.relation, {}, nullptr, {}});
        return from(Place{nullptr, place.relation->schema, nullptr}, std::move(legs), index);
    }
    if (place.schema != nullptr) {
        return place.schema->variants.empty() ? object(place, std::move(legs), index)
                                              : in_union(place, std::move(legs), index);
    }
    const std::string_view owner =
        index == 0 ? std::string_view("$it") : std::string_view(names_[index - 1].text);
    switch (place.type->kind) {
        case schema::Kind::kArray:
            return blocked(index, Obstacle::kCollection, owner);
        case schema::Kind::kAny:
            return blocked(index, Obstacle::kOpaque, owner);
        default:
            return blocked(index, Obstacle::kScalar, owner);
    }
}

std::optional<Resolved> Walk::finish(const Place& place, std::vector<Leg> legs) const {
    legs.back().column = find_column(legs.back(), false);
    Resolved made{std::move(legs), place.type, place.relation, std::nullopt};
    if (place.type != nullptr && !place.type->enumeration.empty()) {
        made.vocabulary = Vocabulary{{place.type->enumeration}, place.type->ranked};
    }
    return made;
}

std::optional<Resolved> Walk::into(const schema::Field& field, std::vector<Leg> legs,
                                   std::size_t index) {
    Leg& leg = legs.back();
    if (leg.collection != nullptr && leg.names.empty() &&
        std::ranges::find(leg.collection->separate, field.name) != leg.collection->separate.end()) {
        return blocked(index, Obstacle::kSeparate, field.name, leg.collection);
    }
    leg.names.push_back(field.name);
    return from(Place{&field.type, field.type.schema, field.relation}, std::move(legs), index + 1);
}

std::optional<Resolved> Walk::object(const Place& place, std::vector<Leg> legs, std::size_t index) {
    const schema::Field* field = place.schema->find(names_[index].text);
    if (field != nullptr) return into(*field, std::move(legs), index);
    blocked(index, Obstacle::kUnknown, place.schema->name);
    add_candidates(index, *place.schema);
    return std::nullopt;
}

std::optional<Resolved> Walk::in_union(const Place& place, std::vector<Leg> legs,
                                       std::size_t index) {
    const schema::Schema& owner = *place.schema;
    const schema::Field* shared = owner.find(names_[index].text);
    if (shared != nullptr && variants_agree(owner, *shared)) {
        return into(*shared, std::move(legs), index);
    }
    if (names_[index].text == owner.discriminator) {
        legs.back().names.push_back(owner.discriminator);
        return from(Place{&kText, nullptr, nullptr}, std::move(legs), index + 1);
    }
    // The first variant that has the whole path decides its type, as in 0.6. Where another variant
    // has it with another type, the discriminator keeps the two apart.
    std::optional<Resolved> chosen;
    bool disagreement = false;
    Guard guard{legs.back().names, {}};
    guard.discriminator.push_back(owner.discriminator);
    const std::size_t leg = legs.size() - 1;
    for (const schema::Variant& variant : owner.variants) {
        const schema::Field* field = variant.schema->find(names_[index].text);
        if (field == nullptr) {
            blocked(index, Obstacle::kUnknown, owner.name);
            add_candidates(index, *variant.schema);
            continue;
        }
        std::optional<Resolved> way = into(*field, legs, index);
        if (!way) continue;
        if (chosen &&
            (way->type->kind != chosen->type->kind || way->legs.size() != chosen->legs.size())) {
            disagreement = true;
            continue;
        }
        guard.values.push_back(variant.value);
        if (chosen) {
            add_group(chosen->vocabulary, way->vocabulary);
        } else {
            chosen = std::move(way);
        }
    }
    if (chosen && disagreement) {
        Leg& guarded = chosen->legs[leg];
        guarded.guards.push_back(std::move(guard));
        guarded.column = nullptr;
    }
    return chosen;
}

std::optional<Resolved> Walk::blocked(std::size_t index, Obstacle obstacle, std::string_view owner,
                                      const schema::Collection* collection) {
    if (!failure_ || index > failure_->index) {
        failure_ = Failure{index, obstacle, {}, owner, collection};
    }
    return std::nullopt;
}

void Walk::add_candidates(std::size_t index, const schema::Schema& schema) {
    if (failure_->index != index || failure_->obstacle != Obstacle::kUnknown) return;
    for (const schema::Field& field : schema.fields) failure_->candidates.push_back(field.name);
}

tl::unexpected<base::Error> Walk::error() const {
    const Failure& failure = *failure_;
    const std::string& name = names_[failure.index].text;
    const std::size_t position = names_[failure.index].position;
    switch (failure.obstacle) {
        case Obstacle::kUnknown:
            return fail_at(target_, position,
                           fmt::format("'{}' is no field of {}.{}", name, failure.owner,
                                       suggest(name, failure.candidates)));
        case Obstacle::kCollection: {
            std::string path;
            for (std::size_t i = 0; i < failure.index; ++i) {
                if (i > 0) path += '/';
                path += names_[i].text;
            }
            return fail_at(
                target_, failure.index == 0 ? position : names_[failure.index - 1].position,
                fmt::format("'{}' is a collection, so its elements have no single '{}'; use any(): "
                            "{}/any(x: x/{} eq ...).",
                            failure.owner, name, path, name));
        }
        case Obstacle::kOpaque:
            return fail_at(target_, position,
                           fmt::format("'{}' holds any JSON, so '{}' in it is not known here. Use "
                                       "contains() on '{}'.",
                                       failure.owner, name, failure.owner));
        case Obstacle::kScalar:
            return fail_at(
                target_, position,
                fmt::format("'{}' is a single value and has no field '{}'.", failure.owner, name));
        case Obstacle::kSeparate:
            return fail_at(target_, position,
                           fmt::format("'{}' holds the raw results of an asset scan, which cannot "
                                       "be filtered or sorted. Ask /findings, for example with "
                                       "$filter=foundBy/id eq '...'.",
                                       failure.owner));
    }
    return fail_at(target_, position, "The path is wrong.");
}

}  // namespace

ValueKind value_kind(const schema::Type& type) {
    switch (type.kind) {
        case schema::Kind::kString:
            return ValueKind::kText;
        case schema::Kind::kInteger:
            return ValueKind::kInteger;
        case schema::Kind::kNumber:
            return ValueKind::kReal;
        case schema::Kind::kBoolean:
            return ValueKind::kBoolean;
        case schema::Kind::kTime:
            return ValueKind::kTime;
        default:
            return ValueKind::kStructure;
    }
}

base::Result<BoundPath> resolve_path(const Start& start, const std::vector<Name>& names,
                                     std::size_t first, std::string_view target) {
    Walk walk(names, target);
    Place place{start.type, nullptr, start.relation};
    if (start.collection != nullptr) {
        place = Place{nullptr, start.collection->schema, nullptr};
    } else {
        place.schema = start.type->schema;
    }
    std::optional<Resolved> found =
        walk.from(place, {Leg{start.collection, {}, nullptr, {}}}, first);
    if (!found) return walk.error();
    if (found->type == nullptr) {  // the row itself: $it alone
        return fail_at(target, names.front().position,
                       "$it alone has no single value; name one of its fields.");
    }
    return BoundPath{start.root, std::move(found->legs), found->type, found->relation,
                     std::move(found->vocabulary)};
}

}  // namespace vmsecurity::odata
