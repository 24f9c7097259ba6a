"""Reads the API's description and finds what its references name."""

import yaml


class SpecError(Exception):
    """The description breaks a rule; the message says where and what to do."""


class Spec:
    """The description as written, with every $ref that it contains known to lead somewhere."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.document = yaml.safe_load(file)
        self.schemas = self.document["components"]["schemas"]
        self._check_references(self.document, "")

    def resolve(self, node):
        """`node`, or what its $ref names."""
        while "$ref" in node:
            node = self._find(node["$ref"])
        return node

    def _find(self, reference):
        node = self.document
        for part in reference.removeprefix("#/").split("/"):
            node = node.get(part) if isinstance(node, dict) else None
        if not reference.startswith("#/") or node is None:
            raise SpecError(f"$ref '{reference}' leads nowhere")
        return node

    def _check_references(self, node, where):
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                try:
                    self._find(node["$ref"])
                except SpecError as error:
                    raise SpecError(f"{where or '/'}: {error}") from None
            for key, value in node.items():
                self._check_references(value, f"{where}/{key}")
        elif isinstance(node, list):
            for index, value in enumerate(node):
                self._check_references(value, f"{where}/{index}")


def schema_name(reference):
    """The last part of a reference: '#/components/schemas/Asset' is 'Asset'."""
    return reference.rsplit("/", 1)[-1]
