"""The generated files: templates filled from a Model."""

import json
import pathlib

import jinja2

import cpp_types
import names
from routes import routes

_TEMPLATES = pathlib.Path(__file__).parent / "templates"
# Of the text of /openapi.json in one string literal.
_PIECE = 8000


def render(model, shards):
    """{file name: text} of everything that is generated."""
    schemas = model.in_order()
    elements = _elements(schemas)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "capitalised": names.capitalised,
        "member": names.member,
        "enumerator": names.enumerator,
        "member_type": cpp_types.member_type,
        "members": cpp_types.members,
        "is_required": cpp_types.is_required,
        "element_name": lambda element: elements[element],
    }

    def fill(template, **content):
        return environment.get_template(template + ".j2").render(**content)

    table = routes(model)
    used = _enums(f.type for s in schemas for f in s.fields)
    tables = {
        "schemas": schemas,
        "collections": model.collections.values(),
        "enums": used,
        "elements": [(name, element) for element, name in elements.items()],
    }
    content = {
        "routes": table,
        "parameter_lists": _numbered("kParameters", (r.parameters for r in table)),
        "status_lists": _numbered("kStatuses", (r.statuses for r in table)),
        "enums": _enums(p.type for r in table for p in r.parameters),
    }
    text = json.dumps(_public(model.spec.document), ensure_ascii=False, separators=(",", ":"))
    files = {
        "tables.h": fill("tables.h", **tables),
        "tables.cpp": fill("tables.cpp", **tables),
        "routes.h": fill("routes.h", **content),
        "routes.cpp": fill("routes.cpp", **content),
        "display.h": fill("display.h"),
        "display.cpp": fill("display.cpp", **tables),
        "openapi.h": fill("openapi.h"),
        "openapi.cpp": fill("openapi.cpp", pieces=_pieces(text)),
    }
    objects = [s for s in schemas if not s.variants]
    enums = _enums(f.type for s in objects for f in cpp_types.members(s))
    types = {"schemas": schemas, "enums": enums}
    files |= {name: fill(name, **types) for name in ("types.h", "types.cpp", "json.h")}
    for number, shard in enumerate(cpp_types.shards(schemas, shards), start=1):
        shard_enums = enums if number == 1 else []
        files[f"json_{number}.cpp"] = fill("json.cpp", schemas=shard, enums=shard_enums)
    return files


def _elements(schemas):
    """The types of arrays' elements, innermost first, each with the name of its constant."""
    elements = {}

    def add(element):
        if element is not None and element not in elements:
            add(element.element)
            elements[element] = f"kElement{len(elements)}"

    for schema in schemas:
        for field in schema.fields:
            add(field.type.element)
    return elements


def _enums(types):
    found = {}
    for one in types:
        while one.element:
            one = one.element
        if one.enum:
            found.setdefault(one.enum.name, one.enum)
    return list(found.values())


def _numbered(prefix, lists):
    """One name for each of several lists that differ."""
    numbered = {}
    for one in lists:
        numbered.setdefault(one, f"{prefix}{len(numbered)}")
    return numbered


def _public(document):
    """What /openapi.json shows: all but the anchors' own places."""
    return {key: value for key, value in document.items() if key != "x-shared"}


def _pieces(text):
    return [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)]
