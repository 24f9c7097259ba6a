"""PATCH merges as RFC 7386 says: null clears, what is not named stays, arrays are replaced whole."""

import pytest
from support import objects
from support.rest import MERGE_PATCH

FULL_SCAN = {
    "name": "n",
    "assetIDs": ["a", "b"],
    "state": "InProgress",
    "stateMessage": "m",
    "summary": {"jobsLeftToRun": 3, "totalVulnerabilities": {"totalHighVulnerabilities": 2}},
    "startTime": "2023-01-01T00:00:00Z",
    "annotations": [{"key": "k", "value": "v"}],
}
FULL_ASSET_SCAN = {
    "status": {
        "general": {"state": "InProgress", "errors": ["e"], "lastTransitionTime": "2023-01-01T00:00:00Z"},
        "sbom": {"state": "Done", "errors": []},
    },
    "stats": {"sbom": [{"type": "rootfs", "path": "/", "size": 5}]},
    "summary": {"totalPackages": 3},
    "findingsProcessed": False,
}  # fmt: skip
FULL_ASSET = {
    "firstSeen": "2023-01-01T00:00:00Z",
    "lastSeen": "2023-01-02T00:00:00Z",
    "terminatedOn": "2023-01-03T00:00:00Z",
    "summary": {"totalSecrets": 1, "totalMalware": 2},
    "annotations": [{"key": "k", "value": "v"}],
}
FULL_CONFIG = {
    "scanTemplate": {
        "scope": "terminatedOn eq null",
        "timeoutSeconds": 60,
        "assetScanTemplate": {
            "scanFamiliesConfig": {"sbom": {"enabled": True, "analyzers": ["syft"]}, "secrets": {"enabled": False}},
            "scannerInstanceCreationConfig": {"useSpotInstances": True, "maxPrice": "1.5"},
        },
    },
    "disabled": False,
}  # fmt: skip

# collection, object, patch, what the object then is (merged by hand).
CASES = {
    "state-keeps-assetIDs": ("scans", FULL_SCAN, {"state": "Aborted"}, {"state": "Aborted"}),
    "null-clears-a-time": ("assets", FULL_ASSET, {"terminatedOn": None}, {"terminatedOn": ...}),
    "null-clears-an-object": ("assets", FULL_ASSET, {"summary": None}, {"summary": ...}),
    "null-clears-an-array": ("scans", FULL_SCAN, {"annotations": None}, {"annotations": ...}),
    "null-clears-a-nullable-array": ("scans", FULL_SCAN, {"assetIDs": None}, {"assetIDs": None}),
    "null-clears-a-nested-member": (
        "assets", FULL_ASSET, {"summary": {"totalSecrets": None}}, {"summary": {"totalMalware": 2}},
    ),
    "null-for-what-is-not-there": ("scans", FULL_SCAN, {"endTime": None}, {}),
    "general-keeps-its-errors": (
        "assetScans", FULL_ASSET_SCAN, {"status": {"general": {"state": "Done"}}},
        {"status": FULL_ASSET_SCAN["status"] | {
            "general": FULL_ASSET_SCAN["status"]["general"] | {"state": "Done"}}},
    ),
    "sbom-keeps-general": (
        "assetScans", FULL_ASSET_SCAN, {"status": {"sbom": {"errors": ["x"]}}},
        {"status": FULL_ASSET_SCAN["status"] | {"sbom": {"state": "Done", "errors": ["x"]}}},
    ),
    "another-family": (
        "assetScans", FULL_ASSET_SCAN, {"status": {"malware": {"state": "Pending"}}},
        {"status": FULL_ASSET_SCAN["status"] | {"malware": {"state": "Pending"}}},
    ),
    "array-is-replaced": ("scans", FULL_SCAN, {"assetIDs": ["c"]}, {"assetIDs": ["c"]}),
    "array-is-emptied": ("scans", FULL_SCAN, {"assetIDs": []}, {"assetIDs": []}),
    "array-of-objects-is-replaced": (
        "assetScans", FULL_ASSET_SCAN, {"stats": {"sbom": [{"path": "/x"}]}},
        {"stats": {"sbom": [{"path": "/x"}]}},
    ),
    "deep": (
        "scanConfigs", FULL_CONFIG,
        {"scanTemplate": {"assetScanTemplate": {"scanFamiliesConfig": {"secrets": {"enabled": True}}}}},
        {"scanTemplate": {"scope": "terminatedOn eq null", "timeoutSeconds": 60, "assetScanTemplate": {
            "scanFamiliesConfig": {"sbom": {"enabled": True, "analyzers": ["syft"]},
                                   "secrets": {"enabled": True}},
            "scannerInstanceCreationConfig": {"useSpotInstances": True, "maxPrice": "1.5"}}}},
    ),
    "false-and-zero": (
        "assets", FULL_ASSET, {"summary": {"totalSecrets": 0}},
        {"summary": {"totalSecrets": 0, "totalMalware": 2}},
    ),
    "empty-patch": ("assets", FULL_ASSET, {}, {}),
    "empty-object-merges-nothing": ("assets", FULL_ASSET, {"summary": {}}, {}),
    "new-object": (
        "scans", {"name": "x"}, {"summary": {"totalVulnerabilities": {"totalLowVulnerabilities": 1}}},
        {"summary": {"totalVulnerabilities": {"totalLowVulnerabilities": 1}}},
    ),
}  # fmt: skip


def shown(body):
    """Null and absent are the same to a 0.6 client for arrays that are unset."""
    if isinstance(body, dict):
        return {k: shown(v) for k, v in body.items() if v is not None}
    return [shown(v) for v in body] if isinstance(body, list) else body


def without_transition_times(body):
    """The server may note when a state changed, where the client does not say it."""
    for part in body.get("status", {}).values():
        part.pop("lastTransitionTime", None)
    body.pop("findingsProcessed", None)  # a scan that is done is processed at once
    return body


@pytest.mark.parametrize("content_type", ["application/json", MERGE_PATCH])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_merge(api, case, content_type):
    collection, body, patch, result = case
    made = api.create(collection, objects.valid(collection) | body)
    path = f"/{collection}/{made['id']}"
    answer = api.patch(path, patch, {"Content-Type": content_type}).expect(200).json
    expected = {k: v for k, v in (made | result).items() if v is not ...}
    expected["revision"] = answer["revision"]
    assert without_transition_times(shown(answer)) == without_transition_times(shown(expected))
    assert api.get(path).json == answer


@pytest.mark.parametrize(
    "collection, patch",
    [
        ("assets", {"assetInfo": None}),
        ("assets", {"assetInfo": {"objectType": None}}),
        ("scans", {"scanConfig": {"id": None}}),
        ("scanConfigs", {"name": None}),
        ("scanConfigs", {"scheduled": None}),
        ("scanConfigs", {"scanTemplate": {"assetScanTemplate": {"scannerInstanceCreationConfig": {"maxPrice": "2"}}}}),
        ("assetScans", {"resourceCleanupStatus": None}),
        ("assetScans", {"resourceCleanupStatus": {"state": None}}),
        ("providers", {"status": {"reason": None}}),
        ("assets", {"annotations": [{"key": None}]}),
        ("scans", {"assetIDs": [None]}),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_required_cannot_be_cleared(api, collection, patch):
    body = objects.valid(collection)
    if collection == "scans":
        body["scanConfig"] = {"id": objects.name()}
    made = api.create(collection, body)
    path = f"/{collection}/{made['id']}"
    error = api.patch(path, patch).expect(400).json
    assert error["message"]
    assert api.get(path).json == made


# assetInfo is a union: the members of one variant do not stay behind when it becomes another.
def test_asset_of_another_kind(api):
    made = api.create("assets", objects.asset(objects.vm_info(tags=[{"key": "k", "value": "v"}])))
    info = objects.container_info()
    answer = api.patch(f"/assets/{made['id']}", {"assetInfo": info})
    if answer.status == 400:  # to refuse it is as good
        assert api.item("assets", made["id"]) == made
        return
    assert shown(answer.expect(200).json["assetInfo"]) == info


def test_patch_within_a_union(api):
    made = api.create("assets", objects.asset(objects.vm_info(tags=[{"key": "k", "value": "v"}])))
    info = made["assetInfo"]
    change = {"objectType": "VMInfo", "image": "ami-2", "rootVolume": {"encrypted": "Yes"}}
    patched = api.patch(f"/assets/{made['id']}", {"assetInfo": change}).expect(200).json
    expected = info | {"image": "ami-2", "rootVolume": {"sizeGB": 8, "encrypted": "Yes"}}
    assert patched["assetInfo"] == expected


def test_the_revision_a_client_sends_is_not_stored(api):
    made = api.create("assets", objects.asset(revision=99))
    assert made["revision"] == 1
    assert api.patch(f"/assets/{made['id']}", {"revision": 50}).expect(200).json["revision"] == 2
    assert (
        api.put(f"/assets/{made['id']}", objects.asset(revision=70)).expect(200).json["revision"]
        == 3
    )


# What the 0.6 orchestrator and UI send as a patch, as they send it.
@pytest.mark.parametrize(
    "collection, patch",
    [
        ("scans", {"state": "Aborted"}),
        ("scans", {"assetIDs": ["x"], "state": "Discovered", "summary": {"jobsLeftToRun": 1}}),
        ("assets", {"assetInfo": objects.vm_info(), "lastSeen": objects.time()}),
        ("assets", {"terminatedOn": objects.time()}),
        ("scanConfigs", {"disabled": True}),
        ("assetScans", {"findingsProcessed": True}),
        ("assetScans", {"status": {"general": {"state": "Aborted", "errors": None}}}),
        ("assetScans", {"resourceCleanupStatus": objects.cleanup("Done")}),
        ("findings", objects.finding("a", "b", invalidatedOn=objects.time())),
    ],
    ids=lambda v: v if isinstance(v, str) else "-".join(v),
)
def test_patches_of_the_old_clients(api, collection, patch):
    made = api.create(collection, objects.valid(collection))
    api.patch(f"/{collection}/{made['id']}", patch).expect(200)


def test_canonical_json(api):
    """Compact, members in the order of the name with its first letter in upper case."""
    tags = [{"value": "v", "key": "k"}, {"key": "a b", "value": "c, d"}]
    made = api.create("assets", objects.asset(objects.vm_info(tags=tags, location=objects.name())))
    body = api.get(f"/assets/{made['id']}").body
    assert b'"tags":[{"key":"k","value":"v"},{"key":"a b","value":"c, d"}]' in body
    info = body[body.index(b'"assetInfo":') :]
    names = [b'"image":', b'"instanceID":', b'"instanceType":', b'"launchTime":', b'"location":',
             b'"objectType":', b'"platform":', b'"rootVolume":{"encrypted":"No","sizeGB":8}', b'"tags":']  # fmt: skip
    places = [info.index(name) for name in names]
    assert places == sorted(places)
    here = f"assetInfo/location eq '{made['assetInfo']['location']}'"
    for text, hits in (
        ('{"key":"k","value":"v"}', 1),
        ('{"value":"v","key":"k"}', 0),
        ('{"key": "k"', 0),
        ('"c, d"', 1),
        ("[{", 1),
    ):
        found = api.list("assets", filter=f"{here} and contains(assetInfo.tags, '{text}')")
        assert len(found) == hits, text
    found = api.list("assets", filter=f"{here} and contains(assetInfo/rootVolume, '\"sizeGB\":8')")
    assert len(found) == 1
