"""Pages by $skiptoken: complete, without repeats, and stable while others write."""

import threading

import pytest
from support import objects, rest

SIZE = 130


@pytest.fixture(scope="module")
def group(api):
    """130 scans whose sort values repeat, and are missing in every fifth."""
    name = objects.name("group")
    for number in range(SIZE):
        body = objects.scan(stateReason="Success", stateMessage=name, timeoutSeconds=number % 7)
        if number % 5 == 0:
            del body["startTime"]
        else:
            body["startTime"] = f"2023-01-{number % 9 + 1:02}T00:00:00Z"
        api.create("scans", body)
    return f"stateMessage eq '{name}'"


PAGES_OF_TEN = {"Prefer": "odata.maxpagesize=10"}
ORDERS = [
    None, "name", "name desc", "startTime", "startTime desc", "timeoutSeconds desc,startTime",
    "startTime desc,timeoutSeconds", "id", "scanConfig/name,startTime", "tolower(name)", "state,startTime desc",
]  # fmt: skip


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [1, 7, 50, SIZE, SIZE + 1])
def test_pages_make_the_list(api, group, order, size):
    if size == 1 and order != "startTime desc":
        pytest.skip("one order is enough for pages of one")
    options = {"filter": group, "orderby": order}
    whole = [i["id"] for i in api.list("scans", **options)]
    assert len(set(whole)) == SIZE
    pages = list(api.pages("/scans", size=size, **options))
    assert [i["id"] for page in pages for i in page["items"]] == whole
    assert all(len(page["items"]) == size for page in pages[:-1])
    assert len(pages) in (-(-SIZE // size), SIZE // size + 1)


def test_prefer_maxpagesize(api, group):
    answer = api.get("/scans", {"Prefer": "odata.maxpagesize=20"}, filter=group).expect(200)
    assert len(answer.json["items"]) == 20
    assert answer.json["@odata.nextLink"]
    assert "maxpagesize=20" in answer.headers["Preference-Applied"]


def test_the_last_page_has_no_link(api, group):
    for size in (SIZE, SIZE + 5):
        assert len(list(api.pages("/scans", size=size, filter=group))) == 1
    # What $top leaves out was not asked for.
    assert "@odata.nextLink" not in api.get("/scans", filter=group, top=10).json
    assert "@odata.nextLink" not in api.get("/scans", filter=group, top=0).json
    assert "@odata.nextLink" not in api.get("/scans", filter=group).json


def test_pages_keep_count_select_and_expand(api, group):
    pages = list(
        api.pages("/scans", size=40, filter=group, count=True, select="id,name", orderby="name")
    )
    assert [p["count"] for p in pages] == [SIZE] * len(pages)
    assert all(set(i) == {"id", "name"} for p in pages for i in p["items"])


def test_links_work_under_the_prefix(server, group):
    client = server.client(prefix="/api")
    found = [i["id"] for p in client.pages("/scans", size=60, filter=group) for i in p["items"]]
    assert len(set(found)) == len(found) == SIZE


@pytest.mark.parametrize("damage", ["", "x", "é", "AAAA", "' or 1 eq 1", "-1"])
def test_a_damaged_token_is_refused(api, group, damage):
    link = api.get("/scans", PAGES_OF_TEN, filter=group).json["@odata.nextLink"]
    path, _, query = link.partition("?")
    parameters = [p for p in query.split("&") if "skiptoken" not in p.lower()]
    token = rest.query_string({"skiptoken": damage})
    path = path.rpartition("/")[2]
    api.send("GET", f"/{path}?{'&'.join([*parameters, token])}").expect(400)


def test_a_token_of_another_order_is_refused(api, group):
    answer = api.get("/scans", PAGES_OF_TEN, filter=group, orderby="name").json
    query = answer["@odata.nextLink"].partition("?")[2]
    token = next(p for p in query.split("&") if "skiptoken" in p.lower())
    api.send(
        "GET", "/scans?" + rest.query_string({"orderby": "startTime", "top": 10}) + "&" + token
    ).expect(400)


@pytest.mark.parametrize("order", ["name", "startTime desc", "id"])
def test_stable_while_others_write(server, order):
    """What is there all the time is seen once, whatever comes and goes before and behind the reader."""
    api = server.client()
    name = objects.name("busy")
    these = f"stateMessage eq '{name}'"
    stay = {
        api.create(
            "scans", objects.scan(stateMessage=name, startTime=f"2023-02-{n % 20 + 1:02}T00:00:00Z")
        )["id"]
        for n in range(100)
    }
    stop = threading.Event()

    def write():
        client, made = server.client(), []
        number = 0
        while not stop.is_set():
            number += 1
            body = objects.scan(
                stateMessage=name,
                name=("a" if number % 2 else "z") + objects.name(),
                startTime=f"2023-{'01' if number % 3 else '03'}-{number % 27 + 1:02}T00:00:00Z",
            )
            made.append(client.create("scans", body)["id"])
            if len(made) > 20:
                client.delete(f"/scans/{made.pop(0)}").expect(200)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(3):
            seen = [
                i["id"]
                for p in api.pages("/scans", filter=these, orderby=order, size=9)
                for i in p["items"]
            ]
            kept = [i for i in seen if i in stay]
            assert len(kept) == len(set(kept)) == len(stay)
            assert len(seen) == len(set(seen))
    finally:
        stop.set()
        writer.join(30)
