"""Fixtures that the suites share."""

import itertools
import json
import pathlib
import subprocess

import pytest

from support import apiserver, images, postgresql, program, trees

TOP = pathlib.Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def small_tree(tmp_path_factory):
    """A root with Debian and Python packages; not to be changed."""
    return trees.debian_root(
        tmp_path_factory.mktemp("small-tree"),
        packages=[("keep", "1.0-1"), ("tool", "2.0-1", "tool-source")],
        python=[("Sample", "1.2"), ("other-thing", "0.9")],
    )


@pytest.fixture
def advisories(tmp_path):
    """Builds an advisory file of the given OSV records; answers its path."""

    def build(*records):
        feed = tmp_path / "feed"
        feed.mkdir()
        for record in records:
            (feed / f"{record['id']}.json").write_text(json.dumps(record))
        output = tmp_path / "test.advisories"
        done = program.run("advisories", "build", feed, "--name", "test", "--output", output)
        assert done.status == program.COMPLETE, done.stderr
        return output

    return build


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The demo disk (made on first use), its tree, and the advisory file of its records."""

    class Demo:
        def __init__(self):
            made = subprocess.run(
                [TOP / "demo/make-disk"], stdout=subprocess.PIPE, text=True, check=True
            )
            self.disk = pathlib.Path(made.stdout.strip()) / "disk.img"
            work = tmp_path_factory.mktemp("demo")
            self.tree = work / "root"
            self.tree.mkdir()
            # The second partition starts 2 MiB into the disk (demo/make-disk).
            images.tool("debugfs", "-R", f"rdump / {self.tree}", f"{self.disk}?offset={2 << 20}")
            self.advisories = work / "demo.advisories"
            built = program.run(
                "advisories", "build", TOP / "demo/advisories", "--demo", "--name", "demo",
                "--output", self.advisories,
            )  # fmt: skip
            assert built.status == program.COMPLETE, built.stderr

    return Demo()


@pytest.fixture(scope="session")
def postgresql_server():
    """A PostgreSQL server of this run's own; started on first use."""
    if reason := postgresql.why_not():
        pytest.skip(reason)
    server = postgresql.PostgreSQL()
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database_kind(request):
    return request.param


@pytest.fixture(scope="module")
def new_database(request, database_kind, tmp_path_factory):
    """Makes empty databases: () -> what --database takes."""
    numbers = itertools.count(1)

    def make():
        if database_kind == "postgresql":
            return request.getfixturevalue("postgresql_server").create_database()
        return f"sqlite:{tmp_path_factory.mktemp('sqlite')}/{next(numbers)}.db"

    return make


@pytest.fixture(scope="module")
def server(new_database, tmp_path_factory):
    """An API server on an empty database, for one module on one kind of database."""
    with apiserver.Server(tmp_path_factory.mktemp("apiserver"), new_database()) as running:
        yield running


@pytest.fixture(scope="module")
def api(server):
    """A client of the module's server."""
    return server.client()
