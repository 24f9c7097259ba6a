"""What was acknowledged stays: kills at random, a clean stop, a database that goes away."""

import http.client
import os
import random
import signal
import threading
import time

import pytest
from support import apiserver, objects, postgresql, waiting

SEED = int(os.environ.get("VMSECURITY_TEST_SEED", time.time_ns() % 1_000_000))
WRITERS = 6


class Writer(threading.Thread):
    """Writes until the server is gone, and keeps what was acknowledged: {id: scansCount}."""

    def __init__(self, server, seed):
        super().__init__(daemon=True)
        self.client = server.client(timeout=20)
        self.random = random.Random(seed)
        self.acknowledged = {}
        self.deleted = set()
        self.unsure = set()  # objects that a request without an answer was about
        self.failures = []

    def run(self):
        while True:
            touched = None
            try:
                choice = self.random.random()
                if choice < 0.5 or not self.acknowledged:
                    answer = self.client.post("/assets", objects.asset(scansCount=0))
                    if self.check(answer, 201):
                        self.acknowledged[answer.json["id"]] = 0
                    continue
                touched = self.random.choice(list(self.acknowledged))
                if choice < 0.9:
                    count = self.acknowledged[touched] + 1
                    answer = self.client.patch(f"/assets/{touched}", {"scansCount": count})
                    if self.check(answer, 200):
                        self.acknowledged[touched] = count
                else:
                    answer = self.client.delete(f"/assets/{touched}")
                    if self.check(answer, 200):
                        del self.acknowledged[touched]
                        self.deleted.add(touched)
            except (OSError, http.client.HTTPException):
                if touched:
                    self.unsure.add(touched)
                return

    def check(self, answer, status):
        if answer.status == 503:  # full for a moment, and nothing was done
            return False
        if answer.status != status:
            self.failures.append(str(answer))
        return answer.status == status


def kill_rounds(folder, database, rounds):
    chance = random.Random(SEED)
    expected, deleted = {}, set()
    server = apiserver.Server(folder, database, log_level="warning")
    try:
        for number in range(rounds + 1):
            server.start()
            client = server.client()
            for object_id, count in expected.items():
                stored = client.get(f"/assets/{object_id}").expect(200).json
                assert stored["scansCount"] == count, f"round {number}, seed {SEED}: {stored}"
            for object_id in deleted:
                client.get(f"/assets/{object_id}").expect(404)
            # What is there is what was written, and can be listed and counted.
            assert client.count("assets") >= len(expected)
            if number == rounds:
                break
            writers = [Writer(server, chance.random()) for _ in range(WRITERS)]
            for writer in writers:
                writer.start()
            enough = chance.randrange(20, 400)
            waiting.until(
                lambda: sum(len(w.acknowledged) for w in writers) >= enough, "clients write", 60
            )
            server.kill()
            for writer in writers:
                writer.join(30)
                assert not writer.is_alive() and writer.failures == []
                unsure = writer.unsure
                expected.update({k: v for k, v in writer.acknowledged.items() if k not in unsure})
                deleted |= writer.deleted
        assert len(expected) > 10 * rounds
        assert server.stop() == 0
    finally:
        server.kill()


def test_killed_at_random(tmp_path, new_database):
    kill_rounds(tmp_path, new_database(), 3)


@pytest.mark.long
def test_killed_at_random_many_times(tmp_path, new_database):
    kill_rounds(tmp_path, new_database(), 50)


def test_a_killed_reconciliation_is_whole_or_not_there(tmp_path, new_database):
    chance = random.Random(SEED)
    server = apiserver.Server(tmp_path, new_database(), log_level="warning").start()
    try:
        api = server.client()
        asset = api.create("assets", objects.asset())["id"]
        scan = api.create("assetScans", objects.asset_scan(asset))["id"]
        items = [{"findingInfo": objects.finding_info()} for _ in range(3000)]
        body = {"observedOn": objects.time(), "coverage": [{"state": "scanned"}], "items": items}

        def put():
            try:
                server.client().put(f"/assetScans/{scan}/results/sbom", body)
            except (OSError, http.client.HTTPException):
                pass

        for _ in range(3):
            thread = threading.Thread(target=put)
            thread.start()
            thread.join(chance.random() * 0.5)
            server.kill()
            thread.join(30)
            server.start()
            api = server.client()
            count = api.count("findings", filter=f"asset/id eq '{asset}'")
            assert count in (0, 3000), f"seed {SEED}"
            assert api.item("assets", asset).get("summary", {}).get("totalPackages", 0) == count
        summary = api.put(f"/assetScans/{scan}/results/sbom", body).expect(200).json
        assert summary["active"] == 3000
        assert (
            api.count("findings", filter=f"asset/id eq '{asset}' and invalidatedOn eq null") == 3000
        )
        assert server.stop() == 0
    finally:
        server.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
def test_a_clean_stop_finishes_what_began(tmp_path, new_database, number):
    server = apiserver.Server(tmp_path, new_database()).start()
    writers = [Writer(server, n) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    waiting.until(lambda: all(len(w.acknowledged) > 3 for w in writers), "clients write", 60)
    assert server.stop(number) == 0
    for writer in writers:
        writer.join(30)
        assert writer.failures == []
    with server:
        client = server.client()
        for writer in writers:
            for object_id, count in writer.acknowledged.items():
                if object_id not in writer.unsure:
                    assert client.item("assets", object_id)["scansCount"] == count


def test_a_second_server_on_one_sqlite_database_is_refused(tmp_path):
    database = f"sqlite:{tmp_path}/one.db"
    with apiserver.Server(tmp_path / "first", database) as first:
        status, text = apiserver.run_to_end(
            "apiserver",
            "--listen",
            "127.0.0.1:0",
            "--health-address",
            "127.0.0.1:0",
            "--database",
            database,
        )
        assert status in (2, 4) and text.strip()
        first.client().get("/assets").expect(200)


@pytest.fixture
def own_postgresql():
    if reason := postgresql.why_not():
        pytest.skip(reason)
    server = postgresql.PostgreSQL().start(fsync=True)
    try:
        yield server
    finally:
        server.remove()


def test_postgresql_goes_away_and_comes_back(tmp_path, own_postgresql):
    """Readiness tells it, requests get 503, and all is well again without a restart."""
    database = own_postgresql.create_database()
    with apiserver.Server(tmp_path, database) as server:
        api, health = server.client(), server.health()
        made = api.create("assets", objects.asset())
        own_postgresql.stop("immediate")  # as a power cut
        waiting.until(lambda: health.get("/healthz/ready").status == 503, "readiness tells it", 30)
        health.get("/healthz/live").expect(200)
        assert api.get(f"/assets/{made['id']}").expect(503).json["message"]
        assert postgresql.PASSWORD not in api.get(f"/assets/{made['id']}").text
        own_postgresql.start(fsync=True)
        waiting.until(lambda: health.get("/healthz/ready").status == 200, "ready again", 60)
        waiting.until(lambda: api.get(f"/assets/{made['id']}").status == 200, "reads again", 30)
        assert api.item("assets", made["id"]) == made
        api.create("assets", objects.asset())


def test_postgresql_dies_under_writers(tmp_path, own_postgresql):
    """pg_ctl stop -m immediate, which syncs nothing: what was acknowledged is there."""
    database = own_postgresql.create_database()
    server = apiserver.Server(tmp_path, database, log_level="warning").start()
    try:
        acknowledged, stop = {}, threading.Event()

        def write():
            client = server.client()
            while not stop.is_set():
                answer = client.post("/assets", objects.asset())
                if answer.status == 201:
                    acknowledged[answer.json["id"]] = True

        threads = [threading.Thread(target=write, daemon=True) for _ in range(WRITERS)]
        for thread in threads:
            thread.start()
        waiting.until(lambda: len(acknowledged) > 100, "clients write", 60)
        own_postgresql.stop("immediate")
        stop.set()
        for thread in threads:
            thread.join(60)
        own_postgresql.start(fsync=True)
        client = server.client()
        waiting.until(lambda: client.get("/assets", top=0).status == 200, "reads again", 60)
        for object_id in acknowledged:
            client.get(f"/assets/{object_id}").expect(200)
        assert server.stop() == 0
    finally:
        server.kill()
