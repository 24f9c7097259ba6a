"""Runs the real program. VMSECURITY_BIN names it; the default is the dev preset's."""

import dataclasses
import json
import os
import pathlib
import subprocess
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
DEFAULT = TOP / "build/dev/apps/vmsecurity/vmsecurity"

COMPLETE, FOUND, USAGE, INCOMPLETE, FAILED = range(5)  # exit codes

# What a program prints that went down instead of reporting.
CRASH_MARKS = (
    "terminate called",
    "Segmentation fault",
    "Assertion",
    "AddressSanitizer",
    "LeakSanitizer",
    "runtime error:",
    "stack smashing",
)


def path():
    program = pathlib.Path(os.environ.get("VMSECURITY_BIN", DEFAULT))
    if not program.is_file():
        raise FileNotFoundError(f"{program} is not built; run script/build")
    return program


@dataclasses.dataclass
class Run:
    status: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def report(self):
        return json.loads(self.stdout)

    def bad_coverage(self):
        return bad_coverage(self.report)


def bad_coverage(report):
    """The coverage entries that make a scan incomplete."""
    return [e for e in report["coverage"] if e["state"] not in ("scanned", "skipped")]


def run(*arguments, timeout=120):
    start = time.monotonic()
    done = subprocess.run(
        [path(), *map(str, arguments)],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=timeout,
        check=False,
    )
    result = Run(
        done.returncode,
        done.stdout.decode(errors="surrogateescape"),
        done.stderr.decode(errors="surrogateescape"),
        time.monotonic() - start,
    )
    assert result.status >= 0, f"killed by signal {-result.status}: {result.stderr}"
    for mark in CRASH_MARKS:
        assert mark not in result.stderr, result.stderr
    return result


def scan(target, *arguments, format="json", families=None, timeout=120):
    options = ["--format", format, "--progress", "never", *arguments]
    if families:
        options += ["--families", families]
    return run("scan", target, *options, timeout=timeout)


def packages_of(target, *arguments):
    """The report of a complete scan for packages alone."""
    result = scan(target, *arguments, families="sbom")
    assert result.status == COMPLETE, result.stdout + result.stderr
    return result.report


def named(packages, kind=None):
    """{"name@version"} of a report's packages."""
    return {f"{p['name']}@{p['version']}" for p in packages if kind in (None, p["type"])}
