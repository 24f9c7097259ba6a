"""The small cases from public reports (tests/cases/CNNN/EXPECT.md), on the real program. C006, C175 and the
order table of C059 are tested beside the code, in src/versions and src/schedule."""

import json
import pathlib
import shutil

from support import images, program, trees

HERE = pathlib.Path(__file__).resolve().parent


def packages(case):
    return program.packages_of(HERE / case)["packages"]


def test_c001_states_of_dpkg():
    assert program.named(packages("C001")) == {"keep@1.0-1", "held@3.0-1", "doomed@4.0-1", "unpacked@5.0-1"}


def test_c002_source_with_a_version():
    found = {p["name"]: (p["version"], p["source"]["name"], p["source"]["version"]) for p in packages("C002")}
    assert found["libc-bin"] == ("2.36-9+b1", "glibc", "2.36-9+deb12u4")
    assert found["plain"] == ("1.0-1", "plain", "1.0-1")
    assert found["onlyname"] == ("7.1-2", "upstream-thing", "7.1-2")


def test_c004_status_d():
    found = packages("C004")
    assert program.named(found) == {"tzdata@2024a-0+deb12u1", "libssl3@3.0.15-1~deb12u1"}
    assert {p["name"]: p["source"]["name"] for p in found}["libssl3"] == "openssl"


def test_c014_signed_kernels(advisories):
    """Which images are vulnerable. That the machine boots 6.1.0-40, so that the finding is about an
    installed kernel and not the next one to run, is for when a scan looks into /boot."""
    case = HERE / "C014"
    file = advisories(json.loads((case / "adv.json").read_text()))
    found = program.scan(case, "--advisories", file).report["vulnerabilities"]
    assert [(v["id"], v["package"]["name"]) for v in found] == [("TEST-0014", "linux-image-6.1.0-28-amd64")]
    evidence = found[0]["evidence"][0]
    assert (evidence["package"], evidence["comparedVersion"]) == ("linux", "6.1.119-1")


def test_c059_python_versions(tmp_path, advisories):
    case = HERE / "C059"
    root = trees.debian_root(tmp_path / "root")
    for info in case.glob("*.dist-info"):
        shutil.copytree(info, root / "usr/local/lib/python3.11/dist-packages" / info.name)
    file = advisories(*(json.loads((case / name).read_text()) for name in ("advA.json", "advB.json")))
    report = program.scan(root, "--advisories", file).report
    assert {"Twisted@22.10.0", "torch@2.0.1+cu118"} <= program.named(report["packages"])
    assert [(v["id"], v["package"]["name"]) for v in report["vulnerabilities"]] == [("TEST-0059B", "torch")]


def test_c135_file_system_on_the_whole_disk(tmp_path):
    images.tool(HERE / "C135/make.sh", cwd=tmp_path)
    report = program.packages_of(tmp_path / "whole.img")
    assert program.named(report["packages"]) == {"keep@1.0-1"}
