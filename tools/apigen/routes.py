"""The operations of the paths, as the route table has them."""

import re
from dataclasses import dataclass

import names
from load import SpecError, schema_name

_METHODS = ("get", "post", "put", "patch", "delete")
_ROLES = ("public", "viewer", "operator", "admin")
_LANES = ("read", "write", "bulk")
_HANDLERS = ("simple", "streaming", "events")


@dataclass(frozen=True)
class Parameter:
    name: str
    place: str  # an enumerator of schema::Place
    type: object  # model.Type
    required: bool


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    operation: str
    parameters: tuple
    body: str  # the name of a schema, or ''
    role: str
    scanner: bool
    lane: str
    handler: str
    statuses: tuple
    collection: str
    action: str  # an enumerator of schema::Action


def routes(model):
    found = []
    for path, item in model.spec.document["paths"].items():
        for method in _METHODS:
            if method in item:
                found.append(_route(model, path, method, item))
    operations = [r.operation for r in found]
    twice = {o for o in operations if operations.count(o) > 1}
    if twice:
        raise SpecError(f"operationId used twice: {', '.join(sorted(twice))}")
    return found


def _route(model, path, method, item):
    node = item[method]
    where = f"{method.upper()} {path}"
    collection, action = _action(model, path, method)
    body = node.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return Route(
        method.upper(),
        path,
        node["operationId"],
        tuple(_parameters(model, where, [*item.get("parameters", []), *node.get("parameters", [])])),
        schema_name(body["$ref"]) if body else "",
        _word(where, node, "x-role", _ROLES),
        node.get("x-scanner", False),
        _word(where, node, "x-lane", _LANES),
        _word(where, node, "x-handler", _HANDLERS, "simple"),
        tuple(sorted(int(s) for s in node["responses"] if s != "default")),
        collection,
        action,
    )


def _word(where, node, key, allowed, default=None):
    word = node.get(key, default)
    if word not in allowed:
        raise SpecError(f"{where}: {key} must be one of {', '.join(allowed)}")
    return names.enumerator(word)


def _parameters(model, where, nodes):
    for node in nodes:
        node = model.spec.resolve(node)
        yield Parameter(
            node["name"],
            names.enumerator(node["in"]),
            model._type(f"{where} {node['name']}", node["schema"]),
            node.get("required", False),
        )


def _action(model, path, method):
    """What an operation does with a collection, if it is one of the usual ones."""
    match = re.fullmatch(r"/(\w+)(/\{\w+\})?", path)
    if not match or match[1] not in model.collections:
        return "", "kOther"
    item = {"get": "kRead", "put": "kReplace", "patch": "kPatch", "delete": "kDelete"}
    whole = {"get": "kList", "post": "kCreate"}
    return match[1], (item if match[2] else whole).get(method, "kOther")
