"""Runs the real API server: `vmsecurityd apiserver`, on ports of its own choice."""

import json
import os
import pathlib
import re
import signal
import subprocess

from support import program, rest, waiting

TOP = pathlib.Path(__file__).resolve().parents[2]
START_SECONDS = 30
STOP_SECONDS = 20  # it promises 10; the rest is for a loaded machine


def path():
    """VMSECURITYD_BIN names it; the default stands beside the other program of the same build."""
    named = os.environ.get("VMSECURITYD_BIN")
    beside = pathlib.Path(os.environ.get("VMSECURITY_BIN", program.DEFAULT)).parent
    daemon = pathlib.Path(named) if named else beside.parent / "vmsecurityd/vmsecurityd"
    if not daemon.is_file():
        raise FileNotFoundError(f"{daemon} is not built; run script/build")
    return daemon


def clean_environment(extra=None):
    """Without settings of the machine's own, so that only the test's count."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not re.match(r"VMSECURITY_|VMCLARITY_|OPENCLARITY_|DB_|DATABASE_|BACKEND_REST_", name)
        and name not in ("LOCAL_DB_PATH", "LOG_LEVEL", "HEALTH_CHECK_ADDRESS", "FAKE_DATA")
    }
    return kept | (extra or {})


class Server:
    """One running server. `database` is what --database takes; its log goes to a file in `folder`."""

    def __init__(
        self,
        folder,
        database,
        *arguments,
        environment=None,
        listen="127.0.0.1:0",
        log_level="debug",
        config=None,
    ):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.database = database
        self.arguments = [str(argument) for argument in arguments]
        self.environment = environment
        self.listen = listen
        self.log_level = log_level
        self.config = self.folder / "vmsecurityd.yaml"
        self.config.write_text(config or "{}\n")
        self.log = self.folder / "vmsecurityd.log"
        self.process = None
        self.api_address = self.health_address = None

    def command(self):
        return [
            str(path()),
            "apiserver",
            "--config", str(self.config),
            "--listen", self.listen,
            "--health-address", "127.0.0.1:0",
            *(["--database", self.database] if self.database else []),
            "--port-file", str(self.folder / "ports.json"),
            "--log-level", self.log_level,
            *self.arguments,
        ]  # fmt: skip

    def start(self):
        ports = self.folder / "ports.json"
        ports.unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=clean_environment(self.environment),
            )

        def written():
            if self.process.poll() is not None:
                raise AssertionError(
                    f"the API server ended with {self.process.returncode}:\n{self.log_tail()}"
                )
            try:
                return json.loads(ports.read_text())
            except (FileNotFoundError, json.JSONDecodeError):
                return None

        try:
            addresses = waiting.until(written, f"port file {ports}", START_SECONDS)
        except BaseException:
            self.kill()
            raise
        self.api_address, self.health_address = addresses["api"], addresses["health"]
        return self

    def client(self, token=None, **options):
        return rest.Client(self.api_address, token, **options)

    def health(self):
        return rest.Client(self.health_address)

    def stop(self, number=signal.SIGTERM):
        """Its exit status after a clean stop, and checks that it did not crash."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(
                    f"did not stop within {STOP_SECONDS} s:\n{self.log_tail()}"
                ) from None
        status = self.process.returncode
        text = self.log_text()
        for mark in program.CRASH_MARKS:
            assert mark not in text, self.log_tail()
        return status

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def log_tail(self, lines=40):
        return "\n".join(self.log_text().splitlines()[-lines:])

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *rest_of_it):
        if kind is None:
            status = self.stop()
            assert status == 0, f"exit status {status}:\n{self.log_tail()}"
        else:
            self.kill()


def run_to_end(*arguments, environment=None, seconds=30):
    """A start that is expected to fail: (exit status, standard output and error)."""
    done = subprocess.run(
        [str(path()), *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=clean_environment(environment),
        timeout=seconds,
        check=False,
    )
    return done.returncode, done.stdout.decode(errors="replace")
