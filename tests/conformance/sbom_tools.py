"""What the SBOM's conformance tests share: the program under test and the data sets."""

import json
import os
import pathlib
import subprocess
import tarfile

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]


def program() -> str:
    """The sbom_of_tree program: script/test names it, else that of the everyday build is taken."""
    path = os.environ.get(
        "SBOM_OF_TREE", str(SOURCE / "build/dev/src/families/sbom/testing/sbom_of_tree")
    )
    if not os.access(path, os.X_OK):
        raise FileNotFoundError(f"{path} is not built; run script/build")
    return path


def run(root: pathlib.Path, *options: str) -> dict:
    """Our SBOM of a tree."""
    output = subprocess.run(
        [program(), str(root), *options], check=True, stdout=subprocess.PIPE, timeout=120
    ).stdout
    return json.loads(output.decode("utf-8"))


def data_archive(name: str, destination: pathlib.Path) -> pathlib.Path:
    """Unpacks a .tar.zst of the test data; the test is skipped where there is none."""
    data = os.environ.get("VMSECURITY_TEST_DATA")
    if not data:
        pytest.skip("VMSECURITY_TEST_DATA is not set")
    plain = subprocess.run(
        ["zstd", "-dc", str(pathlib.Path(data) / name)], check=True, stdout=subprocess.PIPE
    ).stdout
    archive = destination / "archive.tar"
    archive.write_bytes(plain)
    with tarfile.open(archive) as tar:
        tar.extractall(destination)
    archive.unlink()
    return destination


def write(path: pathlib.Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
