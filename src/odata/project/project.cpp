#include "odata/project/project.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "odata/project/elements.h"
#include "odata/project/shape.h"
#include "odata/project/slices.h"

namespace vmsecurity::odata {
namespace {

// Of all texts that one answer puts in place of {"id": ...}, however deep.
constexpr std::size_t kMaxExpandedBytes = 64 << 20;
// Of all nested filters and orders of one answer: about a second's work.
constexpr std::uint64_t kMaxSteps = 10'000'000;

struct Expanded {
    std::string document;
    std::string shown;  // after the expansion's own $select and $expand
};

// What is shared by the levels of one answer.
struct Answer {
    RelatedObjects& related;
    RelatedValues values{related};
    Evaluator evaluator{values, kMaxSteps};
    std::size_t bytes_left = kMaxExpandedBytes;
};

// One level: objects of one collection, and what they refer to.
class Projection {
  public:
    Projection(const schema::Collection& collection, const BoundOptions& options, Answer& answer)
        : answer_(answer), shape_(make_shape(collection.schema, options)) {}

    base::Result<std::vector<std::string>> run(std::vector<std::string> documents);

  private:
    using ById = std::map<std::string, std::optional<Expanded>, std::less<>>;  // by id

    void collect(const Shape& shape, std::string_view value);
    base::Result<void> fetch(const BoundExpansion& expansion, ById& objects);

    base::Result<void> write(const Shape& shape, std::string_view value, std::string& out);
    base::Result<void> write_object(const Shape& shape, std::string_view value, std::string& out);
    base::Result<void> write_member(const ShapeMember& member, std::string_view value,
                                    std::string& out);
    base::Result<void> write_array(const ShapeMember& member, std::string_view value,
                                   std::string& out);
    base::Result<void> write_element(const ShapeMember& member, const Element& element,
                                     std::string& out);
    // What stands for a value in the answer; nothing where it refers to an object that is gone.
    std::optional<Element> looked_up(const ShapeMember& member, std::string_view value) const;

    Answer& answer_;
    Shape shape_;
    std::vector<ById> expanded_;  // by slot
};

tl::unexpected<base::Error> corrupt() {
    return base::fail(base::ErrorCode::kCorrupt, "A stored document is no canonical JSON.");
}

void next_member(std::string& out) {
    if (out.back() != '{') out += ',';
}

base::Result<std::vector<std::string>> Projection::run(std::vector<std::string> documents) {
    if (shape_.everything && shape_.members.empty()) return documents;
    const std::vector<const BoundExpansion*> expansions = expansions_of(shape_);
    expanded_.resize(expansions.size());
    if (shape_.expands) {
        for (const std::string& document : documents) collect(shape_, document);
    }
    for (std::size_t slot = 0; slot < expansions.size(); ++slot) {
        VMSECURITY_TRY(fetch(*expansions[slot], expanded_[slot]));
    }
    for (std::string& document : documents) {
        std::string made;
        VMSECURITY_TRY(write(shape_, document, made));
        document = std::move(made);
    }
    return documents;
}

void Projection::collect(const Shape& shape, std::string_view value) {
    if (value.starts_with('[')) {
        for_each_element(value, [&](std::string_view element) { collect(shape, element); });
        return;
    }
    for_each_member(value, [&](std::string_view name, std::string_view inner) {
        const ShapeMember* member = shape.find(name);
        if (member == nullptr) return;
        if (member->expansion != nullptr) {
            const auto add = [&](std::string_view reference) {
                std::string id = unquoted(find_member(reference, "id"));
                if (!id.empty()) expanded_[member->slot].emplace(std::move(id), std::nullopt);
            };
            if (!for_each_element(inner, add)) add(inner);
        } else if (member->inside.expands) {
            collect(member->inside, inner);
        }
    });
}

base::Result<void> Projection::fetch(const BoundExpansion& expansion, ById& objects) {
    if (objects.empty()) return {};
    std::vector<std::string> ids;
    for (const auto& [id, object] : objects) ids.push_back(id);
    VMSECURITY_ASSIGN(auto found, answer_.related.documents(*expansion.collection, ids));
    if (found.size() != ids.size()) {
        return base::fail(base::ErrorCode::kInternal, "Related objects are missing.");
    }
    std::vector<std::string> documents;
    for (auto& document : found) {
        if (document) documents.push_back(*document);
    }
    Projection inner(*expansion.collection, *expansion.options, answer_);
    VMSECURITY_ASSIGN(auto shown, inner.run(std::move(documents)));
    std::size_t next = 0;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (!found[i]) continue;
        objects[ids[i]] = Expanded{std::move(*found[i]), std::move(shown[next++])};
    }
    return {};
}

base::Result<void> Projection::write(const Shape& shape, std::string_view value, std::string& out) {
    if (shape.everything && shape.members.empty()) {
        out += value;
        return {};
    }
    if (value.starts_with('{')) return write_object(shape, value, out);
    if (!value.starts_with('[')) {
        out += value;
        return {};
    }
    base::Result<void> done;
    out += '[';
    const bool whole = for_each_element(value, [&](std::string_view element) {
        if (!done) return;
        if (out.back() != '[') out += ',';
        done = write(shape, element, out);
    });
    out += ']';
    if (done && !whole) return corrupt();
    return done;
}

base::Result<void> Projection::write_object(const Shape& shape, std::string_view value,
                                            std::string& out) {
    base::Result<void> done;
    out += '{';
    const bool whole = for_each_member(value, [&](std::string_view name, std::string_view inner) {
        const ShapeMember* member = shape.find(name);
        if (!done) return;
        if (member != nullptr) {
            done = write_member(*member, inner, out);
        } else if (shape.everything) {
            next_member(out);
            out.append("\"").append(name).append("\":").append(inner);
        }
    });
    out += '}';
    if (done && !whole) return corrupt();
    return done;
}

base::Result<void> Projection::write_member(const ShapeMember& member, std::string_view value,
                                            std::string& out) {
    if (value.starts_with('[')) return write_array(member, value, out);
    const std::optional<Element> element = looked_up(member, value);
    if (!element) return {};
    next_member(out);
    out.append("\"").append(member.name).append("\":");
    return write_element(member, *element, out);
}

base::Result<void> Projection::write_array(const ShapeMember& member, std::string_view value,
                                           std::string& out) {
    const BoundOptions* list =
        member.expansion != nullptr ? member.expansion->options.get() : member.list;
    Chosen chosen;
    const bool whole = for_each_element(value, [&](std::string_view element) {
        if (const auto there = looked_up(member, element)) chosen.elements.push_back(*there);
    });
    if (!whole) return corrupt();
    next_member(out);
    if (list != nullptr) {
        VMSECURITY_ASSIGN(
            chosen, choose(*list, std::move(chosen.elements), answer_.evaluator, answer_.values));
        if (list->count) {
            out += fmt::format("\"{}@odata.count\":{},", member.name, chosen.count);
        }
    }
    out.append("\"").append(member.name).append("\":[");
    for (const Element& element : chosen.elements) {
        if (out.back() != '[') out += ',';
        VMSECURITY_TRY(write_element(member, element, out));
    }
    out += ']';
    return {};
}

base::Result<void> Projection::write_element(const ShapeMember& member, const Element& element,
                                             std::string& out) {
    if (member.expansion == nullptr) return write(member.inside, element.shown, out);
    if (element.shown.size() > answer_.bytes_left) {
        return base::fail(base::ErrorCode::kLimitExceeded,
                          "$expand makes the answer too large. Use $top, or $select inside "
                          "$expand.");
    }
    answer_.bytes_left -= element.shown.size();
    if (member.inside.narrowed) return write(member.inside, element.shown, out);
    out += element.shown;
    return {};
}

std::optional<Element> Projection::looked_up(const ShapeMember& member,
                                             std::string_view value) const {
    const Element as_stored{value, value};
    if (member.expansion == nullptr) return as_stored;
    const ById& objects = expanded_[member.slot];
    const auto found = objects.find(unquoted(find_member(value, "id")));
    if (found == objects.end()) return as_stored;  // null, or without an id
    if (!found->second) return std::nullopt;
    return Element{found->second->document, found->second->shown};
}

}  // namespace

base::Result<std::vector<std::string>> project(const schema::Collection& collection,
                                               const BoundOptions& options,
                                               std::vector<std::string> documents,
                                               RelatedObjects& related) {
    Answer answer{related};
    return Projection(collection, options, answer).run(std::move(documents));
}

std::vector<std::string_view> separate_members(const schema::Collection& collection,
                                               const BoundOptions& options) {
    std::vector<std::string_view> made;
    for (const std::string_view name : collection.separate) {
        const bool named = std::ranges::any_of(options.select, [&](const BoundSelection& one) {
            return !one.path.empty() && one.path.front() == name;
        });
        if (named) made.push_back(name);
    }
    return made;
}

}  // namespace vmsecurity::odata
