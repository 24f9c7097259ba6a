"""An ext4 image with random damage: 500 times, in the places where it hurts."""

import os
import random

import pytest

from support import images, program, trees

pytestmark = pytest.mark.long
ROUNDS = 500
BLOCK = 1024


def test_random_damage_never_crashes_or_hangs(tmp_path):
    root = trees.debian_root(tmp_path / "tree", python=[(f"pack{n}", "1.0") for n in range(30)])
    image = images.ext(tmp_path / "root.ext4", root, size="16M")
    sound = image.read_bytes()
    # Blocks that hold something: the superblock, descriptors, inode tables, directories, contents.
    used = [at for at in range(0, len(sound), BLOCK) if any(sound[at : at + BLOCK])]
    seed = os.environ.get("VMSECURITY_TEST_SEED", "14")
    for number in range(ROUNDS):
        chance = random.Random(f"{seed}/{number}")
        damaged = bytearray(sound)
        for _ in range(chance.choice([1, 4, 32, 256])):
            damaged[chance.choice(used) + chance.randrange(BLOCK)] = chance.randrange(256)
        image.write_bytes(damaged)
        result = program.scan(image, families="sbom", timeout=60)
        statuses = (program.COMPLETE, program.INCOMPLETE, program.FAILED)
        assert result.status in statuses, f"round {number}, seed {seed}: {result.stderr}"
        if result.status == program.INCOMPLETE:
            assert result.bad_coverage(), f"round {number}, seed {seed}"
