"""The change feed: complete, in order, and with a place to go on from."""

import threading

import pytest
from support import apiserver, events, objects, waiting


@pytest.fixture
def feed(api):
    opened = []

    def open_stream(path="/changes", **options):
        stream = events.Stream(api, path, **options)
        assert stream.response.status == 200
        assert stream.response.headers["Content-Type"].startswith("text/event-stream")
        opened.append(stream)
        return stream

    yield open_stream
    for stream in opened:
        stream.close()


def of(object_id):
    return lambda event: event.event != "resync" and event.json["objectID"] == object_id


def test_life_of_an_object(api, feed):
    stream = feed()
    # Once it is open, nothing is missed.
    made = api.create("assets", objects.asset())
    created = stream.until(of(made["id"])).json
    assert created["collection"] == "assets" and created["kind"] == "Created"
    assert created["revision"] == 1 and created["time"]
    api.patch(f"/assets/{made['id']}", {"scansCount": 1}).expect(200)
    changed = stream.until(of(made["id"]))
    assert (changed.json["kind"], changed.json["revision"]) == ("Changed", 2)
    assert int(changed.id) == changed.json["id"] > created["id"]
    api.delete(f"/assets/{made['id']}").expect(200)
    assert stream.until(of(made["id"])).json["kind"] == "Deleted"


def test_one_collection(api, feed):
    stream = feed("/changes?collection=scans")
    api.create("assets", objects.asset())
    scan = api.create("scans", objects.scan())
    assert stream.next().json["objectID"] == scan["id"]


@pytest.mark.parametrize("way", ["since", "Last-Event-ID"])
def test_going_on(api, feed, way):
    stream = feed()
    first = api.create("scans", objects.scan())
    place = stream.until(of(first["id"])).id
    stream.close()
    missed = [
        api.create("scans", objects.scan())["id"] for _ in range(700)
    ]  # more than one read of the table
    again = feed(f"/changes?since={place}") if way == "since" else feed(last_event_id=place)
    seen = [again.next() for _ in range(len(missed))]
    assert [e.json["objectID"] for e in seen] == missed
    assert [int(e.id) for e in seen] == sorted(int(e.id) for e in seen)
    now = api.create("scans", objects.scan())
    assert again.next().json["objectID"] == now["id"]


def test_a_stream_that_breaks_before_its_first_event(api, feed):
    stream = feed()
    waiting.until(lambda: stream.last_id != "", "the stream says where it begins")
    stream.close()
    missed = api.create("scans", objects.scan())["id"]
    again = feed(last_event_id=stream.last_id)
    again.until(of(missed))


def test_last_event_id_is_newer_than_since(api, feed):
    """A browser that reconnects sends both: the header says how far it came."""
    stream = feed()
    ids = []
    for _ in range(2):
        made = api.create("scans", objects.scan())
        ids.append((made["id"], stream.until(of(made["id"])).id))
    again = feed(f"/changes?since={ids[0][1]}", last_event_id=ids[1][1])
    now = api.create("scans", objects.scan())
    assert again.next().json["objectID"] == now["id"]


@pytest.mark.parametrize("way", ["since", "Last-Event-ID"])
def test_a_place_that_never_was(api, feed, way):
    stream = (
        feed("/changes?since=99999999999") if way == "since" else feed(last_event_id=99999999999)
    )
    assert stream.next().event == "resync"
    made = api.create("scans", objects.scan())
    stream.until(of(made["id"]))


@pytest.mark.parametrize(
    "query", ["since=x", "since=-1", "since=", "collection=nothing", "collection="]
)
def test_bad_parameters(api, query):
    api.get(f"/changes?{query}").expect(400, 404)


@pytest.mark.parametrize("value", ["x", "-1", "1.5"])
def test_bad_last_event_id(api, value):
    stream = events.Stream(api, "/changes", last_event_id=value)
    try:
        assert stream.response.status in (200, 400)  # as if none was sent, a resync, or refused
        if stream.response.status == 200:
            made = api.create("scans", objects.scan())
            stream.until(of(made["id"]))
    finally:
        stream.close()


def test_findings_come_as_one_event_a_family(api, feed):
    asset = api.create("assets", objects.asset())
    scan = api.create("assetScans", objects.asset_scan(asset["id"]))
    stream = feed()
    items = [{"findingInfo": objects.finding_info()} for _ in range(300)]
    body = {"observedOn": objects.time(), "coverage": [{"state": "scanned"}], "items": items}
    api.put(f"/assetScans/{scan['id']}/results/sbom", body).expect(200)
    last = api.create("scans", objects.scan())
    seen = []
    while not seen or seen[-1]["objectID"] != last["id"]:
        seen.append(stream.next().json)
    reconciled = [e for e in seen if e["kind"] == "Reconciled"]
    assert len(reconciled) == 1
    assert reconciled[0]["family"] == "sbom"
    assert len([e for e in seen if e["collection"] == "findings"]) <= 1
    assert len(seen) <= 5


def test_nothing_is_missed_under_load(server, feed):
    """Ids are given before commit; an event must not come behind one with a higher id unseen."""
    api = server.client()
    stream = feed("/changes?collection=scans")
    made, lock = set(), threading.Lock()

    def write():
        client = server.client()
        for _ in range(60):
            object_id = client.create("scans", objects.scan())["id"]
            with lock:
                made.add(object_id)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    last = api.create("scans", objects.scan())["id"]
    seen, numbers = [], []
    while not seen or seen[-1] != last:
        event = stream.next()
        assert event.event != "resync"
        seen.append(event.json["objectID"])
        numbers.append(int(event.id))
    assert numbers == sorted(set(numbers))
    assert set(seen) == made | {last}
    assert len(seen) == len(set(seen))


def test_many_listeners(api, feed):
    streams = [feed("/changes?collection=scans") for _ in range(50)]
    made = api.create("scans", objects.scan())
    for stream in streams:
        assert stream.next().json["objectID"] == made["id"]
    api.get("/assets", top=0).expect(200)  # they hold no thread of the lists


def test_a_listener_that_does_not_read_harms_nobody(server, api, feed):
    connection = api.connect()
    connection.request("GET", "/changes")
    other = feed("/changes?collection=scans")
    ids = [api.create("scans", objects.scan(stateMessage="x" * 100))["id"] for _ in range(200)]
    assert [other.next().json["objectID"] for _ in ids] == ids
    connection.close()


def test_other_servers_changes_are_seen(server, new_database, database_kind, tmp_path, feed):
    """Several API servers on one PostgreSQL."""
    if database_kind != "postgresql":
        pytest.skip("one server opens an SQLite database")
    with apiserver.Server(tmp_path, server.database) as second:
        stream = feed("/changes?collection=scans")
        made = second.client().create("scans", objects.scan())
        assert stream.next().json["objectID"] == made["id"]
        assert server.client().item("scans", made["id"])["name"] == made["name"]


def test_the_stream_ends_when_the_server_stops(new_database, tmp_path):
    with apiserver.Server(tmp_path, new_database()) as server:
        stream = events.Stream(server.client(), "/changes")
        assert server.stop() == 0
        while stream.next() is not None:
            pass
