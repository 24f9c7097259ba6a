"""What apigen makes of a small description, against testdata/expected, and what it refuses.

After a change that is meant: APIGEN_UPDATE=1 python3 -m pytest tools/apigen, and read the difference.
"""

import os
import pathlib
import subprocess
import sys

import pytest
import yaml

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

import cpp_types  # noqa: E402
import load  # noqa: E402
import model  # noqa: E402
import names  # noqa: E402
import render  # noqa: E402

SMALL = HERE / "testdata" / "small.yaml"
EXPECTED = HERE / "testdata" / "expected"


def files():
    return render.render(model.Model(load.Spec(SMALL)), 2)


@pytest.mark.parametrize("name", sorted(files()))
def test_golden(name):
    path, text = EXPECTED / name, files()[name]
    if os.environ.get("APIGEN_UPDATE"):
        EXPECTED.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_nothing_expected_is_left_over():
    assert {p.name for p in EXPECTED.iterdir()} == set(files())


def test_unchanged_files_are_left_alone(tmp_path):
    command = [sys.executable, "-B", HERE / "apigen.py", "--spec", SMALL, "--out", tmp_path]
    subprocess.run(command, check=True)
    os.utime(tmp_path / "tables.h", (1, 1))
    (tmp_path / "tables.cpp").write_text("old")
    subprocess.run(command, check=True)
    assert (tmp_path / "tables.h").stat().st_mtime == 1
    assert (tmp_path / "tables.cpp").read_text() != "old"


def refuse(tmp_path, change):
    document = yaml.safe_load(SMALL.read_text())
    change(document, document["components"]["schemas"])
    path = tmp_path / "spec.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    with pytest.raises(load.SpecError) as error:
        render.render(model.Model(load.Spec(path)), 1)
    return str(error.value)


CHANGES = {
    "Thing.seen: apigen does not know pattern": lambda d, s: s["Thing"]["properties"]["seen"].update(
        pattern="x"
    ),
    "$ref '#/components/schemas/Nothing' leads nowhere": lambda d, s: s["Thing"]["properties"].update(
        x={"$ref": "#/components/schemas/Nothing"}
    ),
    "Thing: requires 'absent', which it does not have": lambda d, s: s["Thing"].update(
        required=["absent"]
    ),
    "Thing: x-hot 'info/absent': Info has no 'absent'": lambda d, s: s["Thing"]["x-hot"].update(
        a="info/absent"
    ),
    "Thing: x-hot 'info' leads to a kUnion, which is no column": lambda d, s: s["Thing"]["x-hot"].update(
        a="info"
    ),
    "Thing: x-hot 'raw/x' lies in a separate member": lambda d, s: s["Thing"]["x-hot"].update(a="raw/x"),
    "Thing: x-hot 'seen/x' goes through 'seen', which is no object": lambda d, s: s["Thing"][
        "x-hot"
    ].update(a="seen/x"),
    "Thing: separate members that it does not have": lambda d, s: s["Thing"]["x-collection"].update(
        separate=["absent"]
    ),
    "Thing: x-collection does not know ['colour']": lambda d, s: s["Thing"]["x-collection"].update(
        colour=1
    ),
    "Thing: x-display 'info/absent': Info has no 'absent'": lambda d, s: s["Thing"]["x-display"][
        "columns"
    ].update(A="info/absent"),
    "Thing: x-display knows short and columns": lambda d, s: s["Thing"]["x-display"].update(colour=1),
    "Another: 'thing' is a name of things already": lambda d, s: s.update(
        Another={**s["Thing"], "x-collection": {**s["Thing"]["x-collection"], "name": "others"}}
    ),
    "FlawSeverity: x-ranked needs a number for each word, in rising order": lambda d, s: s[
        "FlawSeverity"
    ].update({"x-ranked": [3, 2, 1]}),
    "Thing.state: an enum written in place needs an x-name": lambda d, s: s["Thing"]["properties"].update(
        state={"type": "string", "enum": ["a"]}
    ),
    "there is another enum FlawSeverity with other words": lambda d, s: s["Thing"][
        "properties"
    ].update(state={"type": "string", "enum": ["a"], "x-name": "FlawSeverity"}),
    "Thing.state: an object has to be a schema with a name of its own": lambda d, s: s["Thing"][
        "properties"
    ].update(state={"type": "object", "properties": {}}),
    "Info: anyOf and the discriminator's mapping name different schemas": lambda d, s: s["Info"][
        "anyOf"
    ].pop(),
    "ThingRelationship: x-relation 'others' is no collection": lambda d, s: s["ThingRelationship"].update(
        {"x-relation": "others"}
    ),
    "ThingRelationship: requires 'seen', which is there only when it is expanded": lambda d, s: s[
        "ThingRelationship"
    ]["required"].append("seen"),
    "Flaw > Flaw: a schema that contains itself": lambda d, s: s["Flaw"]["properties"].update(
        next={"$ref": "#/components/schemas/Flaw"}
    ),
    "GET /things: x-role must be one of public, viewer, operator, admin": lambda d, s: d["paths"]["/things"][
        "get"
    ].pop("x-role"),
    "operationId used twice: GetThings": lambda d, s: d["paths"]["/things/{thingID}"]["patch"].update(
        operationId="GetThings"
    ),
}


@pytest.mark.parametrize("message", CHANGES)
def test_refuses_what_it_cannot_hold(tmp_path, message):
    assert message in refuse(tmp_path, CHANGES[message])


@pytest.mark.parametrize(
    "name, expected",
    [
        ("assetIDs", "asset_ids"),
        ("IDLike", "id_like"),
        ("sizeGB", "size_gb"),
        ("KnownViruses", "known_viruses"),
        ("@odata.nextLink", "odata_next_link"),
        ("urls", "urls"),
        ("sourceDB", "source_db"),
        ("operator", "operator_"),
    ],
)
def test_members(name, expected):
    assert names.member(name) == expected


@pytest.mark.parametrize(
    "word, expected",
    [("CRITICAL", "kCritical"), ("LOW", "kLow"), ("AWS", "kAWS"), ("InProgress", "kInProgress"), ("sbom", "kSbom")],
)
def test_enumerators(word, expected):
    assert names.enumerator(word) == expected


def test_shards_hold_all_schemas_once_and_in_order():
    schemas = model.Model(load.Spec(SMALL)).in_order()
    parts = cpp_types.shards(schemas, 3)
    assert [s for part in parts for s in part] == schemas
    assert all(parts)
