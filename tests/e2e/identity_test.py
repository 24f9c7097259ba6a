"""One system, read in different ways, is one answer."""

import json
import subprocess

import pytest

from support import images, program

FORMS = ["qcow2", "qcow2-compressed", "qcow2-backing", "directory"]


@pytest.fixture(scope="module")
def targets(demo, tmp_path_factory):
    """The demo disk in each form; name -> path."""
    work = tmp_path_factory.mktemp("forms")
    # The backing file must lie in the image's own folder: a hard link to the disk where possible.
    base = work / "base.img"
    try:
        base.hardlink_to(demo.disk)
    except OSError:
        images.tool("cp", "--sparse=always", demo.disk, base)
    size = demo.disk.stat().st_size
    return {
        "raw": demo.disk,
        "qcow2": images.qcow2(work / "plain.qcow2", demo.disk),
        "qcow2-compressed": images.qcow2(work / "small.qcow2", demo.disk, compressed=True),
        "qcow2-backing": images.qcow2(work / "top.qcow2", backing="base.img", size=size),
        "directory": demo.tree,
    }


@pytest.fixture(scope="module")
def answers(demo, targets, tmp_path_factory):
    """Scans a form once: (JSON report, CycloneDX text, name of the target)."""
    known = {}

    def scan(form):
        if form not in known:
            cyclonedx = tmp_path_factory.mktemp("sbom") / "sbom.json"
            done = program.scan(
                targets[form], "--advisories", demo.advisories, "--also", f"cyclonedx={cyclonedx}"
            )
            assert done.status == program.COMPLETE, done.stdout[-3000:] + done.stderr
            known[form] = done.report, cyclonedx.read_text(), str(targets[form])
        return known[form]

    return scan


def findings(report):
    keys = ("operatingSystem", "packages", "vulnerabilities", "suppressed")
    return json.dumps({key: report[key] for key in keys}, indent=1)


def anonymous(text, target):
    """A CycloneDX document without its serial number, time and source."""
    document = json.loads(text)
    for value in (document["serialNumber"], document["metadata"]["timestamp"], json.dumps(target)):
        assert value in text
        text = text.replace(value, "")
    return text


@pytest.mark.parametrize("form", FORMS)
def test_findings_are_those_of_the_raw_disk(answers, form):
    assert findings(answers(form)[0]) == findings(answers("raw")[0])


@pytest.mark.parametrize("form", FORMS)
def test_the_sbom_is_that_of_the_raw_disk_byte_for_byte(answers, form):
    _, text, target = answers(form)
    _, raw_text, raw_target = answers("raw")
    assert anonymous(text, target) == anonymous(raw_text, raw_target)


def test_a_second_scan_gives_the_same_findings(demo, answers):
    again = program.scan(demo.disk, "--advisories", demo.advisories)
    assert findings(again.report) == findings(answers("raw")[0])


def test_debian_packages_are_those_of_dpkg_query(demo, answers):
    listed = subprocess.run(
        [
            "dpkg-query", f"--admindir={demo.tree}/var/lib/dpkg", "-W", "-f",
            r"${db:Status-Status}|${Package}|${Version}|${Architecture}|${source:Package}|"
            r"${source:Version}\n",
        ],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    expected = sorted(
        line.partition("|")[2] for line in listed.splitlines() if line.startswith("installed|")
    )
    found = sorted(
        "|".join(
            [p["name"], p["version"], p["architecture"], p["source"]["name"], p["source"]["version"]]
        )
        for p in answers("raw")[0]["packages"]
        if p["type"] == "deb"
    )
    assert len(expected) > 100
    assert found == expected


def test_python_packages_are_those_of_pip_list(demo, answers):
    expected = []
    for folder in ("usr/lib/python3/dist-packages", "usr/local/lib/python3.11/dist-packages"):
        listed = subprocess.run(
            ["/usr/bin/python3", "-m", "pip", "list", "--format", "json", "--path", demo.tree / folder],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        expected += [(p["name"], p["version"], folder) for p in json.loads(listed)]
    found = [
        (p["name"], p["version"], p["location"].lstrip("/").rpartition("/dist-packages/")[0] + "/dist-packages")
        for p in answers("raw")[0]["packages"]
        if p["type"] == "pypi"
    ]
    assert len(expected) > 10
    assert sorted(found) == sorted(expected)
