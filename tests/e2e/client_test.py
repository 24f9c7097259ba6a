"""`vmsecurity get`, `create`, `update`, `delete` and `watch` against a real server."""

import csv
import http.server
import io
import json
import subprocess
import threading

import pytest
import yaml
from support import apiserver, objects, program


@pytest.fixture(scope="module")
def client(server):
    """Runs a command on the module's server."""

    def run(*arguments, stdin=None, environment=None):
        done = subprocess.run(
            [program.path(), *map(str, arguments)],
            input=None if stdin is None else (stdin if isinstance(stdin, str) else json.dumps(stdin)).encode(),
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            env=apiserver.clean_environment(
                {"VMSECURITY_SERVER": f"http://{server.api_address}"} | (environment or {})
            ),
            timeout=60,
            check=False,
        )  # fmt: skip
        result = program.Run(done.returncode, done.stdout.decode(), done.stderr.decode(), 0)
        for mark in program.CRASH_MARKS:
            assert mark not in result.stderr, result.stderr
        return result

    return run


def created(client, collection, body):
    done = client("create", collection, "-f", "-", stdin=body)
    assert done.status == program.COMPLETE, done.stderr
    return done.stdout.strip()


def test_life_of_an_object(client, api, tmp_path):
    config = created(client, "scan-config", objects.scan_config())
    shown = client("get", "sc", config, "-o", "json")
    assert json.loads(shown.stdout)["id"] == config
    change = tmp_path / "change.json"
    change.write_text('{"disabled": true}')
    assert client("update", "scanConfig", config, "-f", change, "--if-match", 1).status == 0
    assert api.item("scanConfigs", config)["disabled"] is True
    refused = client("update", "scanConfig", config, "-f", change, "--if-match", 1)
    assert refused.status == program.FAILED and "revision" in refused.stderr
    assert client("delete", "scanConfigs", config).status == 0
    gone = client("get", "scanConfig", config)
    assert gone.status == program.FAILED and config in gone.stderr and gone.stdout == ""


def test_what_exists_is_named(client):
    body = objects.asset()
    first = created(client, "asset", body)
    again = client("create", "asset", "-f", "-", stdin=body)
    assert again.status == program.FAILED
    assert f"it is asset {first}" in again.stderr


def test_several_in_one_file(client):
    made = client("create", "assets", "-f", "-", stdin=[objects.asset(), objects.asset()])
    ids = made.stdout.split()
    assert len(ids) == 2
    shown = client("get", "assets", *ids, "-o", "ndjson").stdout.splitlines()
    assert [json.loads(line)["id"] for line in shown] == ids


def test_a_wrong_body_is_told_field_by_field(client):
    refused = client("create", "scanConfig", "-f", "-", stdin={"scheduled": {"cronLine": "nonsense"}})
    assert refused.status == program.USAGE
    assert client("create", "asset", "-f", "-", stdin="{").status == program.USAGE
    assert client("create", "asset", "-f", "no-such-file").status == program.FAILED


def test_a_secret_is_not_lost(client):
    made = client("create", "token", "-f", "-", stdin={"name": objects.name("t"), "role": "viewer"})
    assert json.loads(made.stdout)["secret"]


@pytest.fixture(scope="module")
def group(client):
    """Assets of one location, which a filter finds."""
    place = objects.name("place")
    names = [f"{place}-{number:02}" for number in range(25)]
    body = [objects.asset(objects.vm_info(instanceID=name, location=place)) for name in names]
    assert client("create", "assets", "-f", "-", stdin=body).status == 0
    return f"assetInfo/location eq '{place}'", names


def test_lists_in_every_format(client, group):
    query, names = group
    options = ("get", "assets", "--filter", query, "--orderby", "name desc", "--top", 3)
    table = client(*options).stdout.splitlines()
    assert table[0].split()[:2] == ["NAME", "TYPE"]
    assert [line.split()[0] for line in table[1:]] == names[:-4:-1]
    wanted = [{"name": name} for name in names[:-4:-1]]
    named = (*options, "--select", "name", "-o")
    assert json.loads(client(*named, "json").stdout) == wanted
    assert [json.loads(line) for line in client(*named, "ndjson").stdout.splitlines()] == wanted
    assert yaml.safe_load(client(*named, "yaml").stdout) == wanted
    assert list(csv.DictReader(io.StringIO(client(*named, "csv").stdout))) == wanted
    assert "assetInfo/location" in client(*options, "-o", "csv").stdout.splitlines()[0]


def test_counts_and_groups(client, group):
    query, names = group
    assert client("get", "assets", "--filter", query, "--count").stdout == f"{len(names)}\n"
    apply = f"filter({query})/groupby((assetInfo/location),aggregate($count as total))"
    assert json.loads(client("get", "a", "--apply", apply, "-o", "json").stdout)[0]["total"] == len(names)
    assert str(len(names)) in client("get", "a", "--apply", apply).stdout.splitlines()[1]


def test_nothing_found_is_said(client):
    none = client("get", "assets", "--filter", "name eq 'nobody'")
    assert (none.status, none.stdout, none.stderr) == (0, "", "no assets found\n")
    assert client("get", "assets", "--filter", "name eq 'nobody'", "-o", "json").stdout == "[]\n"


def test_relations_are_expanded_for_people(client):
    name = objects.name("vm")
    asset = created(client, "asset", objects.asset(objects.vm_info(instanceID=name)))
    finding = created(client, "finding", objects.finding(asset))
    table = client("get", "findings", "--filter", f"id eq '{finding}'").stdout
    assert name in table and finding in table
    assert name in client("get", "finding", finding).stdout


def test_a_wrong_expression_is_pointed_at(client):
    refused = client("get", "findings", "--filter", "location eq 'x' and severty eq 'HIGH'")
    assert refused.status == program.USAGE
    lines = refused.stderr.splitlines()
    assert lines[-2].index("severty") == lines[-1].index("^")
    assert lines[-2].lstrip().startswith("--filter")


@pytest.mark.parametrize(
    "arguments",
    [("get",), ("get", "servers"), ("get", "assets", "-o", "xml"), ("get", "asset", "x", "--top", "1"),
     ("watch", "assets", "-o", "csv"), ("create", "assets"), ("get", "assets", "--token", "x")],
)  # fmt: skip
def test_wrong_usage(client, arguments):
    assert client(*arguments).status == program.USAGE


@pytest.mark.parametrize("command", ["get", "create", "update", "delete", "watch"])
def test_help_has_examples(client, command):
    shown = client(command, "--help")
    assert shown.status == 0
    assert f"  vmsecurity {command} " in shown.stdout or f"| vmsecurity {command}" in shown.stdout
    assert "assetScans (as)" in shown.stdout


def test_no_server(client):
    failed = client("get", "assets", "--server", "127.0.0.1:1")
    assert failed.status == program.FAILED and "127.0.0.1:1" in failed.stderr


@pytest.fixture
def bearer():
    """A server that keeps the Authorization fields it is sent."""
    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(self.headers["Authorization"])
            body = b'{"items":[]}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}", seen
        running.shutdown()


def test_where_the_token_comes_from(client, bearer, tmp_path):
    address, seen = bearer
    file = tmp_path / "token"
    file.write_text("from-file\n")
    client("get", "assets", "--server", address)
    client("get", "assets", "--server", address, environment={"VMSECURITY_TOKEN": "from-variable"})
    client("get", "assets", "--server", address, "--token-file", file, environment={"VMSECURITY_TOKEN": "x"})
    assert seen == [None, "Bearer from-variable", "Bearer from-file"]


def test_a_token_is_not_sent_where_others_can_read_it(client):
    """Nobody is asked: port 9 of an address for documentation (RFC 5737)."""
    there = ("get", "assets", "--server", "http://192.0.2.1:9")
    token = {"VMSECURITY_TOKEN": "secret-token"}
    refused = client(*there, environment=token)
    assert refused.status == program.USAGE
    assert "https" in refused.stderr and "--allow-plain-http" in refused.stderr
    assert "secret-token" not in refused.stderr


@pytest.fixture
def watching(server):
    """Starts `vmsecurity watch`; answers the process, whose output is read line by line."""
    started = []

    def start(*arguments):
        process = subprocess.Popen(
            [program.path(), "watch", *map(str, arguments)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=apiserver.clean_environment({"VMSECURITY_SERVER": f"http://{server.api_address}"}),
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_watch_begins_behind_a_change(client, watching, api):
    ids = [created(client, "scan", objects.scan()) for _ in range(3)]
    out, _ = watching("scans", "--since", 0, "--limit", 3, "-o", "ndjson").communicate(timeout=30)
    changes = [json.loads(line) for line in out.splitlines()]
    assert [change["objectID"] for change in changes] == ids
    assert [change["object"]["id"] for change in changes] == ids
    out, _ = watching("scans", "--since", changes[0]["id"], "--limit", 2).communicate(timeout=30)
    assert out.splitlines()[0].split()[:2] == ["TIME", "CHANGE"]
    assert [ids[1] in out, ids[2] in out, ids[0] in out] == [True, True, False]
    wanted = f"id eq '{ids[1]}'"
    out, _ = watching("scans", "--since", 0, "--limit", 1, "--filter", wanted).communicate(timeout=30)
    assert ids[1] in out and ids[0] not in out


def test_watch_refuses_a_wrong_filter_at_once(watching):
    process = watching("scans", "--filter", "nme eq 1")
    _, errors = process.communicate(timeout=30)
    assert process.returncode == program.USAGE and "^" in errors


def test_watch_goes_on_after_the_server_was_away(new_database, tmp_path):
    with apiserver.Server(tmp_path, new_database()) as server:
        api = server.client()
        first = api.create("scans", objects.scan())["id"]
        with subprocess.Popen(
            [program.path(), "watch", "scans", "--since", "0", "--limit", "2", "-o", "ndjson",
             "--server", f"http://{server.api_address}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=apiserver.clean_environment(),
        ) as process:  # fmt: skip
            try:
                assert json.loads(process.stdout.readline())["objectID"] == first
                server.listen = server.api_address
                server.kill()
                server.start()
                second = server.client().create("scans", objects.scan())["id"]
                assert json.loads(process.stdout.readline())["objectID"] == second
                assert process.wait(30) == 0
            finally:
                process.kill()
