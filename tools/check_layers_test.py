"""Tests of check_layers.py: a small tree that breaks each rule once, and one that breaks none."""

import pathlib
import shutil
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent

CLEAN = {
    "src/base/log.h": "#include <string_view>\n",
    "src/base/log.cpp": '#include "base/log.h"\n#include <spdlog/spdlog.h>\n#include <sys/stat.h>\n',
    "src/base/log_test.cpp": '#include <gtest/gtest.h>\n#include "log.h"\n',
    "src/sandbox/confine.cpp": '#include <linux/seccomp.h>\n#include "base/log.h"\n',
    "src/scan/walk.h": '#include "base/log.h"\n',
    "src/families/sbom/sbom.h": '#include "scan/walk.h"\n',
    "src/families/sbom/dpkg/analyzer.h": '#include "families/sbom/sbom.h"\n',
    "src/families/sbom/python/analyzer.h": '#include "families/sbom/sbom.h"\n',
    "src/families/vulnerabilities/match.h": '#include "families/sbom/sbom.h"\n',
    "apps/vmsecurity/main.cpp": '#include "families/sbom/sbom.h"\n#include <CLI/CLI.hpp>\n',
}


def run(source, build=None):
    command = [sys.executable, HERE / "check_layers.py", "--source", source]
    if build:
        command += ["--build", build]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


@pytest.fixture
def tree(tmp_path):
    """Writes CLEAN plus the given files; answers the folder."""

    def write(**extra):
        for name, text in {**CLEAN, **extra.get("files", {})}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


def test_a_clean_tree_passes(tree):
    assert run(tree()) == (0, "")


@pytest.mark.parametrize(
    "name, text, complaint",
    [
        ("src/base/up.h", '#include "scan/walk.h"\n', "src/scan lies above src/base"),
        ("src/scan/app.h", '#include "families/sbom/sbom.h"\n', "src/families/sbom lies above src/scan"),
        ("src/scan/json.h", "#include <boost/json.hpp>\n", "only src/codec, src/model, tests may include it"),
        ("src/disk/filter.h", "#include <linux/landlock.h>\n", "only src/sandbox may include it"),
        ("src/filesystem/ext.h", "#include <ext2fs/ext2fs.h>\n", "only src/filesystem/ext"),
        ("src/base/mock.h", "#include <gmock/gmock.h>\n", "only tests may include it"),
        ("src/base/new.h", "#include <leveldb/db.h>\n", "not in tools/layers.toml"),
        ("src/base/gone.h", '#include "no/such.h"\n', "no such file below src/"),
        ("src/strange/x.h", '#include "base/log.h"\n', "src/strange is not in the table"),
        (
            "src/families/sbom/x.h",
            '#include "families/vulnerabilities/match.h"\n',
            "the family sbom may not know the family vulnerabilities",
        ),
        (
            "src/families/sbom/python/x.h",
            '#include "families/sbom/dpkg/analyzer.h"\n',
            "the scanner python may not know the scanner dpkg",
        ),
    ],
)
def test_a_forbidden_include_is_named_with_its_line(tree, name, text, complaint):
    status, output = run(tree(files={name: "\n" + text}))
    assert status == 1
    assert output.startswith(f"{name}:2: #include ")
    assert complaint in output
    assert output.count("\n") == 1


def cmake_project(links):
    """A project of custom libraries without a compiler: the graph is what counts."""
    lines = ["cmake_minimum_required(VERSION 3.25)", "project(fixture CXX)"]
    for name in ("base", "scan"):
        lines.append(f"add_subdirectory(src/{name})")
    return "\n".join([*lines, *links, ""])


@pytest.fixture
def built(tree, tmp_path):
    """Configures CLEAN with the given target_link_libraries() lines and checks it."""
    if not shutil.which("cmake"):
        pytest.fail("cmake is missing; run script/setup")

    def check(*links):
        source = tree(
            files={
                "CMakeLists.txt": cmake_project(links),
                "src/base/CMakeLists.txt": "add_library(base STATIC log.cpp)\n",
                "src/scan/walk.cpp": '#include "scan/walk.h"\n',
                "src/scan/CMakeLists.txt": "add_library(scan STATIC walk.cpp)\n",
            }
        )
        build = tmp_path / "build"
        subprocess.run(
            ["cmake", "-S", source, "-B", build, "-G", "Ninja"], check=True, capture_output=True
        )
        return run(source, build)

    return check


def test_links_that_point_down_pass(built):
    assert built("target_link_libraries(scan PUBLIC base)") == (0, "")


def test_a_link_that_points_up_is_named(built):
    status, output = built("target_link_libraries(base PRIVATE scan)")
    assert status == 1
    assert output == "src/base: target base links scan: src/scan lies above src/base\n"


def test_a_library_linked_where_it_may_not_be_is_named(built):
    status, output = built(
        "add_library(PkgConfig::SECCOMP INTERFACE IMPORTED)",
        "target_link_libraries(scan PRIVATE PkgConfig::SECCOMP)",
    )
    assert status == 1
    assert output == "src/scan: target scan links PkgConfig::SECCOMP: only src/sandbox may link it\n"
