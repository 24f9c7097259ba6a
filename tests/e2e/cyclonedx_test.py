"""The CycloneDX document against the specification's own schema."""

import json
import os
import pathlib
import re
import subprocess

import jsonschema
import pytest

from support import program

SCHEMAS = ("bom-1.6.schema.json", "spdx.schema.json", "jsf-0.82.schema.json")


@pytest.fixture(scope="module")
def validator(tmp_path_factory):
    data = os.environ.get("VMSECURITY_TEST_DATA")
    if not data:
        pytest.skip("VMSECURITY_TEST_DATA is unset: no CycloneDX schema to check against")
    folder = tmp_path_factory.mktemp("cyclonedx-spec")
    archive = pathlib.Path(data) / "sbom/cyclonedx-spec.tar.zst"
    subprocess.run(["tar", "--zstd", "-xf", archive, "-C", folder], check=True)
    found = {
        name: json.loads(min(folder.rglob(name), key=lambda p: len(p.parts)).read_text())
        for name in SCHEMAS
    }
    main = found[SCHEMAS[0]]
    base = re.sub(r"[^/]*$", "", main["$id"])
    store = {base + name: schema for name, schema in found.items()}
    store.update({schema["$id"]: schema for schema in found.values()})
    resolver = jsonschema.RefResolver(main["$id"], main, store=store)
    return jsonschema.Draft7Validator(main, resolver=resolver)


def test_the_demo_sbom_is_valid(demo, validator):
    result = program.scan(demo.disk, format="cyclonedx", families="sbom")
    assert result.status == program.COMPLETE, result.stderr
    document = json.loads(result.stdout)
    assert document["specVersion"] == "1.6"
    errors = [f"{list(e.path)}: {e.message[:200]}" for e in validator.iter_errors(document)]
    assert errors == []
    assert len(document["components"]) > 100
    references = [component["bom-ref"] for component in document["components"]]
    assert len(set(references)) == len(references)


def test_the_schema_check_can_fail(validator):
    assert list(validator.iter_errors({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": 1}))
