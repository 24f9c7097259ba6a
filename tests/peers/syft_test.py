"""The packages of the demo disk, as Syft sees them."""

import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from support import program


@pytest.fixture(scope="module")
def syft():
    cache = os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")
    folder = os.environ.get("VMSECURITY_PEERS", pathlib.Path(cache) / "vmsecurity/peers")
    found = shutil.which("syft", path=str(folder)) or shutil.which("syft")
    if not found:
        pytest.skip("Syft is not there; script/peers builds it")
    return found


def normalised(name, kind):
    return re.sub(r"[-_.]+", "-", name).lower() if kind == "pypi" else name


def test_the_packages_are_those_of_syft(demo, syft):
    done = subprocess.run(
        [syft, "scan", f"dir:{demo.tree}", "-o", "json", "-q", "--override-default-catalogers",
         "dpkg-db-cataloger,python-installed-package-cataloger"],
        env={**os.environ, "SYFT_CHECK_FOR_APP_UPDATE": "false"},
        stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    kinds = {"deb": "deb", "python": "pypi"}
    theirs = {
        (kinds[a["type"]], normalised(a["name"], kinds[a["type"]]), a["version"])
        for a in json.loads(done.stdout)["artifacts"]
        if a["type"] in kinds
    }
    ours = {
        (p["type"], normalised(p["name"], p["type"]), p["version"])
        for p in program.packages_of(demo.disk)["packages"]
    }
    assert ours == theirs
