"""Create, read, replace, patch, delete: the same for every collection of the 0.6 API."""

import uuid

import pytest
from support import objects

ALL = list(objects.COLLECTIONS)
WITH_REVISION = [c for c in ALL if c != "findings"]
each_collection = pytest.mark.parametrize("collection", ALL)

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def is_error(answer):
    """An error body: at least a message that says something."""
    body = answer.json
    assert isinstance(body["message"], str) and body["message"]
    assert isinstance(body.get("code", ""), str)
    return body


@each_collection
def test_life_of_an_object(api, collection):
    sent = objects.valid(collection)
    created = api.post(f"/{collection}", sent).expect(201)
    made = created.json
    assert str(uuid.UUID(made["id"])) == made["id"]
    if collection in WITH_REVISION:
        assert made["revision"] == 1
    assert sent.items() <= without_nulls(made).items()
    path = f"/{collection}/{made['id']}"
    assert api.get(path).expect(200).json == made

    # PUT replaces all of it: the annotation comes, and goes again.
    marked = sent | {"annotations": [{"key": "k", "value": "v"}]}
    replaced = api.put(path, marked).expect(200).json
    assert replaced["annotations"] == [{"key": "k", "value": "v"}]
    assert replaced["id"] == made["id"]
    again = api.put(path, sent | {"id": made["id"]}).expect(200).json
    assert without_nulls(again).get("annotations") == sent.get("annotations")

    # PATCH merges.
    patched = api.patch(path, {"annotations": [{"key": "p", "value": "q"}]}).expect(200).json
    assert patched["annotations"] == [{"key": "p", "value": "q"}]
    sent.pop("annotations", None)
    assert sent.items() <= without_nulls(patched).items()
    assert api.get(path).json == patched
    if collection in WITH_REVISION:
        assert [replaced["revision"], again["revision"], patched["revision"]] == [2, 3, 4]

    deleted = api.delete(path).expect(200)
    assert made["id"] in deleted.json["message"]
    is_error(api.get(path).expect(404))


def without_nulls(value):
    """Nullable arrays may be shown as null where they are unset."""
    if isinstance(value, dict):
        return {k: without_nulls(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [without_nulls(v) for v in value]
    return value


@each_collection
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "object_id", [UNKNOWN, "no-uuid", "quote'%20or%20'1'%3D'1", "%00", "a%2Fb"]
)
def test_unknown_id(api, collection, method, object_id):
    body = None if method in ("GET", "DELETE") else objects.valid(collection)
    # A zero byte can be in no id; to say so is as good.
    expected = (400, 404) if object_id == "%00" else (404,)
    is_error(api.request(method, f"/{collection}/{object_id}", body).expect(*expected))


@each_collection
def test_post_with_id(api, collection):
    body = is_error(
        api.post(f"/{collection}", objects.valid(collection) | {"id": UNKNOWN}).expect(400)
    )
    assert "id" in body["message"]
    is_error(api.get(f"/{collection}/{UNKNOWN}").expect(404))


@each_collection
def test_put_with_another_id(api, collection):
    made = api.create(collection, objects.valid(collection))
    path = f"/{collection}/{made['id']}"
    is_error(api.put(path, made | {"id": UNKNOWN}).expect(400))
    assert api.get(path).json == made


@each_collection
def test_patch_with_another_id(api, collection):
    made = api.create(collection, objects.valid(collection))
    answer = api.patch(f"/{collection}/{made['id']}", {"id": UNKNOWN})
    answer.expect(400)
    assert api.item(collection, made["id"]) == made


# The whole of what a client reads back can be sent again, as 0.6 clients do.
@each_collection
def test_put_what_was_read(api, collection):
    made = api.create(collection, objects.valid(collection))
    back = api.put(f"/{collection}/{made['id']}", made).expect(200).json
    assert {k: v for k, v in back.items() if k != "revision"} == {
        k: v for k, v in made.items() if k != "revision"
    }


@each_collection
@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "null", '"x"', "17", '{"annotations": 3}', '{"annotations": [{"key": 1}]}', "\xff\xfe",
     '{"a": 1} trailing', "[" * 100_000],
    ids=["empty", "cut", "array", "null", "string", "number", "wrong-type", "deep-wrong-type", "not-utf8",
         "trailing", "deep"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_bad_body(api, collection, method, body):
    path = f"/{collection}"
    if method != "POST":
        path += "/" + api.create(collection, objects.valid(collection))["id"]
    body = body.encode("latin-1" if body.startswith("\xff") else "utf-8")
    is_error(api.request(method, path, body).expect(400))


def test_a_bad_body_names_the_field(api):
    broken = objects.scan(maxParallelScanners=21)
    error = is_error(api.post("/scans", broken).expect(400))
    assert "maxParallelScanners" in (error["message"] + error.get("target", ""))
    assert "20" in error["message"]


@pytest.mark.parametrize(
    "collection, change",
    [
        ("scans", {"maxParallelScanners": 0}),
        ("scans", {"maxParallelScanners": 21}),
        ("scans", {"maxParallelScanners": 1.5}),
        ("scans", {"maxParallelScanners": "2"}),
        ("scans", {"timeoutSeconds": -1}),
        ("scans", {"state": "Sleeping"}),
        ("scans", {"state": "done"}),
        ("scans", {"stateReason": "BadWeather"}),
        ("scans", {"startTime": "yesterday"}),
        ("scans", {"startTime": "2023-02-30T00:00:00Z"}),
        ("scans", {"startTime": "2023-01-01 00:00:00"}),
        ("scans", {"startTime": 17}),
        ("scans", {"name": 5}),
        ("scans", {"name": None}),
        ("scans", {"assetIDs": "x"}),
        ("scans", {"assetIDs": [1]}),
        ("scans", {"scanConfig": {}}),
        ("scans", {"scanConfig": {"id": ""}}),
        ("scans", {"scanConfig": "x"}),
        ("assets", {"assetInfo": {}}),
        ("assets", {"assetInfo": {"objectType": "Toaster"}}),
        ("assets", {"assetInfo": {"objectType": "VMInfo", "instanceID": 5, "location": "l"}}),
        ("assets", {"scansCount": "1"}),
        ("assets", {"scansCount": 1e30}),
        ("assets", {"lastSeen": ""}),
        ("assets", {"summary": {"totalSecrets": "1"}}),
        ("assets", {"summary": {"totalVulnerabilities": []}}),
        ("findings", {"findingInfo": {"objectType": "Vulnerability", "severity": "high"}}),
        ("findings", {"findingInfo": {"objectType": "Vulnerability", "cvss": {}}}),
        ("findings", {"findingInfo": {"objectType": "PackageFindingInfo"}}),
        ("findings", {"foundOn": "never"}),
        ("scanConfigs", {"disabled": "true"}),
        ("scanConfigs", {"scheduled": {}}),
        ("scanConfigs", {"scheduled": {"cronLine": "@daily", "zone": "UTC"}}),
        ("providers", {"status": {"state": "Healthy"}}),
        ("providers", {"status": {"state": "Sick", "reason": "HeartbeatReceived",
                                  "lastTransitionTime": "2023-01-01T00:00:00Z"}}),
        ("assetScans", {"status": {"general": {"state": "Unknown"}}}),
        ("assetScans", {"findingsProcessed": "yes"}),
        ("assetScans", {"asset": {"id": ""}}),
        ("assetScans", {"scannerInstanceCreationConfig": {"maxPrice": "1"}}),
        ("assetScanEstimations", {"estimation": {"costBreakdown": [{"operation": "x"}]}}),
    ],
    ids=lambda value: str(value)[:60],
)  # fmt: skip
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_value_that_the_description_forbids(api, collection, change, method):
    if method == "POST":
        is_error(api.post(f"/{collection}", objects.valid(collection) | change).expect(400))
        return
    made = api.create(collection, objects.valid(collection))
    path = f"/{collection}/{made['id']}"
    # In a patch, null clears an optional field, and an object may be a part of one.
    if method == "PATCH" and str(change) in PATCHES_ALL_THE_SAME:
        api.patch(path, change).expect(200)
        return
    body = change if method == "PATCH" else objects.valid(collection) | change
    is_error(api.request(method, path, body).expect(400))
    assert api.get(path).json == made


PATCHES_ALL_THE_SAME = {"{'name': None}", "{'assetInfo': {}}", "{'status': {'state': 'Healthy'}}"}


# Required fields inside the variants of a union were never asked for, and clients leave them out.
@pytest.mark.parametrize(
    "info",
    [
        {"objectType": "VMInfo", "instanceID": "i-1"},
        {"objectType": "ContainerImageInfo", "imageID": "sha256:1"},
        {"objectType": "DirInfo"},
    ],
    ids=lambda info: info["objectType"],
)
def test_variant_without_its_required_fields(api, info):
    made = api.create("assets", objects.asset(info | {"location": objects.name("l")}))
    assert made["assetInfo"]["objectType"] == info["objectType"]


@each_collection
def test_unknown_members_are_dropped(api, collection):
    sent = objects.valid(collection) | {
        "scanFamiliesConfig ": {"x": 1},
        "noSuchField": [1, {"a": None}],
    }
    made = api.create(collection, sent)
    assert "noSuchField" not in made
    patched = api.patch(f"/{collection}/{made['id']}", {"alsoNone": 3}).expect(200).json
    assert "alsoNone" not in patched


def test_stray_families_of_the_wizard_are_dropped(api):
    families = {"sbom": {"enabled": True}}
    made = api.create("scanConfigs", objects.scan_config(scanFamiliesConfig=families))
    assert "scanFamiliesConfig" not in made
    assert made["scanTemplate"]["assetScanTemplate"]["scanFamiliesConfig"] == families


# What was sent is kept apart from what was not: false, 0, "" and [] are values.
def test_empty_values_are_kept(api):
    config = api.create("scanConfigs", objects.scan_config(disabled=False))
    assert config["disabled"] is False
    assert config["scanTemplate"]["scope"] == ""
    made = api.create(
        "assets", objects.asset(scansCount=0, summary={"totalSecrets": 0}, annotations=[])
    )
    assert made["scansCount"] == 0
    assert made["summary"]["totalSecrets"] == 0
    assert made["annotations"] == []
    assert "terminatedOn" not in made


@pytest.mark.parametrize(
    "sent",
    ["2023-01-20T15:46:18Z", "2023-01-20T17:46:18+02:00", "2023-01-20T15:46:18.000000001Z",
     "2023-01-20T15:46:18.123456789Z", "2023-01-20t15:46:18z", "0001-01-01T00:00:00Z",
     "9999-12-31T23:59:59Z", "1969-12-31T23:59:59.5Z", "2016-12-31T23:59:60Z"],
)  # fmt: skip
def test_times_keep_their_instant(api, sent):
    made = api.post("/assets", objects.asset(lastSeen=sent))
    if sent.startswith(("0001", "9999")) or ":60Z" in sent:
        # Beyond 1677 to 2262 in nanoseconds, or a leap second: refused with a reason, or kept.
        if made.status == 400:
            is_error(made)
            return
    back = made.expect(201).json["lastSeen"]
    if ":60Z" not in sent:
        assert objects.instant(back.upper()) == objects.instant(sent.upper())
    if ".000000001" in sent:
        assert ".000000001" in back


@pytest.mark.parametrize(
    "text",
    ["", "it's", '"quoted" \\ / \b\f\n\r\t', "ünïcödé 漢字 🦀", "\u0001\u001f\u007f", "\u2028\u2029", "a" * 10_000,
     "<script>&amp;", "%41%_", "nul:\u0000:nul"],
    ids=["empty", "quote", "escapes", "unicode", "control", "separators", "long", "html", "percent", "nul"],
)  # fmt: skip
def test_strings_come_back_as_they_were_sent(api, text):
    answer = api.post("/scans", objects.scan(stateMessage=text))
    if "\0" in text and answer.status == 400:  # a database that cannot hold it must say so
        is_error(answer)
        return
    made = answer.expect(201).json
    assert made["stateMessage"] == text
    assert api.item("scans", made["id"])["stateMessage"] == text
    if text and "\0" not in text:
        literal = text.replace("'", "''")
        found = api.list("scans", filter=f"id eq '{made['id']}' and stateMessage eq '{literal}'")
        assert [f["id"] for f in found] == [made["id"]]


def test_large_integers_are_exact(api):
    size = 2**53 + 1
    made = api.create("assets", objects.asset(objects.image_info(size=size)))
    assert made["assetInfo"]["size"] == size
    found = api.list("assets", filter=f"assetInfo/size eq {size} and id eq '{made['id']}'")
    assert [f["assetInfo"]["size"] for f in found] == [size]
    assert api.list("assets", filter=f"assetInfo/size eq {size - 1} and id eq '{made['id']}'") == []
