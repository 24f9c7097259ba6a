"""The rules of each type: what is unique, what may change into what, what the server fills in."""

import datetime
import threading
import uuid
import zoneinfo

import pytest
from support import objects

# --- uniqueness -----------------------------------------------------------------------------------------
# Each row: collection, member of the 409 body, an object, and one that is the same thing by the rule
# though it differs elsewhere; then one that is another thing.


def row(collection, first, same, other):
    return pytest.param(collection, first, same, other, id=f"{collection}-{first_kind(first)}")


def first_kind(body):
    return body.get("assetInfo", {}).get("objectType", "rule")


def asset_pair(info, *, same, other):
    return row(
        "assets",
        objects.asset(info),
        objects.asset({**info, **same}, lastSeen=objects.time()),
        objects.asset({**info, **other}),
    )


def pairs():
    ids = [str(uuid.uuid4()) for _ in range(6)]
    config = objects.scan_config()
    return [
        asset_pair(
            objects.vm_info(), same={"image": "ami-other"}, other={"location": "us-east-1/vpc-9"}
        ),
        asset_pair(
            objects.vm_info(), same={"instanceType": "m5"}, other={"instanceID": "i-other" + ids[5]}
        ),
        asset_pair(objects.dir_info(), same={}, other={"location": "host-2"}),
        asset_pair(objects.dir_info(), same={}, other={"dirName": "/other" + ids[5]}),
        asset_pair(
            objects.container_info(), same={"location": "host-2"}, other={"containerID": ids[5]}
        ),
        asset_pair(objects.image_info(), same={"os": "linux"}, other={"imageID": ids[5]}),
        asset_pair(objects.pod_info(), same={}, other={"location": "cluster-2"}),
        row(
            "assetScans",
            objects.asset_scan(ids[0], ids[1]),
            objects.asset_scan(ids[0], ids[1], resourceCleanupStatus=objects.cleanup("Skipped")),
            objects.asset_scan(ids[0], ids[2]),
        ),
        row(
            "scanConfigs",
            config,
            config | {"disabled": True},
            config | {"name": config["name"] + "x"},
        ),
        row(
            "scans",
            objects.scan(ids[3]),
            objects.scan(ids[3]),
            objects.scan(ids[3], endTime=objects.time()),
        ),
        row(
            "assetScanEstimations",
            objects.asset_scan_estimation(ids[0], ids[4]),
            objects.asset_scan_estimation(ids[0], ids[4], state={"state": "Done"}),
            objects.asset_scan_estimation(ids[1], ids[4]),
        ),
    ]


@pytest.mark.parametrize("collection, first, same, other", pairs())
def test_uniqueness(api, collection, first, same, other):
    # The second run, on the other database, meets none of this one's objects.
    member = objects.COLLECTIONS[collection][0]
    made = api.create(collection, first)
    conflict = api.post(f"/{collection}", same).expect(409).json
    assert conflict[member] == made
    assert conflict["message"]

    unlike = api.create(collection, other)
    path = f"/{collection}/{unlike['id']}"
    for answer in (
        api.put(path, same),
        api.patch(
            path, {k: v for k, v in same.items() if k != "scanConfig"} | ends(collection, same)
        ),
    ):
        assert answer.expect(409).json[member] == made
    assert api.get(path).json == unlike

    # An object does not conflict with itself, and makes room when it goes.
    api.put(f"/{collection}/{made['id']}", same).expect(200)
    api.delete(f"/{collection}/{made['id']}").expect(200)
    api.post(f"/{collection}", same).expect(201)


def ends(collection, body):
    """A scan that ended conflicts again once the patch takes its end away."""
    return {"endTime": None} if collection == "scans" else {}


def test_scan_config_conflict_names_the_name(api):
    config = objects.scan_config()
    api.create("scanConfigs", config)
    message = api.post("/scanConfigs", config).expect(409).json["message"]
    assert config["name"] in message


@pytest.mark.parametrize(
    "collection, body",
    [
        ("findings", objects.finding("an-asset")),
        ("scanEstimations", objects.scan_estimation()),
        ("assetScans", objects.asset_scan("an-asset")),  # without a scan there is no rule
        ("scans", objects.scan()),
        ("assetScanEstimations", objects.asset_scan_estimation("an-asset")),
        ("providers", objects.provider()),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_no_rule(api, collection, body):
    first = api.create(collection, body)
    second = api.post(f"/{collection}", body)
    if (
        second.status == 409
    ):  # findings and providers declare a conflict: then the whole object is there
        member = objects.COLLECTIONS[collection][0]
        assert collection in ("findings", "providers")
        assert second.json[member]["id"] == first["id"]
        return
    assert second.expect(201).json["id"] != first["id"]


# A relation to an object that is not there (any more) counts like any other.
def test_uniqueness_of_dangling_relations(api):
    scan = api.create("scans", objects.scan())
    made = api.create("assetScans", objects.asset_scan("no-such-asset", scan["id"]))
    api.delete(f"/scans/{scan['id']}").expect(200)
    conflict = api.post("/assetScans", objects.asset_scan("no-such-asset", scan["id"])).expect(409)
    assert conflict.json["assetScan"]["id"] == made["id"]


@pytest.mark.parametrize(
    "parts", [("a", "b\0c"), ("a|b", "c"), ("a/b", "c"), ("", "a"), ("A", "b")]
)
def test_uniqueness_keys_do_not_run_together(api, parts):
    """Two values are never taken for two others that look alike when written one after the other."""
    base = objects.name()
    one = objects.asset(objects.dir_info(dirName=base + parts[0], location=parts[1]))
    first = api.post("/assets", one)
    if "\0" in parts[1] and first.status == 400:
        return
    first.expect(201)
    for left, right in (
        (base + parts[0] + "|" + parts[1], ""),
        (base, parts[0] + parts[1]),
        (base + parts[0] + parts[1][:1], parts[1][1:]),
        (base + parts[0].swapcase(), parts[1].swapcase()),
    ):
        if (left, right) != (base + parts[0], parts[1]):
            api.post(
                "/assets", objects.asset(objects.dir_info(dirName=left, location=right))
            ).expect(201)


def test_concurrent_posts_make_one_asset(server):
    body = objects.asset()
    answers, gate = [], threading.Barrier(32)

    def post():
        client = server.client()
        gate.wait()
        answers.append(client.post("/assets", body))

    run(32, post)
    made = [a.json["id"] for a in answers if a.status == 201]
    conflicts = [a.json["asset"]["id"] for a in answers if a.status == 409]
    assert len(made) == 1 and len(conflicts) == 31, [
        str(a) for a in answers if a.status not in (201, 409)
    ]
    assert set(conflicts) == set(made)


@pytest.mark.parametrize(
    "collection", ["assetScans", "scanConfigs", "scans", "assetScanEstimations"]
)
def test_concurrent_posts_of_other_kinds(server, collection):
    body = objects.scan(str(uuid.uuid4())) if collection == "scans" else objects.valid(collection)
    answers, gate = [], threading.Barrier(8)

    def post():
        client = server.client()
        gate.wait()
        answers.append(client.post(f"/{collection}", body))

    run(8, post)
    assert sorted(a.status for a in answers) == [201] + [409] * 7
    member = objects.COLLECTIONS[collection][0]
    ids = {(a.json if a.status == 201 else a.json[member])["id"] for a in answers}
    assert len(ids) == 1


def test_concurrent_read_modify_write_loses_nothing(server):
    clients, rounds = 32, 5
    made = server.client().create("assets", objects.asset(scansCount=0))
    path = f"/assets/{made['id']}"
    errors = []

    def work():
        client = server.client()
        for _ in range(rounds):
            while True:
                read = client.get(path).expect(200).json
                answer = client.patch(
                    path,
                    {"scansCount": read["scansCount"] + 1},
                    {"If-Match": str(read["revision"])},
                )
                if answer.status == 200:
                    break
                if answer.status not in (412, 503):
                    errors.append(str(answer))
                    return

    run(clients, work)
    assert errors == []
    final = server.client().get(path).json
    assert final["scansCount"] == clients * rounds
    assert final["revision"] == 1 + clients * rounds


def run(number, work):
    threads = [threading.Thread(target=work) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()


# --- asset scans: cleanup --------------------------------------------------------------------------------

STATES = ("Pending", "Skipped", "Failed", "Done")


@pytest.mark.parametrize(
    "status, expected",
    [
        (None, 400),
        (objects.cleanup("Pending"), 201),
        (objects.cleanup("Skipped"), 201),
        (objects.cleanup("Skipped", "DeletePolicy"), 201),
        (objects.cleanup("Failed"), 400),
        (objects.cleanup("Done"), 400),
        (objects.cleanup("Pending", "Success"), 400),
        ({"state": "Pending"}, 400),
        ({}, 400),
    ],
    ids=str,
)
def test_cleanup_of_a_new_asset_scan(api, status, expected):
    body = objects.asset_scan(str(uuid.uuid4()))
    body.pop("resourceCleanupStatus")
    if status is not None:
        body["resourceCleanupStatus"] = status
    api.post("/assetScans", body).expect(expected)


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_cleanup_transitions(api, before, after, method):
    start = "Skipped" if before == "Skipped" else "Pending"
    made = api.create(
        "assetScans", objects.asset_scan("a", resourceCleanupStatus=objects.cleanup(start))
    )
    path = f"/assetScans/{made['id']}"
    if before not in ("Pending", "Skipped"):
        api.patch(path, {"resourceCleanupStatus": objects.cleanup(before)}).expect(200)
    legal = before == after or before == "Pending"
    change = {"resourceCleanupStatus": objects.cleanup(after, message="m")}
    body = change if method == "PATCH" else objects.asset_scan("a") | change
    answer = api.request(method, path, body).expect(200 if legal else 400)
    state = api.get(path).json["resourceCleanupStatus"]["state"]
    assert state == (after if legal else before)
    if not legal:
        assert before in answer.json["message"] and after in answer.json["message"]


@pytest.mark.parametrize(
    "state, reason, legal",
    [
        ("Skipped", "DeletePolicy", True),
        ("Skipped", "NotApplicable", True),
        ("Skipped", "Success", False),
        ("Failed", "ProviderError", True),
        ("Failed", "InternalError", True),
        ("Failed", "AssetScanCreated", False),
        ("Done", "Success", True),
        ("Done", "DeletePolicy", False),
        ("Pending", "AssetScanCreated", True),
        ("Pending", "NotApplicable", False),
    ],
)
def test_cleanup_reasons(api, state, reason, legal):
    made = api.create("assetScans", objects.asset_scan("a"))
    change = {"resourceCleanupStatus": objects.cleanup(state, reason)}
    api.patch(f"/assetScans/{made['id']}", change).expect(200 if legal else 400)


def test_put_of_an_asset_scan_needs_cleanup(api):
    made = api.create("assetScans", objects.asset_scan("a"))
    api.put(f"/assetScans/{made['id']}", {"asset": {"id": "a"}}).expect(400)


def test_general_state_may_be_failed(api):
    body = objects.asset_scan("a", status={"general": {"state": "Failed", "errors": ["x"]}})
    assert api.create("assetScans", body)["status"]["general"]["state"] == "Failed"


# --- scans -----------------------------------------------------------------------------------------------


def test_one_running_scan_of_a_config(api):
    config = str(uuid.uuid4())
    first = api.create("scans", objects.scan(config))
    conflict = api.post("/scans", objects.scan(config)).expect(409).json
    assert conflict["scan"] == api.item("scans", first["id"])
    api.create("scans", objects.scan(config, endTime=objects.time()))  # ended: history
    api.patch(f"/scans/{first['id']}", {"state": "Done", "endTime": objects.time()}).expect(200)
    second = api.create("scans", objects.scan(config))
    # The first would run again.
    resumed = {"endTime": None, "state": "InProgress"}
    again = api.patch(f"/scans/{first['id']}", resumed).expect(409).json
    assert again["scan"]["id"] == second["id"]
    api.create("scans", objects.scan())  # without a config there is no rule


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_the_config_of_a_scan_stays(api, method):
    config = str(uuid.uuid4())
    made = api.create("scans", objects.scan(config))
    path = f"/scans/{made['id']}"
    for other in ({"id": "another"}, {"id": ""}):
        body = (
            {"scanConfig": other} if method == "PATCH" else objects.scan() | {"scanConfig": other}
        )
        api.request(method, path, body).expect(400)
    api.request(method, path, objects.scan(config)).expect(200)
    assert api.get(path).json["scanConfig"]["id"] == config


# --- scan configs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change, status",
    [
        ({"name": ""}, 400),
        ({"name": None}, 400),
        ({"scheduled": None}, 400),
        ({"scheduled": {}}, 400),
        ({"scheduled": {"cronLine": "not cron"}}, 400),
        ({"scheduled": {"cronLine": ""}}, 400),
        ({"scheduled": {"cronLine": "* * * *"}}, 400),
        ({"scheduled": {"cronLine": "61 * * * *"}}, 400),
        ({"scheduled": {"cronLine": "0 0 32 1 *"}}, 400),
        ({"scheduled": {"cronLine": "@sometimes"}}, 400),
        ({"scheduled": {"operationTime": "tomorrow"}}, 400),
        ({"scheduled": {"operationTime": "2030-01-01T00:00:00Z"}}, 201),
        ({"scheduled": {"cronLine": "0 */4 * * *"}}, 201),
        ({"scheduled": {"cronLine": "@hourly"}}, 201),
        ({"scheduled": {"cronLine": "@weekly"}}, 201),
        ({"scheduled": {"cronLine": "0 0 0 1 1 * 2099"}}, 201),
        ({"scheduled": {"cronLine": "0 0 L * *"}}, 201),
        ({"scheduled": {"cronLine": "0 0 15W * *"}}, 201),
        ({"scheduled": {"cronLine": "0 0 * * MON#2"}}, 201),
        ({"scheduled": {"cronLine": "0 0 * JAN-MAR mon,FRI"}}, 201),
        ({"scheduled": {"cronLine": "0 0 * * 5L"}}, 201),
    ],
    ids=str,
)
def test_scan_config_rules(api, change, status):
    body = {k: v for k, v in (objects.scan_config() | change).items() if v is not None}
    api.post("/scanConfigs", body).expect(status)
    made = api.create("scanConfigs", objects.scan_config())
    path = f"/scanConfigs/{made['id']}"
    if "name" not in change:
        own_name = body | {"name": made["name"]}
        api.put(path, own_name).expect(200 if status == 201 else 400)
    if change == {"scheduled": {"cronLine": ""}}:
        return  # merged with the operationTime that is there, it is a schedule
    api.patch(path, change).expect(200 if status == 201 else 400)


@pytest.mark.parametrize(
    "line, period",
    [
        ("@hourly", datetime.timedelta(hours=1)),
        ("*/10 * * * *", datetime.timedelta(minutes=10)),
        ("*/15 * * * * * *", datetime.timedelta(seconds=15)),
        ("@daily", datetime.timedelta(days=1)),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_operation_time_is_the_next_cron_time(api, line, period, method):
    before = datetime.datetime.now(datetime.UTC)
    if method == "POST":
        made = api.create("scanConfigs", objects.scan_config(scheduled={"cronLine": line}))
    else:
        path = f"/scanConfigs/{api.create('scanConfigs', objects.scan_config())['id']}"
        if method == "PUT":
            made = api.put(path, objects.scan_config(scheduled={"cronLine": line})).expect(200).json
        else:
            # The operation time that was there is of another schedule, unless it is sent again.
            api.patch(path, {"scheduled": {"operationTime": None, "cronLine": line}}).expect(200)
            made = api.get(path).json
    after = datetime.datetime.now(datetime.UTC)
    moment = objects.instant(made["scheduled"]["operationTime"])
    assert before < moment <= after + period
    assert moment.timestamp() % period.total_seconds() == 0
    assert made["scheduled"]["cronLine"] == line


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"])
def test_operation_time_is_counted_in_the_zone(api, name):
    scheduled = {"cronLine": "30 12 * * *", "timeZone": name}
    before = datetime.datetime.now(datetime.UTC)
    made = api.create("scanConfigs", objects.scan_config(scheduled=scheduled))
    moment = objects.instant(made["scheduled"]["operationTime"])
    assert before < moment <= before + datetime.timedelta(hours=26)
    local = moment.astimezone(zoneinfo.ZoneInfo(name))
    assert (local.hour, local.minute, local.second) == (12, 30, 0)
    assert made["scheduled"]["timeZone"] == name


@pytest.mark.parametrize("name", ["Europe/Atlantis", "europe/berlin", "../etc/passwd", "zone.tab"])
@pytest.mark.parametrize("rest", [{"cronLine": "@daily"}, {"operationTime": "2099-01-01T00:00:00Z"}])
def test_an_unknown_zone_is_refused(api, name, rest):
    body = objects.scan_config(scheduled={"timeZone": name} | rest)
    error = api.post("/scanConfigs", body).expect(400).json
    assert error["target"] == "/scheduled/timeZone"
    assert name in error["message"]
    path = f"/scanConfigs/{api.create('scanConfigs', objects.scan_config())['id']}"
    refused = api.patch(path, {"scheduled": {"timeZone": name}}).expect(400).json
    assert refused["target"] == "/scheduled/timeZone"


def test_a_given_operation_time_stays(api):
    scheduled = {"cronLine": "@hourly", "operationTime": "2031-02-03T04:05:06Z"}
    made = api.create("scanConfigs", objects.scan_config(scheduled=scheduled))
    assert made["scheduled"] == scheduled
    patched = api.patch(f"/scanConfigs/{made['id']}", {"disabled": True}).expect(200).json
    assert patched["scheduled"] == scheduled


# "Start now" of the UI.
def test_start_now(api):
    made = api.create("scanConfigs", objects.scan_config(disabled=True))
    now = objects.now()
    change = {"scheduled": {"operationTime": now}, "disabled": False}
    patched = api.patch(f"/scanConfigs/{made['id']}", change).expect(200).json
    assert objects.instant(patched["scheduled"]["operationTime"]) == objects.instant(now)
    assert patched["disabled"] is False


# --- assets, providers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_an_asset_needs_its_info(api, method):
    made = api.create("assets", objects.asset())
    path = "/assets" if method == "POST" else f"/assets/{made['id']}"
    body = {"assetInfo": None} if method == "PATCH" else {"lastSeen": objects.time()}
    error = api.request(method, path, body).expect(400).json
    assert "assetInfo" in error["message"] + error.get("target", "")


@pytest.mark.parametrize("missing", ["state", "reason", "lastTransitionTime"])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_provider_status_is_whole(api, missing, method):
    body = objects.provider()
    del body["status"][missing]
    made = api.create("providers", objects.provider())
    path = "/providers" if method == "POST" else f"/providers/{made['id']}"
    error = api.request(method, path, body).expect(400).json
    assert missing in error["message"] + error.get("target", "")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_provider_without_status(api, method):
    body = {"displayName": objects.name()}
    made = api.create("providers", objects.provider())
    if method == "POST":
        api.post("/providers", body).expect(201)
    else:
        api.request(method, f"/providers/{made['id']}", body).expect(200)
