"""`vmsecurityd store export|import`: everything moves between the databases, or nothing is left of it."""

import os
import subprocess

import pytest
from support import apiserver, objects, postgresql


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request, tmp_path):
    """What --database takes, of a database that nobody has opened yet."""
    if request.param == "sqlite":
        return f"sqlite:{tmp_path}/other.db"
    if why := postgresql.why_not():
        pytest.skip(why)
    return request.getfixturevalue("postgresql_server").create_database()


def store(*arguments):
    return apiserver.run_to_end("store", *arguments, seconds=120)


def fill(api, findings):
    asset = api.create("assets", objects.asset())["id"]
    scan = api.create("assetScans", objects.asset_scan(asset))["id"]
    items = [{"findingInfo": objects.finding_info()} for _ in range(findings)]
    body = {"observedOn": objects.time(), "coverage": [{"state": "scanned"}], "items": items}
    api.put(f"/assetScans/{scan}/results/sbom", body).expect(200)


def everything(api):
    """Answers that go through documents, columns, counts and relations."""
    return {
        name: api.get(f"/{name}", **options).expect(200).json
        for name, options in {
            "assets": {},
            "assetScans": {"select": "id,status,sboms,coverage"},
            "findings": {"orderby": "id", "expand": "asset", "count": "true"},
            "assetFindings": {"orderby": "id"},
            "findingCounts": {"orderby": "hour,severity"},
            "findingImpacts": {"orderby": "key,severity"},
        }.items()
    }


def test_moves_what_a_running_server_has(tmp_path, new_database, empty_database):
    source = new_database()
    file = tmp_path / "vms.ndjson.zst"
    with apiserver.Server(tmp_path / "here", source) as server:
        fill(server.client(), 300)
        before = everything(server.client())
        status, said = store("export", "--database", source, "--to", file)
        assert status == 0, said
    assert file.stat().st_mode & 0o077 == 0
    status, said = store("import", "--database", empty_database, "--from", file)
    assert status == 0, said
    status, said = store("export", "--database", empty_database, "--to", tmp_path / "again")
    assert status == 0, said
    assert (tmp_path / "again").read_bytes() == file.read_bytes()
    with apiserver.Server(tmp_path / "there", empty_database) as server:
        assert everything(server.client()) == before
    status, said = store("import", "--database", empty_database, "--from", file)
    assert status == 2 and "not empty" in said, said


def test_an_export_takes_no_files_place(tmp_path, new_database):
    database = new_database()
    assert store("migrate", "--database", database)[0] == 0
    (tmp_path / "file").write_text("mine")
    status, said = store("export", "--database", database, "--to", tmp_path / "file")
    assert status == 2 and "exists" in said, said
    assert (tmp_path / "file").read_text() == "mine"


def test_what_a_killed_import_leaves_is_not_opened(tmp_path, new_database, empty_database):
    source = new_database()
    file = tmp_path / "vms.ndjson.zst"
    with apiserver.Server(tmp_path / "here", source) as server:
        for _ in range(3):
            fill(server.client(), 5000)
    assert store("export", "--database", source, "--to", file)[0] == 0

    # Through a pipe, so that it is known how far the import is: all but what the pipe and the
    # reader's buffer hold is read, which is behind the header, and the end never comes.
    content = file.read_bytes()
    assert len(content) > 500_000
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    running = subprocess.Popen(
        [apiserver.path(), "store", "import", "--database", empty_database, "--from", pipe],
        env=apiserver.clean_environment(),
    )
    with pipe.open("wb") as writer:
        writer.write(content[:-10])
        writer.flush()
        running.kill()
        running.wait(30)
    status, opened = store("migrate", "--database", empty_database)
    assert status == 4 and "was not finished" in opened, opened
    status, said = store("import", "--database", empty_database, "--from", file)
    assert status == 4 and "was not finished" in said, said
