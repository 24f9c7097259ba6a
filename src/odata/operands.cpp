#include "odata/operands.h"

#include <fmt/format.h>

namespace vmsecurity::odata {

BoundPointer to_heap(BoundExpression expression) {
    return std::make_unique<BoundExpression>(std::move(expression));
}

ValueKind kind_of(const Constant& value) {
    constexpr ValueKind kKinds[] = {ValueKind::kNull, ValueKind::kBoolean, ValueKind::kInteger,
                                    ValueKind::kReal, ValueKind::kText,    ValueKind::kTime};
    return kKinds[value.index()];
}

bool is_number(ValueKind kind) {
    return kind == ValueKind::kInteger || kind == ValueKind::kReal;
}

bool is_collection(const BoundPath& path) {
    return path.type != nullptr && path.type->kind == schema::Kind::kArray;
}

const Constant* constant_of(const BoundExpression& value) {
    return std::get_if<Constant>(&value.node);
}

const BoundPath* path_of(const BoundExpression& value) {
    return std::get_if<BoundPath>(&value.node);
}

std::string_view noun(ValueKind kind) {
    switch (kind) {
        case ValueKind::kNull:
            return "null";
        case ValueKind::kBoolean:
            return "true or false";
        case ValueKind::kInteger:
        case ValueKind::kReal:
            return "a number";
        case ValueKind::kText:
            return "text";
        case ValueKind::kTime:
            return "a time";
        case ValueKind::kStructure:
            return "an object or a collection";
    }
    return "something else";
}

std::string describe(const BoundExpression& value) {
    if (const BoundPath* path = path_of(value)) {
        return fmt::format("'{}' is {}", path->text(), noun(value.kind));
    }
    return fmt::format("the {} is {}", constant_of(value) != nullptr ? "value" : "expression",
                       noun(value.kind));
}

}  // namespace vmsecurity::odata
