#include "odata/project/shape.h"

#include <algorithm>

namespace vmsecurity::odata {
namespace {

class ShapeBuilder {
  public:
    Shape build(const schema::Schema* schema, const BoundOptions& options) {
        Shape made;
        add(made, schema, options);
        settle(made);
        return made;
    }

  private:
    struct End {
        ShapeMember* member;
        const schema::Schema* schema;
    };

    void add(Shape& shape, const schema::Schema* schema, const BoundOptions& options) {
        for (const BoundSelection& one : options.select) select(shape, schema, one);
        shape.narrowed = shape.narrowed || !options.select.empty();
        shape.everything = shape.everything || options.select.empty();
        for (const BoundExpansion& one : options.expand) {
            const End end = follow(shape, schema, one.path);
            end.member->expansion = &one;
            end.member->slot = slots_++;
        }
    }

    void select(Shape& shape, const schema::Schema* schema, const BoundSelection& selection) {
        if (selection.path.empty()) {  // what no other selection names
            shape.everything = true;
            return;
        }
        const End end = follow(shape, schema, selection.path);
        if (!selection.options) {
            end.member->inside.everything = true;
            return;
        }
        end.member->list = selection.options.get();
        add(end.member->inside, end.schema, *selection.options);
    }

    // Makes the members along a path; the unions on the way keep their discriminators.
    static End follow(Shape& start, const schema::Schema* schema,
                      const std::vector<std::string_view>& path) {
        Shape* shape = &start;
        ShapeMember* member = nullptr;
        for (const std::string_view name : path) {
            if (schema != nullptr && !schema->discriminator.empty()) {
                get(*shape, schema->discriminator).inside.everything = true;
            }
            member = &get(*shape, name);
            shape = &member->inside;
            schema = schema == nullptr ? nullptr : inside(*schema, name);
        }
        return {member, schema};
    }

    static ShapeMember& get(Shape& shape, std::string_view name) {
        const auto found = std::ranges::find(shape.members, name, &ShapeMember::name);
        if (found != shape.members.end()) return *found;
        ShapeMember& made = shape.members.emplace_back();
        made.name = name;
        return made;
    }

    static const schema::Schema* inside(const schema::Schema& schema, std::string_view name) {
        const schema::Field* field = schema.find_in_any_variant(name);
        if (field == nullptr) return nullptr;
        const schema::Type* type = &field->type;
        while (type->element != nullptr) type = type->element;
        return type->schema;
    }

    // What is selected whole is whole below too, save where a $select of its own narrows it.
    static void settle(Shape& shape) {
        for (ShapeMember& one : shape.members) {
            if (shape.everything && !one.inside.narrowed) one.inside.everything = true;
            settle(one.inside);
            shape.expands = shape.expands || one.expansion != nullptr || one.inside.expands;
        }
    }

    std::size_t slots_ = 0;
};

void collect(const Shape& shape, std::vector<const BoundExpansion*>& made) {
    for (const ShapeMember& one : shape.members) {
        if (one.expansion != nullptr) {
            made.resize(std::max(made.size(), one.slot + 1));
            made[one.slot] = one.expansion;
        }
        collect(one.inside, made);
    }
}

}  // namespace

const ShapeMember* Shape::find(std::string_view name) const {
    const auto found = std::ranges::find(members, name, &ShapeMember::name);
    return found == members.end() ? nullptr : &*found;
}

Shape make_shape(const schema::Schema* schema, const BoundOptions& options) {
    return ShapeBuilder().build(schema, options);
}

std::vector<const BoundExpansion*> expansions_of(const Shape& shape) {
    std::vector<const BoundExpansion*> made;
    collect(shape, made);
    return made;
}

}  // namespace vmsecurity::odata
