"""The C++ types of members: what types.h declares and json.h converts."""

_SCALARS = {
    "kString": "std::string",
    "kInteger": "std::int64_t",
    "kNumber": "double",
    "kBoolean": "bool",
    "kTime": "schema::Time",
    "kAny": "boost::json::object",
}


def value_type(one):
    """The type of a value that is there."""
    if one.kind == "kArray":
        return f"std::vector<{value_type(one.element)}>"
    if one.schema:
        return one.schema
    if one.enum:
        return one.enum.name
    return _SCALARS[one.kind]


def is_required(field, schema):
    """Whether a member is always there. Of a union's variants the API enforces no member."""
    return field.required and not schema.constants


def member_type(field, schema):
    """The type of a member: as it is where it is always there, else in a wrapper that can be empty."""
    inner = value_type(field.type)
    if field.type.nullable:
        return f"schema::Nullable<{inner}>"
    if is_required(field, schema):
        return inner
    # Relations lead to ever more objects; boxes keep all of them small.
    if field.relation and field.type.kind != "kArray":
        return f"schema::Boxed<{inner}>"
    return f"std::optional<{inner}>"


def members(schema):
    """The fields that are members: all but the discriminators, which the type itself says."""
    return [f for f in schema.fields if f.name not in schema.constants]


def shards(schemas, count):
    """The schemas in `count` lists of about as many fields each."""
    lists = [[] for _ in range(count)]
    total = sum(len(s.fields) + 1 for s in schemas)
    done = 0
    for schema in schemas:
        lists[min(done * count // total, count - 1)].append(schema)
        done += len(schema.fields) + 1
    return lists
