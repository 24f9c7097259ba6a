"""Content workers killed at random: only the files that they held are lost, and they are named."""

import json
import os
import pathlib
import random
import signal
import subprocess
import time

from support import program, trees

KILLS = 50
SCANS = 20  # at most; one scan is enough where it lasts long enough for all the kills


def children(pid):
    """All descendants of a process, from /proc."""
    found = []
    try:
        for thread in pathlib.Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                found += [int(child), *children(int(child))]
    except (FileNotFoundError, ProcessLookupError):
        pass  # gone meanwhile
    return found


def is_content_worker(pid):
    try:
        return b"content-worker" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False


def scan_and_kill(target, kills_left, chance):
    """Scans while killing content workers; answers the report and the number of kills."""
    scan = subprocess.Popen(
        [program.path(), "scan", target, "--families", "sbom", "--format", "json", "--progress", "never"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    # The report may be larger than a pipe holds, so it is read beside the killing.
    killed = 0
    os.set_blocking(scan.stdout.fileno(), False)
    output = b""
    while scan.poll() is None:
        output += scan.stdout.read() or b""
        workers = [pid for pid in children(scan.pid) if is_content_worker(pid)]
        if workers and killed < kills_left:
            # At a random moment of the file that it has in hand.
            time.sleep(chance.uniform(0, 0.01))
            victim = chance.choice(workers)
            # Only a process that is still this scan's worker.
            if is_content_worker(victim) and victim in children(scan.pid):
                os.kill(victim, signal.SIGKILL)
                killed += 1
    os.set_blocking(scan.stdout.fileno(), True)
    output += scan.stdout.read()
    errors = scan.stderr.read().decode(errors="replace")
    expected = (program.COMPLETE, program.INCOMPLETE) if killed else (program.COMPLETE,)
    assert scan.returncode in expected, errors
    return json.loads(output), killed


def packages(report):
    return {p["location"]: json.dumps(p) for p in report["packages"] if p["type"] == "pypi"}


def key(entry):
    return entry["scope"], entry["name"], entry["state"], entry.get("reason")


def test_killed_workers_cost_only_the_files_they_held(tmp_path):
    tree = trees.many_distributions(tmp_path / "tree", 4000, 40_000)
    whole = program.packages_of(tree)
    complete = packages(whole)
    chance = random.Random(os.environ.get("VMSECURITY_TEST_SEED", "14"))
    total = 0
    for _ in range(SCANS):
        report, killed = scan_and_kill(tree, KILLS - total, chance)
        total += killed
        found = packages(report)
        lost = set(complete) - set(found)
        assert all(complete.get(place) == text for place, text in found.items())

        # What is lost is named in coverage, one file for one entry of it, and nothing else is there.
        failed = [e for e in program.bad_coverage(report) if e["scope"] == "file"]
        named = {entry["name"] for entry in failed}
        assert lost <= named | {"/" + name for name in named}
        assert sum(entry["count"] for entry in failed) <= 2 * killed
        if killed == 0:
            assert report["complete"] and not lost
        other = {key(e) for e in report["coverage"] if e["scope"] in ("disk", "partition")}
        assert other == {key(e) for e in whole["coverage"] if e["scope"] in ("disk", "partition")}
        if total >= KILLS:
            break
    assert total == KILLS, f"only {total} workers could be killed in {SCANS} scans"
