"""Runs the real advisory server: `vmsecurityd advisory-server`, on ports of its own choice."""

import json
import pathlib
import subprocess

from support import apiserver, rest, waiting


class AdvisoryServer:
    """One running server; its data, its port file and its log are in `folder`."""

    def __init__(self, folder, *feeds, schedule="0 0 1 1 *", arguments=(), program=None):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.log = self.folder / "advisory-server.log"
        self.feeds = feeds
        self.schedule = schedule
        self.arguments = arguments
        self.program = program
        self.process = None

    def start(self):
        ports = self.folder / "ports.json"
        ports.unlink(missing_ok=True)
        command = [
            str(apiserver.path()),
            "advisory-server",
            "--listen", "127.0.0.1:0",
            "--health-address", "127.0.0.1:0",
            "--port-file", str(ports),
            "--data-directory", str(self.data),
            "--feeds", ",".join(map(str, self.feeds)),
            "--schedule", self.schedule,
            *(["--build-program", str(self.program)] if self.program else []),
            *map(str, self.arguments),
        ]  # fmt: skip
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=apiserver.clean_environment(),
            )

        def written():
            assert self.process.poll() is None, self.log.read_text()
            return json.loads(ports.read_text()) if ports.exists() else None

        addresses = waiting.until(written, f"port file {ports}")
        self.client = rest.Client(addresses["advisories"])
        self.health = rest.Client(addresses["health"])
        return self

    def ready(self):
        return self.health.get("/healthz/ready").status == 200

    def info(self):
        return self.client.get("/info").expect(200).json

    def stop(self):
        self.process.terminate()
        return self.process.wait(20)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
