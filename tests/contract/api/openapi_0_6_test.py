"""api/openapi.yaml has all that VMClarity 0.6 clients know (facts_0_6.txt), and keeps OpenAPI's rules."""

import pathlib
import re

import pytest
import yaml

TOP = pathlib.Path(__file__).resolve().parents[3]
DOCUMENT = yaml.safe_load((TOP / "api/openapi.yaml").read_text(encoding="utf-8"))
SCHEMAS = DOCUMENT["components"]["schemas"]
METHODS = {"get", "post", "put", "patch", "delete"}
MEMBER = re.compile(
    r"(?P<name>\w+)(:(?P<type>\[?(\w+|\([^)]*\))\]?))?(?P<required>!)?(?P<nullable>\?)?"
    r"(\{(?P<minimum>\d+)\.\.(?P<maximum>\d*)\})?"
)


def facts(section):
    """The lines of a section of facts_0_6.txt, continued ones joined."""
    text = (pathlib.Path(__file__).parent / "facts_0_6.txt").read_text(encoding="utf-8")
    body = text.split(f"[{section}]\n")[1].split("\n\n[")[0]
    return body.replace("\n    ", " ").strip().split("\n")


def resolve(node):
    while "$ref" in node:
        target = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def members(schema):
    """The properties and required names of an object, those of allOf included."""
    schema = resolve(schema)
    properties, required = {}, set(schema.get("required", []))
    for part in schema.get("allOf", []):
        more, also = members(part)
        properties |= more
        required |= also
    return properties | schema.get("properties", {}), required


def type_of(schema):
    """A property's type as the facts write it, apart from its words."""
    if len(schema.get("allOf", [])) == 1 and "properties" not in schema:
        schema = schema["allOf"][0]
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[1]
    if schema["type"] == "array":
        return f"[{type_of(schema['items'])}]"
    return "time" if schema.get("format") == "date-time" else schema["type"]


def check_member(schema, fact):
    match = MEMBER.fullmatch(fact)
    assert match, fact
    properties, required = members(schema)
    assert match["name"] in properties
    member = properties[match["name"]]
    if (match["type"] or "").startswith("("):
        assert set(match["type"].strip("()").split("|")) <= set(member["enum"])
    else:
        assert type_of(member) == (match["type"] or "string")
    assert (match["name"] in required) == bool(match["required"])
    assert member.get("nullable", False) == bool(match["nullable"])
    for bound in ("minimum", "maximum"):
        assert str(member.get(bound, "")) == (match[bound] or "")


@pytest.mark.parametrize("fact", facts("objects"))
def test_objects(fact):
    name, *rest = fact.split()
    schema = SCHEMAS[name.rstrip("*")]
    if rest and rest[0] == "=":
        assert set(rest[1].split("|")) == set(schema["enum"])
    elif rest and rest[0] == "by":
        assert schema["discriminator"]["propertyName"] == rest[1].rstrip(":")
        for variant in rest[2:]:
            value, target = variant.split(":")
            assert schema["discriminator"]["mapping"][value] == f"#/components/schemas/{target}"
            assert {"$ref": f"#/components/schemas/{target}"} in schema["anyOf"]
    else:
        assert (resolve(schema).get("additionalProperties") is False) == name.endswith("*")
        for member in rest:
            check_member(schema, member)


@pytest.mark.parametrize("fact", facts("objects"))
def test_nothing_more_is_required(fact):
    """A body that 0.6 took is still taken."""
    name, *rest = fact.split()
    if rest and rest[0] not in ("=", "by"):
        known = {MEMBER.fullmatch(m)["name"] for m in rest if "!" in m}
        assert members(SCHEMAS[name.rstrip("*")])[1] == known


def json_schema(node):
    return type_of(resolve(node)["content"]["application/json"]["schema"])


@pytest.mark.parametrize("fact", facts("operations"))
def test_operations(fact):
    method, path, operation, *rest = fact.split()
    node = DOCUMENT["paths"][path][method.lower()]
    assert node["operationId"] == operation
    for item in rest:
        key, _, schema = item.partition(":")
        if key == "takes":
            assert json_schema(node["requestBody"]) == schema
        elif key == "gives":
            assert json_schema(min(node["responses"].items())[1]) == schema
        else:
            assert key in node["responses"]
            assert not schema or json_schema(node["responses"][key]) == schema


LISTS = [p for p, item in DOCUMENT["paths"].items() if item.get("get", {}).get("operationId") == f"Get{p[1:2].upper()}{p[2:]}"]


def parameters(item, method):
    nodes = [*item.get("parameters", []), *item[method].get("parameters", [])]
    return {resolve(n)["name"]: resolve(n) for n in nodes}


@pytest.mark.parametrize("path", [p for p in LISTS if p not in ("/changes", "/retention")])
def test_lists_take_odata_and_go_on(path):
    item = DOCUMENT["paths"][path]
    assert {"$filter", "$select", "$expand", "$orderby", "$count", "$top", "$skip"} <= set(parameters(item, "get"))
    name = json_schema(item["get"]["responses"]["200"])
    assert {"items", "count", "@odata.nextLink"} <= set(SCHEMAS[name]["properties"])


def operations():
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS & set(item):
            yield path, method


@pytest.mark.parametrize("path, method", operations())
def test_structure(path, method):
    item = DOCUMENT["paths"][path]
    node = item[method]
    assert node["summary"].endswith(".")
    assert set(node["tags"]) <= {t["name"] for t in DOCUMENT["tags"]}
    declared = parameters(item, method)
    assert set(re.findall(r"\{(\w+)\}", path)) == {n for n, p in declared.items() if p["in"] == "path"}
    assert all(p["required"] for p in declared.values() if p["in"] == "path")
    assert {"400", "401", "403", "405", "429", "503", "default"} <= set(node["responses"])
    assert ("404" in node["responses"]) or "{" not in path or method == "put"
    for response in node["responses"].values():
        assert resolve(response)["description"]


def test_schemas_use_no_siblings_of_references():
    """OpenAPI 3.0 ignores what stands beside a $ref."""

    def walk(node, where):
        if isinstance(node, dict):
            assert "$ref" not in node or len(node) == 1, where
            for key, value in node.items():
                walk(value, f"{where}/{key}")
        elif isinstance(node, list):
            for index, value in enumerate(node):
                walk(value, f"{where}/{index}")

    walk(DOCUMENT, "")
