"""The cases that are about the API (tests/cases/CNNN/EXPECT.md), on the real server and both databases."""

import json
import pathlib

import pytest
from support import objects

HERE = pathlib.Path(__file__).resolve().parent


def create(api, case, kind):
    """Creates the case's assets: their ids are the server's, so answers are told by the case's own.
    A function from a filter to the case's ids of what matches."""
    labels = {}
    for body in json.loads((HERE / case / "assets.json").read_text()):
        info = body["assetInfo"]
        info |= {"objectType": kind, "location": case}
        if kind == "ContainerImageInfo":
            info["imageID"] = objects.name(body["id"])
        else:  # an asset's name is that of the container
            info |= {"containerID": objects.name(body["id"]), "containerName": body["name"]}
        labels[api.create("assets", {"assetInfo": info})["id"]] = body["id"]

    def matching(text):
        return sorted(labels[i["id"]] for i in api.list("assets", filter=text) if i["id"] in labels)

    return matching


@pytest.fixture(scope="module")
def c165(api):
    return create(api, "C165", "ContainerImageInfo")


@pytest.mark.parametrize(
    "text, expected",
    [
        ("assetInfo/repoDigests/any(t: t eq 'mongo')", ["a1"]),
        ("assetInfo/repoDigests/any(t: startswith(t,'mon'))", ["a1"]),
        ("assetInfo/repoDigests/any()", ["a1", "a2"]),
        ("assetInfo/repoDigests/all(t: t eq 'mongo')", ["a1", "a3"]),
    ],
)
def test_c165_any_on_arrays_of_strings(c165, text, expected):
    assert c165(text) == expected


@pytest.fixture(scope="module")
def c167(api):
    return create(api, "C167", "ContainerInfo")


@pytest.mark.parametrize(
    "text, expected",
    [
        ("assetInfo/labels/any(l: l/key eq 'app' and l/value eq 'nginx')", ["a1"]),
        (
            "assetInfo/labels/any(l: l/key eq 'app') and assetInfo/labels/any(l: l/value eq 'nginx')",
            ["a1", "a2"],
        ),
        ("contains(tolower(name),'it''s')", ["a3"]),
        ("contains(name,'it''s')", []),
    ],
)
def test_c167_labels(c167, text, expected):
    assert c167(text) == expected


def test_c167_path_through_a_collection(api):
    error = api.get("/assets", filter="assetInfo/labels/key eq 'app'").expect(400).json
    assert error["target"] == "$filter"
    assert 0 <= error["position"] <= len("assetInfo/labels/key")
    assert "any(" in error["message"]
