"""What clients see of HTTP: paths, methods, parameters, headers, encodings, conditional requests."""

import gzip
import json
import subprocess
import urllib.parse
import zlib

import pytest
from support import apiserver, objects, rest

COLLECTIONS = list(objects.COLLECTIONS)
PREFIXES = ["", "/api"]


@pytest.mark.parametrize("prefix", PREFIXES, ids=["root", "api"])
@pytest.mark.parametrize("collection", COLLECTIONS)
def test_paths_with_and_without_prefix(server, collection, prefix):
    client = server.client(prefix=prefix)
    made = client.create(collection, objects.valid(collection))
    path = f"/{collection}/{made['id']}"
    assert client.get(path).expect(200).json == made
    assert made["id"] in [i["id"] for i in client.list(collection, filter=f"id eq '{made['id']}'")]
    client.patch(path, {"annotations": []}).expect(200)
    client.delete(path).expect(200)


@pytest.mark.parametrize("prefix", PREFIXES, ids=["root", "api"])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/nothing",
        "/asset",
        "/Assets",
        "/assets/x/y",
        "/assets/",
        "//assets",
        "/api/api/assets",
        "/assets/../scans",
    ],
)
def test_unknown_path(server, prefix, path):
    answer = server.client(prefix=prefix).get(path)
    if prefix == "" and path == "/":  # may lead a person to the reference
        answer.expect(200, 302, 307, 308, 404)
        return
    assert answer.expect(404).json["message"]


def allowed(answer):
    return {m.strip() for m in answer.headers["Allow"].split(",")}


@pytest.mark.parametrize("collection", COLLECTIONS)
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_wrong_method_on_a_collection(api, collection, method):
    answer = api.request(method, f"/{collection}", None if method == "DELETE" else {}).expect(405)
    assert answer.json["message"]
    assert {"GET", "POST"} <= allowed(answer)
    assert method not in allowed(answer)


@pytest.mark.parametrize("collection", COLLECTIONS)
@pytest.mark.parametrize("method", ["POST", "FOO", "TRACE", "CONNECT"])
def test_wrong_method_on_an_item(api, collection, method):
    made = api.create(collection, objects.valid(collection))
    if method == "CONNECT":
        pytest.skip("its target is no path")
    answer = api.request(method, f"/{collection}/{made['id']}", {} if method == "POST" else None)
    answer.expect(405, 501) if method == "FOO" else answer.expect(405)
    if answer.status == 405:
        assert {"GET", "PUT", "PATCH", "DELETE"} <= allowed(answer)


def test_answers_are_json_with_a_newline(api):
    made = api.create("assets", objects.asset())
    for answer in (
        api.get("/assets", top=1),
        api.get(f"/assets/{made['id']}"),
        api.get("/assets/none"),
        api.get("/assets", filter="("),
        api.post("/assets", "{"),
        api.delete(f"/assets/{made['id']}"),
    ):
        kind = answer.headers["Content-Type"].replace(" ", "").lower()
        assert kind == "application/json;charset=utf-8", answer
        assert answer.body.endswith(b"\n"), answer
        assert int(answer.headers["Content-Length"]) == len(answer.body)


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_head_is_get_without_the_body(api, collection):
    made = api.create(collection, objects.valid(collection))
    path = f"/{collection}/{made['id']}"
    head, get = api.request("HEAD", path), api.get(path)
    if head.status == 405:
        return
    head.expect(200)
    assert head.body == b""
    assert head.headers["Content-Type"] == get.headers["Content-Type"]


@pytest.mark.parametrize(
    "query, status",
    [
        ("", 200),
        ("noSuchParameter=1", 200),
        ("$unknown=1", 200),
        ("_=17", 200),
        ("filter=(", 200),  # without the dollar it is not OData's
        ("$filter=", 400),
        ("$select=", 400),
        ("$expand=", 400),
        ("$orderby=", 400),
        ("$count=", 400),
        ("$top=", 400),
        ("$skip=", 400),
        ("$apply=", 400),
        ("$filter", 400),
        ("$top=x", 400),
        ("$top=1.5", 400),
        ("$top=99999999999999999999", 400),
        ("$skip=x", 400),
        ("$count=yes", 400),
        ("$count=true", 200),
        ("$count=false", 200),
        ("$top=0", 200),
        ("$top=-1", 200),  # no limit: what 0.6 made of it
        ("$skip=0", 200),
        ("$skip=1000000", 200),
        ("$skip=2", 200),  # without $top, which PostgreSQL refused
        ("%24top=1", 200),
        ("$top=1&$top=2", 400),
        ("$filter=true eq true&$filter=true eq true", 400),
        ("$skiptoken=nonsense", 400),
        ("$filter=%ZZ", 400),
        ("$filter=name%20eq%20'%ff'", 400),  # not UTF-8
    ],
)
def test_parameters(api, query, status):
    api.send("GET", "/scans?" + query.replace(" ", "%20")).expect(status)


@pytest.mark.parametrize("parameter", ["$select", "$expand"])
def test_empty_parameter_of_an_item(api, parameter):
    made = api.create("assets", objects.asset())
    api.send("GET", f"/assets/{made['id']}?{parameter}=").expect(400)
    api.send("GET", f"/assets/{made['id']}?unknown=1").expect(200)


def test_plus_and_percent_are_decoded(api):
    made = api.create("scans", objects.scan(name="one two+three " + objects.name()))
    name = made["name"]
    for text in (
        urllib.parse.quote_plus(f"name eq '{name}'"),
        urllib.parse.quote(f"name eq '{name}'"),
    ):
        found = api.send("GET", f"/scans?$filter={text}").expect(200).json["items"]
        assert [f["id"] for f in found] == [made["id"]], text


# Between nested options stands a semicolon; Go's parser dropped a parameter with a raw one.
@pytest.mark.parametrize("semicolon", ["%3B", ";"])
def test_semicolon_in_nested_options(api, semicolon):
    scan = api.create("scans", objects.scan())
    made = api.create("assetScans", objects.asset_scan("a", scan["id"]))
    target = f"/assetScans/{made['id']}?$expand=scan($select=name{semicolon}$expand=scanConfig)"
    assert api.send("GET", target).expect(200).json["scan"]["name"] == scan["name"]


def test_count_only_when_asked(api):
    name = objects.name()
    for _ in range(3):
        api.create("scans", objects.scan(stateMessage=name))
    these = f"stateMessage eq '{name}'"
    assert "count" not in api.get("/scans", filter=these).json
    assert "count" not in api.get("/scans", filter=these, count=False).json
    for options, length in (
        ({}, 3),
        ({"top": 0}, 0),
        ({"top": 2}, 2),
        ({"skip": 2}, 1),
        ({"top": 5, "skip": 9}, 0),
    ):
        answer = api.get("/scans", filter=these, count=True, **options).expect(200).json
        assert answer["count"] == 3
        assert len(answer["items"]) == length
    nothing = api.get("/scans", filter="name eq 'no such name'", count=True).json
    assert nothing == {"count": 0, "items": []}


# --- encodings ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["gzip", "identity", "zstd"])
def test_encoded_body(api, encoding):
    plain = json.dumps(objects.asset(annotations=[{"key": "k", "value": "v" * 5000}])).encode()
    if encoding == "zstd":
        body = subprocess.run(
            ["zstd", "-q", "-c"], input=plain, stdout=subprocess.PIPE, check=True
        ).stdout
    else:
        body = gzip.compress(plain) if encoding == "gzip" else plain
    made = api.post("/assets", body, {"Content-Encoding": encoding}).expect(201).json
    assert made["annotations"][0]["value"] == "v" * 5000


@pytest.mark.parametrize(
    "encoding, body",
    [
        ("gzip", b"not gzip at all"),
        ("gzip", gzip.compress(b"{}" * 4000)[:-12]),
        ("gzip", b""),
        ("zstd", b"not zstd"),
        ("br", b"{}"),
        ("gzip, gzip", b"{}"),
        ("deflate", zlib.compress(b"{}")),
    ],
)
def test_damaged_or_unknown_encoding(api, encoding, body):
    answer = api.post("/assets", body, {"Content-Encoding": encoding}).expect(400, 415)
    assert answer.json["message"]


def test_bomb_is_refused_before_it_fills_memory(api):
    bomb = gzip.compress(b'{"annotations":[' + b" " * (1 << 28) + b"]}", 9)
    assert len(bomb) < 1 << 20
    api.post("/assets", bomb, {"Content-Encoding": "gzip"}).expect(413, 400)


def test_body_over_the_limit(api):
    big = b'{"name": "' + b"x" * (100 << 20) + b'"}'
    try:
        api.post("/scans", big).expect(413)
    except OSError:
        pass  # the server may close before all of it was sent
    api.get("/scans", top=0).expect(200)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "multipart/form-data; boundary=x"]
)
def test_foreign_content_type(api, content_type):
    answer = api.post("/scans", objects.scan(), {"Content-Type": content_type})
    answer.expect(400, 415)


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "application/JSON"]
)
def test_content_types_that_are_taken(api, content_type):
    api.post("/scans", objects.scan(), {"Content-Type": content_type}).expect(201)


def test_merge_patch_content_type(api):
    made = api.create("scans", objects.scan())
    api.request(
        "PATCH", f"/scans/{made['id']}", {"state": "Done"}, {"Content-Type": rest.MERGE_PATCH}
    ).expect(200)


def test_large_answer_may_be_compressed(api):
    marker = objects.name()
    for _ in range(40):
        api.create(
            "scans",
            objects.scan(stateMessage=marker, annotations=[{"key": "k", "value": "v" * 500}]),
        )
    these = f"stateMessage eq '{marker}'"
    plain = api.get("/scans", filter=these, orderby="id").expect(200)
    packed = api.get("/scans", {"Accept-Encoding": "gzip"}, filter=these, orderby="id").expect(200)
    body = (
        gzip.decompress(packed.body)
        if packed.headers.get("Content-Encoding") == "gzip"
        else packed.body
    )
    assert body == plain.body


# --- conditional requests ----------------------------------------------------------------------------

WITH_REVISION = [c for c in COLLECTIONS if c != "findings"]


@pytest.mark.parametrize("collection", WITH_REVISION)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_if_match(api, collection, method):
    sent = objects.valid(collection)
    made = api.create(collection, sent)
    path = f"/{collection}/{made['id']}"
    body = sent if method == "PUT" else {"annotations": [{"key": "a", "value": "b"}]}

    def change(if_match):
        return api.request(method, path, body, {"If-Match": if_match})

    assert change("1").expect(200).json["revision"] == 2
    assert change('"2"').expect(200).json["revision"] == 3
    stale = change("2").expect(412)
    assert "3" in stale.json["message"]
    change('"1"').expect(412)
    change("4").expect(412)
    assert api.get(path).json["revision"] == 3
    assert change("*").expect(200).json["revision"] == 4
    change("soup").expect(400, 412)
    assert (
        api.request(method, path, body).expect(200).json["revision"] == 5
    )  # without: the last one wins
    api.request(method, f"/{collection}/none", body, {"If-Match": "1"}).expect(404)


@pytest.mark.parametrize("collection", WITH_REVISION)
def test_if_match_on_delete(api, collection):
    made = api.create(collection, objects.valid(collection))
    path = f"/{collection}/{made['id']}"
    api.delete(path, {"If-Match": "7"}).expect(412)
    api.delete(path, {"If-Match": '"1"'}).expect(200)


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_etag(api, collection):
    made = api.create(collection, objects.valid(collection))
    path = f"/{collection}/{made['id']}"
    first = api.get(path).expect(200)
    etag = first.headers["ETag"]
    assert etag.strip("W/").startswith('"')
    same = api.get(path, {"If-None-Match": etag}).expect(304)
    assert same.body == b"" and same.headers["ETag"] == etag
    api.get(path, {"If-None-Match": '"other"'}).expect(200)
    api.get(path, {"If-None-Match": f'"other", {etag}'}).expect(304)
    api.get(path, {"If-None-Match": "*"}).expect(304)
    api.patch(path, {"annotations": [{"key": "k", "value": "v"}]}).expect(200)
    changed = api.get(path, {"If-None-Match": etag}).expect(200)
    assert changed.headers["ETag"] != etag


def test_etag_works_as_if_match(api):
    made = api.create("assets", objects.asset())
    path = f"/assets/{made['id']}"
    etag = api.get(path).headers["ETag"]
    api.patch(path, {"scansCount": 1}, {"If-Match": etag}).expect(200)
    api.patch(path, {"scansCount": 2}, {"If-Match": etag}).expect(412)


# --- the description, and things for people -----------------------------------------------------------


@pytest.mark.parametrize("prefix", PREFIXES, ids=["root", "api"])
def test_openapi_json(server, prefix):
    document = server.client(prefix=prefix).get("/openapi.json").expect(200).json
    assert document["openapi"].startswith("3.")
    assert {f"/{c}" for c in COLLECTIONS} <= set(document["paths"])


@pytest.mark.parametrize(
    "headers, url",
    [
        ({"X-Forwarded-Host": "vm.example"}, "http://vm.example"),
        ({"X-Forwarded-Host": "vm.example", "X-Forwarded-Proto": "https"}, "https://vm.example"),
        (
            {"X-Forwarded-Host": "vm.example:8443", "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/api"},
            "https://vm.example:8443/api",
        ),
    ],
)  # fmt: skip
def test_openapi_json_behind_a_gateway(api, headers, url):
    servers = api.get("/openapi.json", headers).expect(200).json["servers"]
    assert url in [s["url"].rstrip("/") for s in servers]


def test_reference_page_works_offline(api):
    page = api.get("/apidocs")
    if page.status in (301, 302, 307, 308):
        page = api.get(page.headers["Location"])
    page.expect(200)
    assert "text/html" in page.headers["Content-Type"]
    text = page.text
    for foreign in ('src="http', 'href="http', "@import", "//cdn"):
        assert foreign not in text.replace('href="http://www.apache.org/licenses', ""), foreign


def test_no_cors_by_default(api):
    answer = api.get("/assets", {"Origin": "https://evil.example"}, top=0).expect(200)
    assert answer.headers.get("Access-Control-Allow-Origin") is None
    preflight = api.send(
        "OPTIONS",
        "/assets",
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
    )
    assert preflight.headers.get("Access-Control-Allow-Origin") is None


def test_health(server):
    health = server.health()
    health.get("/healthz/live").expect(200)
    health.get("/healthz/ready").expect(200)
    assert "# TYPE" in health.get("/metrics").expect(200).text
    health.get("/assets").expect(404)


def test_version_and_help():
    status, text = apiserver.run_to_end("--version")
    assert status == 0 and text.strip()
    status, text = apiserver.run_to_end("apiserver", "--help")
    assert status == 0
    for option in ("--listen", "--database", "--health-address", "--config"):
        assert option in text


@pytest.mark.parametrize(
    "arguments",
    [
        ["apiserver", "--no-such-flag"],
        ["no-such-mode"],
        ["apiserver", "--config", "/no/such/file.yaml"],
        ["apiserver", "--database", "mysql://x", "--listen", "127.0.0.1:0"],
        ["apiserver", "--listen", "nonsense", "--database", "sqlite:/nonexistent/x.db"],
        ["apiserver", "--listen", "127.0.0.1:99999", "--database", "sqlite:/nonexistent/x.db"],
    ],
    ids=" ".join,
)
def test_bad_start(arguments):
    status, text = apiserver.run_to_end(*arguments)
    assert status in (2, 4)
    assert text.strip()
    assert "terminate called" not in text


# --- bytes that no library would send -------------------------------------------------------------------

BAD_REQUESTS = {
    "garbage": b"\x00\x01\x02\x03\r\n\r\n",
    "no-version": b"GET /assets\r\n\r\n",
    "version-9": b"GET /assets HTTP/9.9\r\nHost: x\r\n\r\n",
    "huge-header": b"GET /assets HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n",
    "many-headers": b"GET /assets HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 50_000 + b"\r\n",
    "huge-target": b"GET /assets?$filter=" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "negative-length": b"POST /assets HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "huge-length": b"POST /assets HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "two-lengths": b"POST /assets HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "length-and-chunked": (
        b"POST /assets HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "bad-chunk": b"POST /assets HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n",
    "header-injection": b"GET /assets HTTP/1.1\r\nHost: x\r\nX-Request-Id: a\rb\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("request_bytes", BAD_REQUESTS.values(), ids=BAD_REQUESTS.keys())
def test_malformed_request(server, api, request_bytes):
    received = rest.raw_exchange(server.api_address, request_bytes, seconds=5)
    if received:
        status = int(received.split(b" ", 2)[1])
        assert 400 <= status < 500 or status == 505, received[:200]
    api.get("/assets", top=0).expect(200)  # and it goes on


def test_pipelined_requests_are_answered_in_order(server):
    request = b"GET /assets?$top=0&$count=true HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    received = rest.raw_exchange(server.api_address, request * 3 + last)
    statuses = [part.split(b" ")[0] for part in received.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"200", b"200", b"200", b"404"]


def test_expect_continue(server):
    body = json.dumps(objects.scan()).encode()
    head = (
        b"POST /scans HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
        b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body)
    )
    received = rest.raw_exchange(server.api_address, head + body)
    assert received.startswith((b"HTTP/1.1 100", b"HTTP/1.1 201"))
    assert b" 201 " in received
