"""`vmsecurityd advisory-server`: what is served, and what failures leave as it was."""

import hashlib
import json
import os
import pathlib
import stat
import subprocess

import pytest
from support import advisory_server, apiserver, program, waiting

EVERY_SECOND = "* * * * * * *"


@pytest.fixture
def feed(tmp_path):
    path = tmp_path / "feed.json"
    write_feed(path, "TEST-0001")
    return path


@pytest.fixture
def run(tmp_path):
    servers = []

    def start(*feeds, **options):
        servers.append(advisory_server.AdvisoryServer(tmp_path, *feeds, **options))
        return servers[-1].start()

    yield start
    for server in servers:
        server.kill()


def write_feed(path, *names):
    """Replaced at once: a build may read it at any moment."""
    records = [
        {
            "id": name,
            "modified": "2024-01-01T00:00:00Z",
            "affected": [
                {
                    "package": {"ecosystem": "PyPI", "name": "example"},
                    "ranges": [
                        {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}
                    ],
                }
            ],
        }
        for name in names
    ]
    part = path.with_suffix(".part")
    part.write_text("".join(json.dumps(record) + "\n" for record in records))
    part.rename(path)


def programs():
    folder = pathlib.Path(os.environ.get("VMSECURITY_BIN", program.DEFAULT)).parent
    return folder / "vmsecurity-advisories"


def hanging_builder(tmp_path):
    """Begins to write, tells its process number, and stays."""
    script = tmp_path / "builder"
    script.write_text(
        f"""#!/bin/sh
[ "$1" = build ] || exec {programs()} "$@"
echo half > "$3.part"
echo $$ > {tmp_path}/pid.part
mv {tmp_path}/pid.part {tmp_path}/pid
exec sleep 1000
"""
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return script


def is_running(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_serves_the_file_with_tag_and_checksum(run, feed, tmp_path):
    server = run(feed)
    waiting.until(server.ready, "the first build")
    answer = server.client.get("/advisories.vmadv").expect(200)
    digest = hashlib.sha256(answer.body).hexdigest()
    assert answer.headers["ETag"] == f'"{digest}"'
    assert answer.headers["X-Checksum-Sha256"] == digest
    assert answer.headers["Last-Modified"].endswith(" GMT")
    fetched = tmp_path / "fetched.vmadv"
    fetched.write_bytes(answer.body)
    subprocess.run([programs(), "verify", fetched], check=True, stdout=subprocess.DEVNULL)

    head = server.client.request("HEAD", "/advisories.vmadv").expect(200)
    assert head.body == b"" and head.headers["ETag"] == answer.headers["ETag"]
    for tag, status in ((f'"{digest}"', 304), (f'"other", W/"{digest}"', 304), ('"other"', 200)):
        again = server.client.get("/advisories.vmadv", headers={"If-None-Match": tag})
        assert again.expect(status).headers["ETag"] == answer.headers["ETag"]
        assert bool(again.body) == (status == 200)

    info = server.info()
    assert info["records"] == 1 and info["sha256"] == digest
    assert info["sizeBytes"] == len(answer.body)
    assert info["sources"][0]["location"] == str(feed)
    assert 0 <= info["ageSeconds"] < 600 and not info["stale"]
    assert info["nextBuildOn"] > info["builtOn"]
    assert "error" not in info
    metrics = server.health.get("/metrics").expect(200).text
    assert "vmsecurity_advisories_builds_succeeded_total 1\n" in metrics
    assert "vmsecurity_advisories_last_success_timestamp_seconds " in metrics
    server.client.get("/other").expect(404)
    server.client.post("/info", {}).expect(405)
    assert server.stop() == 0


def test_is_not_ready_without_a_file(run, tmp_path):
    server = run(tmp_path / "missing.json")
    waiting.until(lambda: server.info().get("error"), "the failed build")
    server.health.get("/healthz/live").expect(200)
    server.health.get("/healthz/ready").expect(503)
    assert server.client.get("/advisories.vmadv").expect(503).headers["Retry-After"]


def test_builds_on_schedule_and_keeps_the_last_good_file(run, feed):
    server = run(feed, schedule=EVERY_SECOND)
    waiting.until(server.ready, "the first build")
    write_feed(feed, "TEST-0001", "TEST-0002")
    waiting.until(lambda: server.info()["records"] == 2, "the new feed")
    feed.write_text("<<< no feed")
    waiting.until(lambda: "error" in server.info(), "the broken build")
    broken = server.client.get("/advisories.vmadv").expect(200)
    assert server.info()["records"] == 2
    assert server.info()["sha256"] == hashlib.sha256(broken.body).hexdigest()
    write_feed(feed, "TEST-0001", "TEST-0002", "TEST-0003")
    waiting.until(lambda: server.info()["records"] == 3, "the mended feed")
    assert "error" not in server.info()


def test_a_kill_during_a_build_leaves_the_last_good_file_and_no_process(run, feed, tmp_path):
    server = run(feed)
    waiting.until(server.ready, "the first build")
    before = server.info()["sha256"]
    assert server.stop() == 0

    server = run(feed, schedule=EVERY_SECOND, program=hanging_builder(tmp_path))
    pid = waiting.until(lambda: read(tmp_path / "pid"), "the build that hangs")
    assert list((server.data / "building").iterdir())
    assert server.info()["sha256"] == before and server.info()["building"]
    server.kill()
    waiting.until(lambda: not is_running(pid), "the end of the build")

    server = run(feed)
    assert server.ready() and server.info()["sha256"] == before
    assert not list((server.data / "building").iterdir())
    assert server.stop() == 0


def test_a_stop_ends_the_build(run, feed, tmp_path):
    server = run(feed, program=hanging_builder(tmp_path))
    pid = waiting.until(lambda: read(tmp_path / "pid"), "the build that hangs")
    assert server.stop() == 0
    assert not is_running(pid)


def test_a_build_that_takes_too_long_is_ended(run, feed, tmp_path):
    builder = hanging_builder(tmp_path)
    server = run(feed, program=builder, arguments=("--build-time", "500ms"))
    error = waiting.until(lambda: server.info().get("error"), "the end of the build")
    assert "too long" in error
    assert not is_running(read(tmp_path / "pid"))


def test_a_damaged_file_is_built_anew(run, feed):
    server = run(feed)
    waiting.until(server.ready, "the first build")
    server.stop()
    published = server.data / "advisories.vmadv"
    content = bytearray(published.read_bytes())
    content[len(content) // 2] ^= 0xFF
    published.write_bytes(content)
    server = run(feed)
    waiting.until(server.ready, "a sound file")
    subprocess.run([programs(), "verify", published], check=True, stdout=subprocess.DEVNULL)


def test_a_directory_has_one_server(run, feed):
    server = run(feed)
    second = subprocess.run(
        [
            str(apiserver.path()), "advisory-server",
            "--listen", "127.0.0.1:0",
            "--health-address", "127.0.0.1:0",
            "--data-directory", str(server.data),
            "--feeds", str(feed),
        ],
        capture_output=True,
        text=True,
        env=apiserver.clean_environment(),
        timeout=60,
    )  # fmt: skip
    assert second.returncode == 4
    assert "another advisory server" in second.stderr


def read(path):
    return path.read_text().strip() if path.exists() else None
