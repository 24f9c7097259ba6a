"""api/openapi.yaml as tests read it."""

import pathlib
import re

import yaml

PATH = pathlib.Path(__file__).resolve().parents[2] / "api/openapi.yaml"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def document():
    return yaml.safe_load(PATH.read_text("utf-8"))


class Operation:
    def __init__(self, path, method, body):
        self.path, self.method = path, method.upper()
        self.name = body["operationId"]
        self.role = body.get("x-role")
        self.scanner = body.get("x-scanner", False)
        self.events = body.get("x-handler") == "events"
        self.has_body = "requestBody" in body
        required = [
            p for p in body.get("parameters", []) if p.get("in") == "query" and p.get("required")
        ]
        self.query = "&".join(f"{p['name']}=1" for p in required)

    def target(self, **values):
        """The path with values in the place of its parameters; what is not given is `none`."""
        path = re.sub(r"\{(\w+)\}", lambda m: values.get(m[1], "none"), self.path)
        return path + (f"?{self.query}" if self.query else "")

    def __repr__(self):
        return self.name


def operations():
    found = []
    for path, item in document()["paths"].items():
        for method in METHODS:
            if method in item:
                found.append(Operation(path, method, item[method]))
    return found
