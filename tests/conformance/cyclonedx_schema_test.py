"""Our CycloneDX documents are valid against the schema of CycloneDX 1.6 (ECMA-424)."""

import json
import warnings

import pytest
from sbom_tools import SOURCE, data_archive, run, write

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from jsonschema import Draft7Validator, RefResolver  # Debian 12 has no successor of it yet

TREES = sorted(SOURCE.glob("src/families/sbom/*/testdata/*/in")) + sorted(
    SOURCE.glob("tests/cases/C00[124]")
)


@pytest.fixture(scope="module")
def validator(tmp_path_factory):
    folder = data_archive("sbom/cyclonedx-spec.tar.zst", tmp_path_factory.mktemp("cyclonedx"))
    schemas = {
        name: json.loads((folder / "cyclonedx-spec/schema" / name).read_text("utf-8"))
        for name in ("bom-1.6.schema.json", "spdx.schema.json", "jsf-0.82.schema.json")
    }
    bom = schemas["bom-1.6.schema.json"]
    store = {schema["$id"]: schema for schema in schemas.values()}
    return Draft7Validator(bom, resolver=RefResolver(bom["$id"], bom, store=store))


def check(validator, document):
    errors = [f"{list(e.absolute_path)}: {e.message}" for e in validator.iter_errors(document)]
    assert errors == []
    references = [component["bom-ref"] for component in document["components"]]
    assert len(references) == len(set(references)), "a bom-ref is used twice"


def test_the_validator_finds_errors(validator):
    document = run(TREES[0], "--cyclonedx")
    document["components"] = [{"type": "no such type", "name": "x"}]
    assert list(validator.iter_errors(document))
    document["components"] = [
        {"type": "library", "name": "x", "licenses": [{"license": {"id": "no such licence"}}]}
    ]
    assert list(validator.iter_errors(document))


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: str(tree.relative_to(SOURCE)))
def test_case_is_valid(validator, tree):
    check(validator, run(tree, "--cyclonedx"))


def test_every_licence_id_is_one_of_the_schema(validator, tmp_path):
    source = (SOURCE / "src/families/sbom/spdx_licenses.cpp").read_text("utf-8")
    table = source[source.index("kIds") : source.index("});")]
    ids = [part for part in table.split('"')[1::2]]
    assert len(ids) > 50
    for number, license_id in enumerate(ids):
        write(
            tmp_path / f"p{number}-1.dist-info/METADATA",
            f"Metadata-Version: 2.4\nName: p{number}\nVersion: 1\nLicense-Expression: {license_id}\n",
        )
    document = run(tmp_path, "--cyclonedx")
    check(validator, document)
    written = {c["licenses"][0]["license"].get("id") for c in document["components"]}
    assert written == set(ids)
