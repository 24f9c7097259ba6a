"""What the templates print: types, fields, schemas and collections, resolved and in canonical order."""

from dataclasses import dataclass, field as dataclass_field, replace

import names
from load import SpecError, schema_name

# What the tables can express. Anything else would be described and not enforced, so it is refused.
_SCHEMA_KEYS = frozenset(
    "type description properties required allOf anyOf discriminator additionalProperties minProperties "
    "enum format minimum maximum minLength maxLength maxItems items nullable readOnly $ref "
    "x-collection x-hot x-display x-relation x-ranked x-name".split()
)
_COLUMN_TYPES = {
    "kString": "kText",
    "kInteger": "kInteger",
    "kNumber": "kReal",
    "kBoolean": "kBoolean",
    "kTime": "kTime",
}


@dataclass(frozen=True)
class Enum:
    name: str
    words: tuple
    gravity: tuple = ()  # one number a word where the words are ranked

    @property
    def ranked(self):
        return bool(self.gravity)


@dataclass(frozen=True)
class Type:
    kind: str  # an enumerator of schema::Kind
    nullable: bool = False
    schema: str = ""  # of kObject and kUnion
    element: "Type" = None  # of kArray
    enum: Enum = None
    minimum: float = None
    maximum: float = None
    min_length: int = 0
    max_length: int = 0
    max_items: int = 0


@dataclass(frozen=True)
class Field:
    name: str
    type: Type
    required: bool = False
    read_only: bool = False
    relation: str = ""  # the name of a collection


@dataclass
class Schema:
    name: str
    fields: list = dataclass_field(default_factory=list)
    discriminator: str = ""
    variants: list = dataclass_field(default_factory=list)  # (value, schema name)
    constants: dict = dataclass_field(default_factory=dict)  # discriminators that this variant has
    min_properties: int = 0
    closed: bool = False


@dataclass(frozen=True)
class Column:
    name: str
    path: str
    type: str  # an enumerator of schema::ColumnType
    owner: str  # the schema that the field at the path is in
    index: int  # of the field in it


@dataclass(frozen=True)
class DisplayColumn:
    title: str
    paths: tuple  # the first that leads to something


@dataclass
class Collection:
    name: str
    singular: str
    table: str
    schema: str
    columns: list
    separate: list
    has_revision: bool
    read_only: bool
    short: str = ""
    display: tuple = ()


class Model:
    """All schemas of a Spec. `schemas` and `collections` are dictionaries by name."""

    def __init__(self, spec):
        self.spec = spec
        self.enums = {}
        self.schemas = {}
        self.relations = {
            name: node["x-relation"] for name, node in spec.schemas.items() if "x-relation" in node
        }
        for name, node in spec.schemas.items():
            self._check_keys(name, node)
            if "anyOf" not in node and self._is_object(node):
                self.schemas[name] = self._object(name, node)
            elif "enum" in node:
                self._enum(node, name)
        for name, node in spec.schemas.items():
            if "anyOf" in node:
                self.schemas[name] = self._union(name, node)
        self.collections = {}
        for name, node in spec.schemas.items():
            if "x-collection" in node:
                collection = self._collection(name, node)
                self.collections[collection.name] = collection
        self._check_short_names()
        for name, collection in self.relations.items():
            if collection not in self.collections:
                raise SpecError(f"{name}: x-relation '{collection}' is no collection")

    # -- Schemas --

    @staticmethod
    def _is_object(node):
        return "properties" in node or "allOf" in node

    def _check_keys(self, where, node):
        unknown = set(node) - _SCHEMA_KEYS
        if unknown:
            raise SpecError(f"{where}: apigen does not know {', '.join(sorted(unknown))}")
        for name, child in node.get("properties", {}).items():
            self._check_keys(f"{where}.{name}", child)
        if "items" in node:
            self._check_keys(f"{where}[]", node["items"])

    def _object(self, name, node):
        fields = {f.name: f for f in self._fields(name, node)}
        if name in self.relations:
            fields = {n: replace(f, read_only=n != "id") for n, f in fields.items()}
            unmet = [n for n, f in fields.items() if f.required and f.read_only]
            if unmet:
                raise SpecError(f"{name}: requires '{unmet[0]}', which is there only when it is expanded")
        return Schema(
            name,
            sorted(fields.values(), key=lambda f: names.capitalised(f.name)),
            min_properties=node.get("minProperties", 0),
            closed=node.get("additionalProperties") is False,
        )

    def _fields(self, where, node):
        """The fields of an object: those of allOf first, then its own, then what it requires."""
        fields = {}
        for part in node.get("allOf", []):
            part_name = schema_name(part.get("$ref", where))
            fields |= {f.name: f for f in self._fields(part_name, self.spec.resolve(part))}
        for name, child in node.get("properties", {}).items():
            fields[name] = self._field(f"{where}.{name}", name, child)
        for name in node.get("required", []):
            if name not in fields:
                raise SpecError(f"{where}: requires '{name}', which it does not have")
            fields[name] = replace(fields[name], required=True)
        return fields.values()

    def _field(self, where, name, node):
        holder = node["items"] if node.get("type") == "array" else node
        return Field(
            name,
            self._type(where, node),
            read_only=node.get("readOnly", False),
            relation=self.relations.get(schema_name(self._reference(holder)), ""),
        )

    @staticmethod
    def _reference(node):
        """The $ref of a node, also where siblings made it `allOf: [{$ref}]`; '' if it has none."""
        parts = node.get("allOf", [])
        if "properties" not in node and len(parts) == 1:
            node = parts[0]
        return node.get("$ref", "")

    def _type(self, where, node):
        nullable = node.get("nullable", False)
        reference = self._reference(node)
        if reference:
            name, target = schema_name(reference), self.spec.resolve({"$ref": reference})
            if "anyOf" in target or self._is_object(target):
                kind = "kUnion" if "anyOf" in target else "kObject"
                return Type(kind, nullable, schema=name)
            return replace(self._type(name, {"x-name": name, **target}), nullable=nullable)
        kind = node.get("type")
        if kind == "array":
            return Type(
                "kArray",
                nullable,
                element=self._type(where + "[]", node["items"]),
                max_items=node.get("maxItems", 0),
            )
        if kind == "object":
            if "properties" in node:
                raise SpecError(f"{where}: an object has to be a schema with a name of its own")
            return Type("kAny", nullable)
        limits = {"minimum": node.get("minimum"), "maximum": node.get("maximum")}
        if kind in ("integer", "number"):
            return Type("kInteger" if kind == "integer" else "kNumber", nullable, **limits)
        if kind == "boolean":
            return Type("kBoolean", nullable)
        if kind == "string":
            if node.get("format") == "date-time":
                return Type("kTime", nullable)
            return Type(
                "kString",
                nullable,
                enum=self._enum(node, where) if "enum" in node else None,
                min_length=node.get("minLength", 0),
                max_length=node.get("maxLength", 0),
            )
        raise SpecError(f"{where}: has no type that apigen knows")

    def _enum(self, node, where):
        name = node.get("x-name", where)
        if "." in name:
            raise SpecError(f"{where}: an enum written in place needs an x-name")
        enum = Enum(name, tuple(node["enum"]), tuple(node.get("x-ranked", ())))
        if enum.ranked and (
            len(enum.gravity) != len(enum.words) or list(enum.gravity) != sorted(enum.gravity)
        ):
            raise SpecError(f"{where}: x-ranked needs a number for each word, in rising order")
        if self.enums.setdefault(name, enum) != enum:
            raise SpecError(f"{where}: there is another enum {name} with other words")
        return enum

    # -- Unions --

    def _union(self, name, node):
        discriminator = node["discriminator"]["propertyName"]
        variants = [
            (value, schema_name(reference))
            for value, reference in node["discriminator"]["mapping"].items()
        ]
        if {schema_name(r["$ref"]) for r in node["anyOf"]} != {v for _, v in variants}:
            raise SpecError(f"{name}: anyOf and the discriminator's mapping name different schemas")
        for value, variant in variants:
            schema = self.schemas[variant]
            schema.constants[discriminator] = value
            word = Enum(variant + "Word", (value,))
            schema.fields = [
                replace(f, type=replace(f.type, enum=word)) if f.name == discriminator else f
                for f in schema.fields
            ]
        merged = {}
        for _, variant in variants:
            for field in self.schemas[variant].fields:
                field = replace(field, required=field.name == discriminator)
                known = merged.get(field.name)
                merged[field.name] = self._merge(name, known, field) if known else field
        return Schema(
            name,
            sorted(merged.values(), key=lambda f: names.capitalised(f.name)),
            discriminator,
            variants,
        )

    @staticmethod
    def _merge(union, first, other):
        """The first variant's field, with the words of both."""
        if first.type.kind != other.type.kind or first.type.kind != "kString":
            return first
        if first.type.enum is None or other.type.enum is None:
            return replace(first, type=replace(first.type, enum=None))
        if first.type.enum == other.type.enum:
            return first
        one, two = first.type.enum, other.type.enum
        name = f"{union}{names.capitalised(first.name)}"
        if not one.ranked or not two.ranked:
            words = dict.fromkeys(one.words + two.words)
            return replace(first, type=replace(first.type, enum=Enum(name, tuple(words))))
        # Stable: of words of equal gravity, the first variant's stand first.
        ranks = sorted(
            zip(one.words + two.words, one.gravity + two.gravity), key=lambda pair: pair[1]
        )
        words, gravity = zip(*dict(ranks).items())
        return replace(first, type=replace(first.type, enum=Enum(name, words, gravity)))

    # -- Collections --

    def _collection(self, name, node):
        given = node["x-collection"]
        known = {"name", "singular", "table", "separate", "read-only", "revision"}
        if set(given) - known:
            raise SpecError(f"{name}: x-collection does not know {sorted(set(given) - known)}")
        separate = given.get("separate", [])
        fields = {f.name for f in self.schemas[name].fields}
        if set(separate) - fields:
            raise SpecError(f"{name}: separate members that it does not have")
        return Collection(
            given["name"],
            given["singular"],
            given["table"],
            name,
            [self._column(name, c, p, separate) for c, p in node.get("x-hot", {}).items()],
            separate,
            given.get("revision", True),
            given.get("read-only", False),
            *self._display(name, node.get("x-display", {})),
        )

    def _display(self, name, given):
        """The short name and the columns that a person sees first."""
        if set(given) - {"short", "columns"}:
            raise SpecError(f"{name}: x-display knows short and columns")
        columns = []
        for title, paths in given.get("columns", {}).items():
            paths = [paths] if isinstance(paths, str) else paths
            for path in paths:
                self._walk(name, f"x-display '{path}'", path)
            columns.append(DisplayColumn(title, tuple(paths)))
        return given.get("short", ""), tuple(columns)

    def _check_short_names(self):
        taken = {}
        for collection in self.collections.values():
            for word in filter(None, (collection.name, collection.singular, collection.short)):
                other = taken.setdefault(word.lower(), collection.name)
                if other != collection.name:
                    raise SpecError(f"{collection.schema}: '{word}' is a name of {other} already")

    def _walk(self, name, what, path):
        """The schema that the field at the end of a path is in, and its index there."""
        schema, parts = name, path.split("/")
        for position, part in enumerate(parts):
            fields = self.schemas[schema].fields
            index = next((i for i, f in enumerate(fields) if f.name == part), None)
            if index is None:
                raise SpecError(f"{name}: {what}: {schema} has no '{part}'")
            kind = fields[index].type.kind
            if position + 1 < len(parts):
                if kind not in ("kObject", "kUnion"):
                    raise SpecError(f"{name}: {what} goes through '{part}', which is no object")
                schema = fields[index].type.schema
        return schema, index

    def _column(self, name, column, path, separate):
        if path.split("/")[0] in separate:
            raise SpecError(f"{name}: x-hot '{path}' lies in a separate member")
        schema, index = self._walk(name, f"x-hot '{path}'", path)
        found = self.schemas[schema].fields[index]
        kind = found.type.kind
        if kind not in _COLUMN_TYPES:
            raise SpecError(f"{name}: x-hot '{path}' leads to a {kind}, which is no column")
        enum = found.type.enum
        column_type = "kRank" if enum and enum.ranked else _COLUMN_TYPES[kind]
        return Column(column, path, column_type, schema, index)

    # -- Order --

    def in_order(self):
        """The schemas, each after those that it is made of."""
        done, order = set(), []

        def visit(name, below):
            if name in done:
                return
            if name in below:
                raise SpecError(f"{' > '.join([*below, name])}: a schema that contains itself")
            schema = self.schemas[name]
            for field in schema.fields:
                inner = field.type
                while inner.element:
                    inner = inner.element
                if inner.schema:
                    visit(inner.schema, [*below, name])
            for _, variant in schema.variants:
                visit(variant, [*below, name])
            done.add(name)
            order.append(schema)

        for name in self.schemas:
            visit(name, [])
        return order
