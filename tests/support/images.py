"""Disk images for tests: file systems by mke2fs, partition tables by hand, so that they can be wrong."""

import os
import struct
import subprocess
import uuid
import zlib

SECTOR = 512
LINUX_ROOT = uuid.UUID("4f68bce3-e8cd-4db1-96e7-fbcaf984b709")
ENTRIES = 128
TOOLS = os.environ["PATH"] + ":/usr/sbin:/sbin"


def tool(*command, **options):
    """Runs a tool of the system, which must succeed."""
    done = subprocess.run(
        [str(part) for part in command],
        env={**os.environ, "PATH": TOOLS},
        capture_output=True,
        check=False,
        **options,
    )
    assert done.returncode == 0, f"{command}: {done.stderr.decode(errors='replace')}"
    return done.stdout.decode(errors="replace")


def ext(path, tree, size="24M", kind="ext4"):
    """An image that is one file system with the content of the folder `tree`."""
    tool("mke2fs", "-q", "-F", "-t", kind, "-d", tree, path, size)
    return path


def edit(image, *requests):
    """Lets debugfs change a file system."""
    for request in requests:
        tool("debugfs", "-w", "-R", request, image)


def header(size, entries_crc, current, backup, entries_at):
    last = size // SECTOR - 1
    fields = (
        b"EFI PART", 0x10000, 92, 0, 0, current, backup, 34, last - 33,
        uuid.UUID(int=1).bytes_le, entries_at, ENTRIES, 128, entries_crc,
    )  # fmt: skip
    layout = "<8sIIIIQQQQ16sQIII"
    crc = zlib.crc32(struct.pack(layout, *fields))
    return struct.pack(layout, *fields[:3], crc, *fields[4:]).ljust(SECTOR, b"\0")


def gpt(path, size, partitions, contents=()):
    """A disk of `size` bytes with a GPT (UEFI 2.10, section 5.3) whose entries are `partitions`, pairs of
    first and last sector as they shall be written, sound or not; `contents` are pairs of an offset and
    bytes or a file."""
    entries = b"".join(
        LINUX_ROOT.bytes_le + uuid.UUID(int=number + 2).bytes_le + struct.pack("<QQQ72s", first, last, 0, b"")
        for number, (first, last) in enumerate(partitions)
    ).ljust(ENTRIES * 128, b"\0")
    crc, end = zlib.crc32(entries), size // SECTOR
    protective = b"\0" * 446 + struct.pack("<B3sB3sII", 0, b"\0\2\0", 0xEE, b"\xff" * 3, 1, end - 1)
    with open(path, "wb") as disk:
        disk.truncate(size)
        disk.write(protective.ljust(510, b"\0") + b"\x55\xaa")
        disk.write(header(size, crc, 1, end - 1, 2) + entries)
        for offset, content in contents:
            disk.seek(offset)
            disk.write(content if isinstance(content, bytes) else content.read_bytes())
        disk.seek((end - 33) * SECTOR)
        disk.write(entries + header(size, crc, end - 1, 1, end - 33))
    return path


def disk_with(path, file_system, start=2048):
    """A sound GPT disk whose only partition, from sector `start` on, holds the image `file_system`."""
    sectors = file_system.stat().st_size // SECTOR
    size = (start + sectors + 2048) * SECTOR
    return gpt(path, size, [(start, start + sectors - 1)], [(start * SECTOR, file_system)])


def qcow2(path, source=None, backing=None, compressed=False, size=None):
    """A qcow2 image made from the raw image `source`, or an empty one over `backing` (a name as it
    shall stand in the image, which need not exist)."""
    if source:
        tool("qemu-img", "convert", "-O", "qcow2", *(["-c"] if compressed else []), source, path)
    else:
        tool(
            "qemu-img", "create", "-q", "-f", "qcow2", "-u", "-b", backing, "-F",
            "qcow2" if str(backing).endswith(".qcow2") else "raw", path, size or "16M",
        )  # fmt: skip
    return path
