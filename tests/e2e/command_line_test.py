"""The command line: exit codes, formats, options."""

import json
import os
import pathlib
import zipfile

import pytest

from support import images, program, trees

CRITICAL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
# Without any record for the distribution the scan would be incomplete.
DEBIAN = trees.advisory("TEST-0", "Debian:12", "not-installed", "2.0")
LOW = "CVSS:3.1/AV:L/AC:H/PR:L/UI:R/S:U/C:L/I:N/A:N"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["scam"],
        ["scan"],
        ["scan", "/", "--families", "sbom,horoscope"],
        ["scan", "/", "--fail-on", "apocalyptic"],
        ["scan", "/", "--format", "cuneiform"],
        ["scan", "/", "--also", "json"],
        ["scan", "/", "--max-depth", "deep"],
        ["scan", "/", "--no-such-option"],
        ["advisories", "build", "--output", "/tmp/never-written"],
        ["advisories", "info", "--format", "cuneiform"],
    ],
    ids=lambda arguments: " ".join(arguments) or "nothing",
)
def test_wrong_usage_is_status_2_with_a_message(arguments):
    result = program.run(*arguments)
    assert result.status == program.USAGE
    assert result.stderr.strip()
    assert not pathlib.Path("/tmp/never-written").exists()


@pytest.mark.parametrize("arguments", [["--help"], ["scan", "--help"], ["advisories", "--help"]])
def test_help_goes_to_stdout(arguments):
    result = program.run(*arguments)
    assert result.status == program.COMPLETE
    assert "vmsecurity" in result.stdout
    assert not result.stderr


def test_scan_help_has_examples():
    assert "example" in program.run("scan", "--help").stdout.lower()


def test_version():
    assert program.run("version").stdout.split()[0] == "vmsecurity"


@pytest.mark.parametrize(
    "limit, status",
    [("critical", program.FOUND), ("low", program.FOUND), (None, program.COMPLETE)],
)
def test_fail_on(small_tree, advisories, limit, status):
    file = advisories(trees.advisory("TEST-1", "PyPI", "sample", "2.0", CRITICAL), DEBIAN)
    options = ["--fail-on", limit] if limit else []
    result = program.scan(small_tree, "--advisories", file, *options)
    assert result.status == status
    assert [v["id"] for v in result.report["vulnerabilities"]] == ["TEST-1"]


def test_fail_on_looks_at_the_severity(small_tree, advisories):
    file = advisories(trees.advisory("TEST-1", "PyPI", "sample", "2.0", LOW), DEBIAN)
    result = program.scan(small_tree, "--advisories", file, "--fail-on", "high")
    assert result.status == program.COMPLETE
    assert len(result.report["vulnerabilities"]) == 1


def test_fail_on_is_told_of_an_incomplete_scan_too(tmp_path, advisories):
    root = trees.debian_root(tmp_path / "tree", python=[("Sample", "1.2")])
    image = images.ext(tmp_path / "root.ext4", root)
    images.edit(image, "set_inode_field var/lib/dpkg/status block[5] 0x7ffffff0")
    file = advisories(trees.advisory("TEST-1", "PyPI", "sample", "2.0", CRITICAL))
    result = program.scan(image, "--advisories", file, "--fail-on", "low")
    assert result.status == program.FOUND
    assert len(result.report["vulnerabilities"]) == 1
    assert result.report["complete"] is False
    assert program.scan(image, "--advisories", file).status == program.INCOMPLETE


def test_the_source_package_decides_for_debian(small_tree, advisories):
    file = advisories(
        trees.advisory("TEST-1", "Debian:12", "tool-source", "2.0-2", CRITICAL),
        trees.advisory("TEST-2", "Debian:12", "tool", "9", CRITICAL),
        trees.advisory("TEST-3", "Debian:12", "keep", "1.0-1", CRITICAL),
        trees.advisory("TEST-4", "Debian:11", "keep", "9", CRITICAL),
    )
    report = program.scan(small_tree, "--advisories", file).report
    assert [(v["id"], v["package"]["name"]) for v in report["vulnerabilities"]] == [("TEST-1", "tool")]
    match = report["vulnerabilities"][0]
    assert match["fix"]["versions"] == ["2.0-2"]
    assert match["evidence"]


def test_exclude_is_left_out_and_said_so(small_tree):
    result = program.scan(small_tree, "--exclude", "usr/local/**", families="sbom")
    assert result.status == program.COMPLETE
    assert program.named(result.report["packages"]) == {"keep@1.0-1", "tool@2.0-1"}
    assert any(entry["state"] == "skipped" for entry in result.report["coverage"])


def test_a_file_above_the_size_limit_is_truncated_not_forgotten(small_tree):
    result = program.scan(small_tree, "--max-file-size", "20", families="sbom")
    assert result.status == program.INCOMPLETE
    assert any("var/lib/dpkg/status" in e["name"] for e in result.bad_coverage())


def test_output_and_also_write_the_same_scan(small_tree, tmp_path):
    table, also = tmp_path / "report.txt", tmp_path / "report.json"
    result = program.scan(
        small_tree, "--output", table, "--also", f"json={also}", format="table", families="sbom"
    )
    assert result.status == program.COMPLETE
    assert "keep" not in result.stdout
    assert table.read_text().strip()
    assert program.named(json.loads(also.read_text())["packages"], "deb") == {"keep@1.0-1", "tool@2.0-1"}


def test_output_that_cannot_be_written(small_tree, tmp_path):
    file = tmp_path / "no/such/folder/report.json"
    result = program.scan(small_tree, "--output", file, families="sbom")
    assert result.status == program.FAILED
    assert "no/such/folder" in result.stderr


def test_a_missing_advisory_file_is_no_clean_bill(small_tree, tmp_path):
    result = program.scan(small_tree, "--advisories", tmp_path / "none.advisories")
    assert result.status == program.FAILED
    assert "none.advisories" in result.stderr


def test_a_damaged_advisory_file_is_no_clean_bill(small_tree, advisories):
    file = advisories(trees.advisory("TEST-1", "PyPI", "sample", "2.0", CRITICAL))
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2])
    result = program.scan(small_tree, "--advisories", file)
    assert result.status in (program.INCOMPLETE, program.FAILED)
    assert program.run("advisories", "verify", file).status == program.FAILED


def test_a_file_without_the_distribution_is_no_clean_bill(small_tree, advisories):
    file = advisories(trees.advisory("TEST-1", "PyPI", "unrelated", "2.0"))
    result = program.scan(small_tree, "--advisories", file)
    assert result.status == program.INCOMPLETE
    assert any("Debian:12" in entry["name"] for entry in program.bad_coverage(result.report))


def test_advisories_info_tells_sources_and_counts(advisories):
    file = advisories(
        trees.advisory("TEST-1", "PyPI", "sample", "2.0"), trees.advisory("TEST-2", "Debian:12", "x", "2")
    )
    info = json.loads(program.run("advisories", "info", file, "--format", "json").stdout)
    assert info["records"] == 2
    assert [source["records"] for source in info["sources"]] == [2]
    assert program.run("advisories", "verify", file).status == program.COMPLETE


def test_advisories_of_a_zip_are_those_of_the_folder(tmp_path, small_tree):
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as feed:
        feed.writestr("TEST-1.json", json.dumps(trees.advisory("TEST-1", "PyPI", "sample", "2.0")))
    file = tmp_path / "zip.advisories"
    assert program.run("advisories", "build", archive, "--output", file).status == program.COMPLETE
    report = program.scan(small_tree, "--advisories", file).report
    assert [v["id"] for v in report["vulnerabilities"]] == ["TEST-1"]


def test_demo_advisories_are_shown_as_demo_data(small_tree, tmp_path):
    feed = tmp_path / "feed.json"
    feed.write_text(json.dumps(trees.advisory("DEMO-1", "PyPI", "sample", "2.0", CRITICAL)))
    file = tmp_path / "demo.advisories"
    done = program.run("advisories", "build", feed, "--demo", "--output", file)
    assert done.status == program.COMPLETE
    assert "demo" in program.scan(small_tree, "--advisories", file, format="table").stdout.lower()
    assert "demo" in program.run("advisories", "info", file).stdout.lower()


def test_links_stay_inside_the_root(tmp_path):
    outside = trees.debian_root(tmp_path / "outside", packages=[("outside", "1")])
    root = trees.debian_root(tmp_path / "root")
    status = root / "var/lib/dpkg/status"
    status.rename(root / "var/lib/dpkg/real-status")
    # Absolute inside the root: a chroot's view. "..", too many of them, stop at the root.
    status.symlink_to("/var/lib/dpkg/real-status")
    (root / "etc/os-release").unlink()
    (root / "etc/os-release").symlink_to("../../../../../../usr/lib/os-release")
    trees.write(root, {"usr/lib/os-release": trees.OS_RELEASE})
    assert program.named(program.packages_of(root)["packages"]) == {"keep@1.0-1"}

    status.unlink()
    status.symlink_to(outside / "var/lib/dpkg/status")
    result = program.scan(root, families="sbom")
    assert "outside" not in program.named(result.report["packages"])


def test_names_that_are_not_utf8_survive(tmp_path):
    root = trees.debian_root(tmp_path / "root")
    folder = os.fsencode(root) + b"/opt/caf\xe9/lib/python3/site-packages/odd-1.0.dist-info"
    os.makedirs(folder)
    with open(folder + b"/METADATA", "w") as file:
        file.write("Metadata-Version: 2.1\nName: odd\nVersion: 1.0\n")
    for target in (root, images.ext(tmp_path / "root.ext4", root)):
        report = program.packages_of(target)
        odd = next(p for p in report["packages"] if p["name"] == "odd")
        assert "caf" in odd["location"]


def test_a_file_system_without_a_partition_table(small_tree, tmp_path):
    for kind in ("ext2", "ext3", "ext4"):
        image = images.ext(tmp_path / f"{kind}.img", small_tree, kind=kind)
        assert "keep@1.0-1" in program.named(program.packages_of(image)["packages"])


def test_nothing_is_written_into_the_target(small_tree, tmp_path):
    image = images.disk_with(tmp_path / "disk.img", images.ext(tmp_path / "root.ext4", small_tree))
    before = image.read_bytes()
    program.packages_of(image)
    assert image.read_bytes() == before
    before = sorted((p, p.lstat().st_mtime_ns) for p in small_tree.rglob("*"))
    program.packages_of(small_tree)
    assert sorted((p, p.lstat().st_mtime_ns) for p in small_tree.rglob("*")) == before
