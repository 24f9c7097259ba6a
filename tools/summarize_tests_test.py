"""Tests of summarize_tests.py."""

import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent

CTEST = """<testsuite name="x" tests="3">
  <testcase name="disk_test" classname="disk_test" status="{disk}">{disk_failure}</testcase>
  <testcase name="fuzz_replay_gpt" classname="fuzz_replay_gpt" status="run"/>
  <testcase name="base_test" classname="base_test" status="fail"><failure message=""/></testcase>
</testsuite>"""
GTEST = """<testsuites><testsuite name="Qcow2">
  <testcase name="reads" classname="Qcow2" status="run" result="completed"/>
  <testcase name="real" classname="Qcow2" status="run" result="skipped">
    <skipped message="VMSECURITY_TEST_DATA is unset"/></testcase>
</testsuite></testsuites>"""
PYTEST = """<testsuites><testsuite name="pytest">
  <testcase classname="a" name="b"/>
  <testcase classname="a" name="c"><failure message="no"/></testcase>
</testsuite></testsuites>"""


def summary(folder):
    done = subprocess.run(
        [sys.executable, HERE / "summarize_tests.py", folder], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout.splitlines()


def write(folder, ctest, pytest=None):
    gtest = folder / "ctest-dev" / "gtest"
    gtest.mkdir(parents=True)
    (folder / "ctest-dev" / "ctest.xml").write_text(ctest)
    (gtest / "disk_test.xml").write_text(GTEST)
    if pytest:
        (folder / "pytest-dev-e2e.xml").write_text(pytest)


def test_cases_are_counted_and_skips_keep_their_reason(tmp_path):
    write(tmp_path, CTEST.format(disk="run", disk_failure=""), PYTEST)
    status, lines = summary(tmp_path)
    assert status == 1
    assert lines[-1] == "3 passed, 2 failed, 1 skipped"
    assert "skipped: Qcow2.real: VMSECURITY_TEST_DATA is unset" in lines
    assert "failed: base_test.base_test" in lines


def test_a_program_that_dies_after_its_cases_passed_is_a_failure(tmp_path):
    write(tmp_path, CTEST.format(disk="fail", disk_failure='<failure message=""/>'))
    status, lines = summary(tmp_path)
    assert status == 1
    assert lines[-1] == "2 passed, 2 failed, 1 skipped"


def test_no_test_at_all_is_a_failure(tmp_path):
    assert summary(tmp_path) == (1, ["0 passed, 0 failed, 0 skipped"])
