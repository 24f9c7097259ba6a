"""On this machine's own root our packages are those that dpkg-query, dpkg -S, pip list and
importlib.metadata name."""

import importlib.metadata
import json
import pathlib
import shutil
import subprocess
import sys

import pytest
from sbom_tools import SOURCE, run, write

DPKG = pathlib.Path("/var/lib/dpkg")
DIST_PACKAGES = pathlib.Path("/usr/lib/python3/dist-packages")
INSTALLED = {
    "installed",
    "unpacked",
    "half-configured",
    "triggers-awaited",
    "triggers-pending",
}

needs_dpkg = pytest.mark.skipif(
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


@needs_dpkg
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


@needs_dpkg
def test_python_distributions_equal_importlib(sbom):
    theirs = sorted(
        (d.metadata["Name"], d.version)
        for d in importlib.metadata.distributions(path=[str(DIST_PACKAGES)])
    )
    ours = sorted((p["name"], p["version"]) for p in of_type(sbom, "pypi"))
    if not theirs:
        pytest.skip(f"no Python distribution in {DIST_PACKAGES}")
    assert ours == theirs


def pip_list(directory):
    """What pip lists in a directory: it names each distribution once, in a spelling that depends on
    pip's version."""
    command = [sys.executable, "-m", "pip", "list", "--format", "json", "--path", str(directory)]
    try:
        listed = json.loads(output_of(*command))
    except subprocess.CalledProcessError:
        pytest.skip("pip is not installed")
    return {(normalized(d["name"]), d["version"]) for d in listed}


def normalized(name):
    return name.lower().replace("_", "-")


def our_distributions(sbom):
    return {(normalized(p["name"]), p["version"]) for p in of_type(sbom, "pypi")}


@needs_dpkg
def test_python_distributions_equal_pip_list(sbom):
    assert our_distributions(sbom) == pip_list(DIST_PACKAGES)


@pytest.mark.parametrize("case", ["dist_info", "egg_info"])
def test_distributions_of_a_case_equal_pip_list(case):
    tree = SOURCE / "src/families/sbom/python/testdata" / case / "in"
    directory = tree / "usr/lib/python3/dist-packages"
    assert our_distributions(run(directory)) == pip_list(directory)


@pytest.mark.parametrize("mark", ["~", ".", "=", "%"])
def test_what_pip_leaves_behind_is_listed_by_neither(mark, tmp_path):
    # Alone: beside the distribution that replaced it, older pips list one or none, by chance.
    write(tmp_path / f"{mark}ip-23.0.dist-info/METADATA", "Name: pip\nVersion: 23.0\n")
    assert our_distributions(run(tmp_path)) == set()
    assert pip_list(tmp_path) == set()


def test_virtual_environment_equals_pip_list(tmp_path):
    if subprocess.run([sys.executable, "-m", "venv", str(tmp_path)], check=False).returncode != 0:
        pytest.skip("python3 -m venv does not work here")
    (directory,) = tmp_path.glob("lib/python3*/site-packages")
    theirs = pip_list(directory)
    assert {name for name, _ in theirs} >= {"pip"}
    assert our_distributions(run(tmp_path)) >= theirs
    # What pip does not list are copies inside of other distributions.
    top = [p for p in of_type(run(tmp_path), "pypi") if "/_vendor/" not in p["location"]]
    assert {(normalized(p["name"]), p["version"]) for p in top} == theirs


@needs_dpkg
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
