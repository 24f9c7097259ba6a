"""Leases: one holder, a fencing number, an end."""

import threading

import pytest
from machines import day
from support import objects, waiting


def take(api, name, holder, ttl=60, **more):
    return api.put(f"/leases/{name}", {"holder": holder, "ttlSeconds": ttl} | more)


def test_a_lease_has_one_holder(api):
    name = objects.name("lease")
    api.get(f"/leases/{name}").expect(404)
    first = take(api, name, "one").expect(200).json
    assert first["holder"] == "one" and first["fencing"] >= 1 and first["name"] == name
    assert objects.instant(first["expiresOn"]) > objects.instant(first["acquiredOn"])
    held = take(api, name, "two").expect(409).json
    assert held["lease"]["holder"] == "one" and "one" in held["message"]
    renewed = take(api, name, "one", fencing=first["fencing"]).expect(200).json
    assert renewed["fencing"] == first["fencing"]
    assert api.get(f"/leases/{name}").expect(200).json["holder"] == "one"
    take(api, name, "one", fencing=first["fencing"] + 1).expect(409, 412)
    api.delete(f"/leases/{name}?holder=two&fencing={first['fencing']}").expect(409)
    api.delete(f"/leases/{name}?holder=one&fencing={first['fencing']}").expect(200)
    second = take(api, name, "two").expect(200).json
    assert second["fencing"] > first["fencing"]


def test_a_lease_ends(api):
    name = objects.name("lease")
    first = take(api, name, "one", ttl=1).expect(200).json
    second = waiting.until(
        lambda: (answer := take(api, name, "two")).status == 200 and answer.json,
        "the lease is free",
        15,
    )
    assert second["fencing"] > first["fencing"]
    take(api, name, "one", fencing=first["fencing"]).expect(409, 412)


def test_writes_of_a_holder_that_lost_its_lease_are_refused(api):
    name = objects.name("lease")
    first = take(api, name, "one").expect(200).json
    mine = {"X-Lease": f"{name}/{first['fencing']}"}
    made = api.post("/scans", objects.scan(), mine).expect(201).json
    path = f"/scans/{made['id']}"
    api.patch(path, {"state": "Discovered"}, mine).expect(200)
    api.delete(f"/leases/{name}?holder=one&fencing={first['fencing']}").expect(200)
    take(api, name, "two").expect(200)
    before = api.get(path).json
    for answer in (
        api.post("/scans", objects.scan(name=name), mine),
        api.patch(path, {"state": "Failed"}, mine),
        api.put(path, objects.scan(), mine),
        api.delete(path, mine),
        api.put(
            "/assetScans/none/results/sbom",
            {"observedOn": day(1), "coverage": [], "items": []},
            mine,
        ),
    ):
        assert answer.expect(412, 404).json["message"]
    assert api.get(path).json == before
    assert api.list("scans", filter=f"name eq '{name}'") == []


@pytest.mark.parametrize("header", ["", "x", "/", "name/", "/1", "name/x", "name/-1", "none/1"])
def test_lease_headers_that_name_no_lease(api, header):
    api.post("/scans", objects.scan(), {"X-Lease": header}).expect(400, 412)


@pytest.mark.parametrize(
    "body", [{}, {"holder": "x"}, {"ttlSeconds": 5}, {"holder": "", "ttlSeconds": 5}, {"holder": "x", "ttlSeconds": 0},
             {"holder": "x", "ttlSeconds": 99999}], ids=str
)  # fmt: skip
def test_lease_requests_that_are_refused(api, body):
    api.put(f"/leases/{objects.name()}", body).expect(400)


def test_one_of_many_gets_a_lease(server):
    name, answers, gate = objects.name("lease"), [], threading.Barrier(16)

    def work(holder):
        client = server.client()
        gate.wait()
        answers.append(take(client, name, f"holder-{holder}"))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(a.status for a in answers) == [200] + [409] * 15
