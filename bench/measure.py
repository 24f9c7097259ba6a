"""Measuring for the programs in bench/: CPU, wall time and memory of a command with all its processes."""

import contextlib
import dataclasses
import os
import pathlib
import subprocess
import threading
import time

MIB = 1 << 20


@dataclasses.dataclass
class Run:
    status: int
    wall: float  # seconds
    cpu: float  # seconds, user and system, of the command and of every process it waited for


def run(command, output=subprocess.DEVNULL):
    start = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output)
    _, wait_status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(wait_status)
    return Run(process.returncode, time.monotonic() - start, usage.ru_utime + usage.ru_stime)


def checked(command, statuses=(0,), **options):
    """run(), which must end with one of `statuses`."""
    result = run(command, **options)
    if result.status not in statuses:
        raise SystemExit(f"{' '.join(map(str, command))}: status {result.status}")
    return result


def processes_of(pid):
    """A process and its descendants."""
    found = [pid]
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for thread in pathlib.Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                found += processes_of(int(child))
    return found


def memory_of(pid):
    """(anonymous, shared) bytes of one process; shared memory by its proportion."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        try:
            return fields_of(f"/proc/{pid}/smaps_rollup", "Anonymous", "Pss_Shmem")
        except PermissionError:
            # A confined worker hides its maps from all but root; its status shows the same counters.
            return fields_of(f"/proc/{pid}/status", "RssAnon", "RssShmem")
    return 0, 0


def fields_of(file, *names):
    """Sizes in bytes from lines of the form "Name:   123 kB"; 0 for a line that is not there."""
    found = dict.fromkeys(names, 0)
    for line in pathlib.Path(file).read_text().splitlines():
        name, _, value = line.partition(":")
        if name in found:
            found[name] = int(value.split()[0]) * 1024
    return tuple(found.values())


def peak_memory(command, interval=0.02):
    """The highest sums of anonymous and of shared memory over all processes of a command, sampled every
    `interval` seconds."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    peak = [0, 0]
    ended = threading.Event()

    def sample():
        while not ended.wait(interval):
            sums = [sum(column) for column in zip(*map(memory_of, processes_of(process.pid)))]
            peak[:] = map(max, peak, sums)

    sampler = threading.Thread(target=sample)
    sampler.start()
    status = process.wait()
    ended.set()
    sampler.join()
    return status, peak[0], peak[1]


def drop_caches():
    """Empties the page cache; False where that is not allowed."""
    os.sync()
    try:
        pathlib.Path("/proc/sys/vm/drop_caches").write_text("3\n")
    except OSError:
        return False
    return True


@contextlib.contextmanager
def mounted(image):
    """The file system of an image, mounted read only by the kernel; None where that is not allowed."""
    point = pathlib.Path(f"/tmp/vmsecurity-bench-mount.{os.getpid()}")
    point.mkdir()
    mount = subprocess.run(
        ["mount", "-o", "ro,noload,loop", image, point], capture_output=True, check=False
    )
    try:
        yield point if mount.returncode == 0 else None
    finally:
        if mount.returncode == 0:
            subprocess.run(["umount", point], check=True)
        point.rmdir()


class Table:
    """What was measured, its goal, and their ratio; remembers whether a goal was missed."""

    def __init__(self):
        self.missed = False
        print(f"{'':44} {'measured':>12} {'goal':>12} {'ratio':>7}")

    def row(self, name, measured, goal, unit):
        ratio = measured / goal
        self.missed |= ratio > 1
        mark = "" if ratio <= 1 else "  MISSED"
        print(f"{name:44} {measured:9.3f} {unit:2} {goal:9.3f} {unit:2} {ratio:7.2f}{mark}", flush=True)

    def note(self, name, measured, unit):
        print(f"{name:44} {measured:9.3f} {unit:2}", flush=True)
