"""Settings: file, environment, flags, the names that VMClarity used, and limits."""

import concurrent.futures
import stat
import time
import urllib.parse

import pytest

from support import apiserver, objects, postgresql, waiting


@pytest.fixture
def database(tmp_path):
    return f"sqlite:{tmp_path}/settings.db"


def test_flags_win_over_environment_over_file(tmp_path, database):
    config = "page-limit: 3\ncors-origins: https://file.example\n"
    server = apiserver.Server(
        tmp_path, database, config=config, environment={"VMSECURITY_PAGE_LIMIT": "2"}
    )
    with server:
        api = server.client()
        for _ in range(5):
            api.create("scans", objects.scan())
        assert len(api.list("scans")) == 2
        origin = {"Origin": "https://file.example"}
        allowed = api.get("/scans", origin).headers["Access-Control-Allow-Origin"]
        assert allowed == "https://file.example"
    server.arguments = ["--page-limit", "4"]
    with server:
        assert len(server.client().list("scans")) == 4


@pytest.mark.parametrize(
    "config",
    ["nosuch: 1\n", "page-limit: many\n", "- list\n", "a: b: c\n", "{"],
    ids=["unknown", "no-number", "list", "no-yaml", "cut"],
)
def test_bad_settings_file(tmp_path, database, config):
    path = tmp_path / "bad.yaml"
    path.write_text(config)
    status, text = apiserver.run_to_end(
        "apiserver", "--config", path, "--listen", "127.0.0.1:0", "--database", database
    )
    assert status == 2
    assert "bad.yaml" in text or "nosuch" in text or "page-limit" in text


def test_the_old_name_of_the_database_file(tmp_path):
    path = tmp_path / "legacy/vmclarity.db"
    path.parent.mkdir()
    server = apiserver.Server(
        tmp_path, None, environment={"DATABASE_DRIVER": "LOCAL", "LOCAL_DB_PATH": str(path)}
    )
    with server:
        server.client().create("scans", objects.scan())
    assert path.exists()


def test_the_old_names_of_postgresql(tmp_path, postgresql_server):
    parts = urllib.parse.urlsplit(postgresql_server.create_database())
    old = {
        "DATABASE_DRIVER": "POSTGRES",
        "DB_NAME": parts.path.strip("/"),
        "DB_USER": parts.username,
        "DB_PASS": parts.password,
        "DB_HOST": parts.hostname,
        "DB_PORT_NUMBER": str(parts.port),
    }
    server = apiserver.Server(tmp_path, None, environment=old)
    with server:
        made = server.client().create("scans", objects.scan())
    assert postgresql.PASSWORD not in server.log_text()
    rows = postgresql_server.query(old["DB_NAME"], "SELECT id FROM scans")
    assert rows.strip() == made["id"]


def test_the_password_from_a_file(tmp_path, postgresql_server):
    url = postgresql_server.create_database().replace(f":{postgresql.PASSWORD}@", "@")
    secret = tmp_path / "password"
    secret.write_text(postgresql.PASSWORD + "\n")
    with apiserver.Server(tmp_path, url, "--database-password-file", secret) as server:
        server.client().create("scans", objects.scan())


def test_the_first_admin(tmp_path, database):
    path = tmp_path / "admin-token"
    server = apiserver.Server(tmp_path, database, "--authentication", "--admin-token-file", path)
    with server:
        token = path.read_text().strip()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        me = server.client(token).get("/whoami").expect(200).json
        assert me["role"] == "admin"
        server.client().get("/whoami").expect(401)
    # At the next start there is one already, and the file is let alone.
    with server:
        assert path.read_text().strip() == token
        server.client(token).get("/whoami").expect(200)
        assert token not in server.log_text()


# --- limits ------------------------------------------------------------------------------------------------


def test_page_limit(tmp_path, database):
    with apiserver.Server(tmp_path, database, "--page-limit", "10") as server:
        api = server.client()
        ids = {api.create("scans", objects.scan())["id"] for _ in range(35)}
        pages = list(api.pages("/scans", count=True))
        assert [len(p["items"]) for p in pages] == [10, 10, 10, 5]
        assert {p["count"] for p in pages} == {35}
        assert {i["id"] for p in pages for i in p["items"]} == ids
        # Who asks for more than a page gets one, and the rest by its link, but not more than asked for.
        pages = list(api.pages("/scans", top=25))
        assert sum(len(p["items"]) for p in pages) == 25
        assert all(len(p["items"]) <= 10 for p in pages)
        assert len(api.list("scans", top=4)) == 4


def test_rate_limit(tmp_path, database):
    limits = ("--rate-limit", "5", "--rate-burst", "10")
    with apiserver.Server(tmp_path, database, *limits) as server:
        api = server.client()
        answers = [api.get("/scans", top=0) for _ in range(40)]
        assert [a.status for a in answers[:8]] == [200] * 8
        refused = [a for a in answers if a.status == 429]
        assert len(refused) > 20
        assert int(refused[0].headers["Retry-After"]) >= 1
        assert refused[0].json["message"]
        server.health().get("/healthz/live").expect(200)
        waiting.until(lambda: api.get("/scans", top=0).status == 200, "the limit lets go", 15)


def test_body_limit(tmp_path, database):
    with apiserver.Server(tmp_path, database, "--max-body-bytes", "2000") as server:
        api = server.client()
        api.create("scans", objects.scan(stateMessage="x" * 1000))
        api.post("/scans", objects.scan(stateMessage="x" * 3000)).expect(413)


def test_a_slow_client_is_cut_off(tmp_path, database):
    """Half a request does not hold a place for ever, and does not keep others from theirs."""
    with apiserver.Server(tmp_path, database, "--request-time", "2s") as server:
        api = server.client()
        halves = []
        for _ in range(50):
            connection = api.connect()
            connection.connect()
            connection.sock.sendall(
                b"POST /scans HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"
            )
            halves.append(connection)
        start = time.monotonic()
        api.create("scans", objects.scan())
        assert time.monotonic() - start < 1.5
        halves[0].sock.settimeout(60)
        received = halves[0].sock.recv(1000)  # an answer or the end, but not never
        assert received == b"" or b" 408 " in received.split(b"\r\n")[0]
        for connection in halves:
            connection.close()


def test_health_answers_under_load(server):
    """Lists on all lanes' threads, and the health probes are as quick as ever."""
    api = server.client()
    for _ in range(50):
        api.create("scans", objects.scan())
    slow = " or ".join(f"contains(tolower(stateMessage),'{n}')" for n in range(60))

    def read(_):
        return server.client().get("/scans", filter=slow, orderby="tolower(name)").status

    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        reads = [pool.submit(read, n) for n in range(200)]
        health, longest = server.health(), 0
        while not all(r.done() for r in reads):
            start = time.monotonic()
            health.get("/healthz/ready").expect(200)
            longest = max(longest, time.monotonic() - start)
    assert {r.result() for r in reads} <= {200, 503}
    assert longest < 1


@pytest.mark.parametrize("origin", ["https://ui.example", "https://other.example"])
def test_cross_origin(tmp_path, database, origin):
    with apiserver.Server(tmp_path, database, "--cors-origins", "https://ui.example") as server:
        api = server.client()
        headers = {"Origin": origin, "Access-Control-Request-Method": "PATCH"}
        for answer in (api.get("/scans", headers), api.send("OPTIONS", "/scans", headers=headers)):
            allowed = answer.headers.get("Access-Control-Allow-Origin")
            assert allowed == ("https://ui.example" if "ui" in origin else None)
