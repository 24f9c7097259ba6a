"""Lists as files: NDJSON and CSV."""

import csv
import io
import json

import pytest
from machines import Machine, day, package
from support import objects


@pytest.fixture(scope="module")
def exported(api):
    machine = Machine(api)
    nasty = [
        'comma, "quote"',
        "line\nbreak",
        "=1+1",
        "-2",
        "@x",
        "ünïcödé",
        "'",
        "plain",
        "a;b",
        "\ttab",
    ]
    machine.see("sbom", [package(objects.name() + text, version=text) for text in nasty], day(1))
    machine.nasty = sorted(nasty)
    machine.these = f"asset/id eq '{machine.asset}'"
    return machine


def test_ndjson(api, exported):
    answer = api.get(
        "/export/findings", filter=exported.these, orderby="findingInfo/version"
    ).expect(200)
    assert answer.headers["Content-Type"].startswith("application/x-ndjson")
    lines = answer.text.splitlines() if "\u2028" not in answer.text else answer.text.split("\n")
    rows = [json.loads(line) for line in lines if line]
    assert rows == api.list("findings", filter=exported.these, orderby="findingInfo/version")
    assert sorted(r["findingInfo"]["version"] for r in rows) == exported.nasty


def test_ndjson_with_select_and_expand(api, exported):
    options = {
        "filter": exported.these,
        "select": "id,asset",
        "expand": "asset($select=assetInfo/location)",
    }
    answer = api.get("/export/findings", **options, **{"@format": "ndjson"}).expect(200)
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert len(rows) == len(exported.nasty)
    assert all(row["asset"]["assetInfo"]["location"] == exported.location for row in rows)


def test_csv(api, exported):
    options = {
        "filter": exported.these,
        "select": "id,findingInfo/version,foundOn",
        "orderby": "findingInfo/version",
    }
    answer = api.get("/export/findings", **options, **{"@format": "csv"}).expect(200)
    assert answer.headers["Content-Type"].startswith("text/csv")
    header, *rows = csv.reader(io.StringIO(answer.text, newline=""))
    assert len(header) == 3 and "id" in header
    column = next(i for i, h in enumerate(header) if h.replace(".", "/").endswith("version"))
    assert len(rows) == len(exported.nasty)
    # A spreadsheet must not take a value for a formula: such a one may carry a ' before it.
    assert sorted(unprotected(r[column]) for r in rows) == exported.nasty
    for row in rows:
        assert not row[column].startswith(("=", "@")), row


def unprotected(text):
    return text[1:] if len(text) > 1 and text[0] == "'" and text[1] in "=+-@\t" else text


def test_csv_without_select(api, exported):
    answer = api.get("/export/findings", filter=exported.these, **{"@format": "csv"}).expect(200)
    header, *rows = csv.reader(io.StringIO(answer.text, newline=""))
    assert len(rows) == len(exported.nasty)
    assert all(len(row) == len(header) for row in rows)


@pytest.mark.parametrize(
    "path, options, status",
    [
        ("/export/nothing", {}, 404),
        ("/export/findings", {"@format": "xml"}, 400),
        ("/export/findings", {"filter": "nosuch eq 1"}, 400),
        ("/export/findings", {"filter": "("}, 400),
        ("/export/assets", {"orderby": "nosuch"}, 400),
        ("/export/assets", {"filter": "id eq 'none'"}, 200),
    ],
)
def test_exports_that_are_refused(api, path, options, status):
    api.get(path, **options).expect(status)


@pytest.mark.parametrize(
    "collection", [*objects.COLLECTIONS, "suppressions", "assetFindings", "findingCounts"]
)
def test_every_collection_can_be_exported(api, collection):
    for form in ("ndjson", "csv"):
        api.get(f"/export/{collection}", **{"@format": form}).expect(200)
