"""Targets that cannot be read, or only in part: each ends soon, with a reason, and never as if nothing
had been found."""

import random

import pytest

from support import images, program, trees

SECONDS = 30
STATUS = "var/lib/dpkg/status"


@pytest.fixture
def root(tmp_path):
    return trees.debian_root(tmp_path / "tree")


@pytest.fixture
def file_system(tmp_path, root):
    return images.ext(tmp_path / "root.ext4", root)


def truncated(tmp_path, file_system):
    disk = images.disk_with(tmp_path / "disk.img", file_system)
    with open(disk, "r+b") as file:
        file.truncate(disk.stat().st_size // 3)
    return disk


def random_bytes(tmp_path, file_system):
    path = tmp_path / "noise.img"
    path.write_bytes(random.Random(4).randbytes(4 << 20))
    return path


def empty_file(tmp_path, file_system):
    path = tmp_path / "empty.img"
    path.touch()
    return path


def zeros(tmp_path, file_system):
    path = tmp_path / "zeros.img"
    with open(path, "wb") as file:
        file.truncate(8 << 20)
    return path


def partition_of(tmp_path, magic, at=0):
    content = tmp_path / "content"
    content.write_bytes((b"\0" * at + magic).ljust(8 << 20, b"\0"))
    return images.disk_with(tmp_path / "disk.img", content)


def unknown_file_system(tmp_path, file_system):
    noise = random.Random(5).randbytes(1 << 20)
    return partition_of(tmp_path, noise)


def xfs(tmp_path, file_system):
    # Superblock: magic, block size 4096 (XFS on-disk format, xfs_dsb).
    return partition_of(tmp_path, b"XFSB" + (4096).to_bytes(4, "big"))


def luks(tmp_path, file_system):
    # LUKS2 header: magic, version 2 (LUKS2 on-disk format, section 2.1).
    return partition_of(tmp_path, b"LUKS\xba\xbe\x00\x02")


def vmdk(tmp_path, file_system):
    path = tmp_path / "disk.vmdk"
    path.write_bytes(b"KDMV\x01\0\0\0".ljust(1 << 20, b"\0"))
    return path


def missing_backing_file(tmp_path, file_system):
    return images.qcow2(tmp_path / "top.qcow2", backing="gone.img")


def backing_outside(tmp_path, file_system):
    folder = tmp_path / "images"
    folder.mkdir()
    return images.qcow2(folder / "top.qcow2", backing="../root.ext4", size="24M")


def backing_absolute(tmp_path, file_system):
    folder = tmp_path / "images"
    folder.mkdir()
    return images.qcow2(folder / "top.qcow2", backing=file_system, size="24M")


def backing_through_link(tmp_path, file_system):
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "inside.img").symlink_to(file_system)
    return images.qcow2(folder / "top.qcow2", backing="inside.img", size="24M")


def backing_loop(tmp_path, file_system):
    images.qcow2(tmp_path / "one.qcow2", backing="two.qcow2")
    images.qcow2(tmp_path / "two.qcow2", backing="one.qcow2")
    return tmp_path / "one.qcow2"


def overlapping_partitions(tmp_path, file_system):
    return images.gpt(tmp_path / "disk.img", 16 << 20, [(2048, 9000), (8000, 12000)])


def partition_past_the_end(tmp_path, file_system):
    return images.gpt(tmp_path / "disk.img", 16 << 20, [(2048, 1 << 40)])


def partition_ends_before_it_starts(tmp_path, file_system):
    return images.gpt(tmp_path / "disk.img", 16 << 20, [(9000, 2048)])


def damaged_table(tmp_path, file_system):
    disk = images.disk_with(tmp_path / "disk.img", file_system)
    with open(disk, "r+b") as file:
        file.seek(512 + 56)  # both headers' checksums are wrong now
        file.write(b"\xff")
        file.seek(-512 + 56, 2)
        file.write(b"\xff")
    return disk


def block_pointers_past_the_end(tmp_path, file_system):
    image = images.ext(tmp_path / "pointers.ext2", tmp_path / "tree", kind="ext2")
    images.edit(image, f"set_inode_field {STATUS} block[0] 0x7ffffff0")
    return image


def extents_past_the_end(tmp_path, file_system):
    # i_block of an inode with extents: header, then the first extent; its ee_start_lo is word 5.
    images.edit(file_system, f"set_inode_field {STATUS} block[5] 0x7ffffff0")
    return file_system


def directory_loop(tmp_path, file_system):
    images.edit(file_system, "link usr usr/share/again")
    return file_system


def huge_inode(tmp_path, file_system):
    images.edit(file_system, f"set_inode_field {STATUS} size {10 << 40}")
    return file_system


def damaged_superblock(tmp_path, file_system):
    with open(file_system, "r+b") as file:
        file.seek(1024 + 24)  # s_log_block_size
        file.write(b"\xff\xff\xff\x7f")
    return file_system


CASES = [
    (truncated, ""),
    (random_bytes, ""),
    (empty_file, ""),
    (zeros, ""),
    (unknown_file_system, ""),
    (xfs, "xfs"),
    (luks, "luks"),
    (vmdk, "vmdk"),
    (missing_backing_file, "gone.img"),
    (backing_outside, "root.ext4"),
    (backing_absolute, "root.ext4"),
    (backing_through_link, "inside.img"),
    (backing_loop, ".qcow2"),
    (overlapping_partitions, "overlap"),
    (partition_past_the_end, ""),
    (partition_ends_before_it_starts, ""),
    (damaged_table, ""),
    (block_pointers_past_the_end, STATUS),
    (extents_past_the_end, STATUS),
    (directory_loop, "usr"),
    (huge_inode, STATUS),
    (damaged_superblock, ""),
]


@pytest.mark.parametrize("make, word", CASES, ids=[case[0].__name__ for case in CASES])
def test_bad_input_ends_with_a_reason(tmp_path, file_system, make, word):
    target = make(tmp_path, file_system)
    result = program.scan(target, families="sbom", timeout=SECONDS)
    assert result.status in (program.INCOMPLETE, program.FAILED), result.stdout + result.stderr

    if result.status == program.FAILED:
        reasons = result.stderr
        assert len(reasons.splitlines()) <= 5, "a clear message is short"
    else:
        assert result.report["complete"] is False
        bad = result.bad_coverage()
        assert bad, "incomplete, and nothing in coverage says why"
        assert all(entry.get("reason") for entry in bad), bad
        reasons = "\n".join(f"{entry['name']}: {entry['reason']}" for entry in bad)
    assert reasons.strip()
    assert word.lower() in reasons.lower()

    # The table says it as well: an incomplete scan does not read like a clean one.
    table = program.scan(target, families="sbom", format="table", timeout=SECONDS)
    assert table.status == result.status
    shown = table.stdout + table.stderr
    assert "incomplete" in shown.lower() or table.status == program.FAILED
    assert word.lower() in shown.lower()


@pytest.mark.parametrize("make", [backing_outside, backing_absolute, backing_through_link])
def test_a_file_outside_the_image_folder_is_not_read(tmp_path, file_system, make):
    result = program.scan(make(tmp_path, file_system), families="sbom", timeout=SECONDS)
    assert "keep" not in result.stdout


def test_the_rest_of_a_damaged_file_system_is_still_reported(tmp_path):
    root = trees.debian_root(tmp_path / "tree", python=[("Sample", "1.2")])
    image = images.ext(tmp_path / "root.ext4", root)
    images.edit(image, f"set_inode_field {STATUS} block[5] 0x7ffffff0")
    result = program.scan(image, families="sbom")
    assert result.status == program.INCOMPLETE
    assert "Sample@1.2" in program.named(result.report["packages"])


def test_a_partition_that_cannot_be_read_does_not_hide_the_other(tmp_path, file_system):
    sectors = file_system.stat().st_size // images.SECTOR
    first, second = 2048, 2048 + sectors
    disk = images.gpt(
        tmp_path / "disk.img",
        (second + 8192 + 2048) * images.SECTOR,
        [(first, second - 1), (second, second + 8191)],
        [
            (first * images.SECTOR, file_system),
            (second * images.SECTOR, b"LUKS\xba\xbe\x00\x02"),
        ],
    )
    result = program.scan(disk, families="sbom")
    assert result.status == program.INCOMPLETE
    assert program.named(result.report["packages"]) == {"keep@1.0-1"}
    assert any("luks" in entry["reason"].lower() for entry in result.bad_coverage())


def test_a_target_that_does_not_exist(tmp_path):
    result = program.scan(tmp_path / "nothing.img")
    assert result.status == program.FAILED
    assert "nothing.img" in result.stderr
