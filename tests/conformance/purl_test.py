"""Our package URLs are those of purl-spec's own test cases for the types that we write."""

import json
from urllib.parse import unquote

import pytest
from sbom_tools import data_archive, run, write


@pytest.fixture(scope="module")
def spec(tmp_path_factory):
    return data_archive("sbom/purl-spec-tests.tar.zst", tmp_path_factory.mktemp("purl"))


def cases(spec, purl_type):
    """The purls that purl-spec builds from their parts, with those parts."""
    path = spec / f"purl-spec-tests/tests/types/{purl_type}-test.json"
    tests = json.loads(path.read_text("utf-8"))["tests"]
    found = [(t["input"], t["expected_output"]) for t in tests if t["test_type"] == "build"]
    assert found
    return found


def test_deb(spec, tmp_path):
    compared = 0
    for number, (parts, expected) in enumerate(cases(spec, "deb")):
        qualifiers = parts["qualifiers"] or {}
        root = tmp_path / str(number)
        # Our distro qualifier names the system as well as the release, so releases are compared.
        release = qualifiers.get("distro", "")
        write(root / "etc/os-release", f"ID={parts['namespace']}\nVERSION_CODENAME={release}\n")
        write(
            root / "var/lib/dpkg/status.d/x",
            f"Package: {parts['name']}\nVersion: {parts['version']}\n"
            f"Architecture: {qualifiers.get('arch', '')}\n",
        )
        purl = run(root, "--cyclonedx")["components"][1]["purl"]
        assert purl.replace(f"distro={parts['namespace']}-", "distro=") == expected
        compared += 1
    assert compared >= 4


def test_pypi(spec, tmp_path):
    compared = 0
    for number, (parts, expected) in enumerate(cases(spec, "pypi")):
        if parts["qualifiers"]:
            continue  # which file a distribution came in is not recorded on the disk
        root = tmp_path / str(number)
        write(
            root / "x.dist-info/METADATA",
            f"Name: {parts['name'].replace('-', '_').title()}\nVersion: {parts['version']}\n",
        )
        purl = run(root, "--cyclonedx")["components"][0]["purl"]
        assert purl == expected
        assert unquote(purl) == purl
        compared += 1
    assert compared >= 3
