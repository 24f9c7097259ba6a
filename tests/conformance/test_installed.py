"""On this machine's own root our packages are those that dpkg-query, dpkg -S, pip list and
importlib.metadata name."""

import importlib.metadata
import json
import pathlib
import shutil
import subprocess
import sys

import pytest
from sbom_tools import run

DPKG = pathlib.Path("/var/lib/dpkg")
DIST_PACKAGES = pathlib.Path("/usr/lib/python3/dist-packages")
INSTALLED = {
    "installed",
    "unpacked",
    "half-configured",
    "triggers-awaited",
    "triggers-pending",
}

pytestmark = pytest.mark.skipif(
    not (DPKG / "status").exists() or not shutil.which("dpkg-query"),
    reason="this machine has no dpkg database",
)


def output_of(*command: str) -> str:
    return subprocess.run(
        command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120
    ).stdout.decode("utf-8")


def copy(path: pathlib.Path, root: pathlib.Path) -> None:
    target = root / path.relative_to("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, target)


@pytest.fixture(scope="module")
def sbom(tmp_path_factory):
    """Our SBOM of a tree with this machine's databases and metadata at their places."""
    root = tmp_path_factory.mktemp("root")
    copy(pathlib.Path("/etc/os-release"), root)
    copy(DPKG / "status", root)
    for file_list in (DPKG / "info").glob("*.list"):
        copy(file_list, root)
    for pattern in ("*.dist-info/METADATA", "*.dist-info/RECORD", "*.egg-info/PKG-INFO"):
        for path in DIST_PACKAGES.glob(pattern):
            copy(path, root)
    for path in DIST_PACKAGES.glob("*.egg-info"):
        if path.is_file():
            copy(path, root)
    for link in pathlib.Path("/").iterdir():  # usrmerge
        if link.is_symlink() and link.is_dir():
            (root / link.name).symlink_to(str(link.readlink()).lstrip("/"))
            (root / link.readlink()).mkdir(parents=True, exist_ok=True)
    result = run(root)
    assert result["problems"] == []
    return result


def of_type(sbom, purl_type):
    return [p for p in sbom["packages"] if p["type"] == purl_type]


def test_debian_packages_equal_dpkg_query(sbom):
    fields = (
        "${db:Status-Status}\t${Package}\t${Version}\t${Architecture}\t"
        "${source:Package}\t${source:Version}\n"
    )
    lines = [line.split("\t") for line in output_of("dpkg-query", "-W", "-f", fields).splitlines()]
    theirs = sorted(tuple(line[1:]) for line in lines if line[0] in INSTALLED)
    ours = sorted(
        tuple(p[k] for k in ("name", "version", "architecture", "source_name", "source_version"))
        for p in of_type(sbom, "deb")
    )
    assert len(ours) > 50
    assert ours == theirs


def test_python_distributions_equal_importlib(sbom):
    theirs = sorted(
        (d.metadata["Name"], d.version)
        for d in importlib.metadata.distributions(path=[str(DIST_PACKAGES)])
    )
    ours = sorted((p["name"], p["version"]) for p in of_type(sbom, "pypi"))
    if not theirs:
        pytest.skip(f"no Python distribution in {DIST_PACKAGES}")
    assert ours == theirs


def test_python_distributions_equal_pip_list(sbom):
    command = [sys.executable, "-m", "pip", "list", "--format", "json", "--path"]
    try:
        listed = json.loads(output_of(*command, str(DIST_PACKAGES)))
    except subprocess.CalledProcessError:
        pytest.skip("pip is not installed")
    # pip list names a distribution once, and for some of its versions in normalised spelling.
    theirs = {(d["name"].lower().replace("_", "-"), d["version"]) for d in listed}
    ours = {
        (p["name"].lower().replace("_", "-"), p["version"]) for p in of_type(sbom, "pypi")
    }
    assert ours == theirs


def test_owners_equal_dpkg_search(sbom):
    owned = 0
    for package in of_type(sbom, "pypi"):
        search = subprocess.run(
            ["dpkg-query", "-S", package["location"]],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
        ).stdout.decode("utf-8")
        names = {name.split(":")[0].strip() for name in search.split(": ")[0].split(",") if name}
        if "owner" in package:
            assert package["owner"].split(" ")[0] in names, package["location"]
            owned += 1
        else:
            assert names == set(), package["location"]
    if not owned:
        pytest.skip("no Python distribution here belongs to a Debian package")
