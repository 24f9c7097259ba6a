"""A PostgreSQL server of the tests' own: in a folder of theirs, on a free port of loopback."""

import itertools
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile

VERSIONS = pathlib.Path("/usr/lib/postgresql")
PASSWORD = "a-password-of-the-tests"  # asked for by the server, so that logs can be searched for it


def programs():
    """The folder of the newest installed server's programs, or None."""
    found = [
        p for p in VERSIONS.glob("*/bin") if (p / "initdb").is_file() and (p / "pg_ctl").is_file()
    ]
    return max(found, key=lambda p: int(p.parent.name), default=None)


def why_not():
    """Why there can be no server here, or None."""
    if programs() is None:
        return "PostgreSQL is not installed (script/setup test installs it)"
    return None


class PostgreSQL:
    def __init__(self):
        self.bin = programs()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vmsecurity-postgresql-"))
        self.numbers = itertools.count(1)
        # initdb and postgres refuse to run as root.
        self.user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        if os.geteuid() == 0:
            entry = pwd.getpwnam("postgres")
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
        self.data = self.folder / "data"
        password_file = self.folder / "password"
        password_file.write_text(PASSWORD + "\n")
        password_file.chmod(0o644)
        self._run(
            self.bin / "initdb", "-D", self.data, "-A", "scram-sha-256", "-U", "postgres",
            f"--pwfile={password_file}", "--no-sync", "--locale=C.UTF-8", "-E", "UTF8",
        )  # fmt: skip
        self.port = 0

    def start(self, fsync=False):
        self.port = self.port or free_port()  # the same one again after a stop
        options = (
            f"-k {self.folder} -c listen_addresses=127.0.0.1 -p {self.port}"
            f" -c fsync={'on' if fsync else 'off'} -c max_connections=200"
        )
        self._run(
            self.bin / "pg_ctl", "-D", self.data, "-l", self.folder / "log", "-w", "-t", "60",
            "-o", options, "start",
        )  # fmt: skip
        return self

    def stop(self, mode="fast"):
        if (self.data / "postmaster.pid").exists():
            self._run(self.bin / "pg_ctl", "-D", self.data, "-w", "-m", mode, "stop")

    def remove(self):
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database):
        return f"postgresql://postgres:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def create_database(self):
        """The URL of a new, empty database."""
        name = f"test_{next(self.numbers)}"
        self.query("postgres", f'CREATE DATABASE "{name}"')
        return self.url(name)

    def query(self, database, statement):
        done = subprocess.run(
            [
                "psql",
                "-X",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-c",
                statement,
                self.url(database),
            ],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout

    def _run(self, *command):
        done = subprocess.run(
            list(map(str, command)),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            user=self.user if os.geteuid() == 0 else None,
            group=pwd.getpwnam(self.user).pw_gid if os.geteuid() == 0 else None,
            check=False,
        )
        if done.returncode != 0:
            log = self.folder / "log"
            tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
            raise RuntimeError(f"{command[0]} failed: {done.stderr}\n{tail}")


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]
