#!/usr/bin/env python3
"""summarize_tests.py RESULTS_DIR

Adds up what script/test left in a folder: ctest-*/ctest.xml with the GoogleTest reports of its programs
in ctest-*/gtest/, and pytest-*.xml. The last line it prints is "N passed, N failed, N skipped".
GoogleTest programs count by their cases; a program that failed without a failing case (a crash, a
time-out) counts as one failure. Exit status 1 if something failed or nothing ran.
"""

import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def outcomes_of(suite):
    """(name, outcome, message) of each case in a JUnit or GoogleTest report."""
    for case in ElementTree.parse(suite).getroot().iter("testcase"):
        name = f"{case.get('classname', '')}.{case.get('name')}"
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            yield name, "failed", ""
        elif skipped is not None:
            yield name, "skipped", (skipped.get("message") or "").strip()
        elif case.get("status") in ("notrun", "disabled"):
            yield name, "skipped", case.get("status")
        else:
            yield name, "passed", ""


def ctest_outcomes(folder):
    """Those of one ctest run, with a program's own cases in place of the program."""
    for name, outcome, message in outcomes_of(folder / "ctest.xml"):
        program = name.rpartition(".")[2]
        report = folder / "gtest" / f"{program}.xml"
        cases = list(outcomes_of(report)) if report.is_file() else []
        yield from cases
        if outcome == "failed" and all(case[1] != "failed" for case in cases):
            yield name, "failed", ""
        elif not cases:
            yield name, outcome, message


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    results = pathlib.Path(sys.argv[1])
    outcomes = []
    for folder in sorted(results.glob("ctest-*")):
        if (folder / "ctest.xml").is_file():
            outcomes += ctest_outcomes(folder)
    for report in sorted(results.glob("pytest-*.xml")):
        outcomes += outcomes_of(report)

    count = {"passed": 0, "failed": 0, "skipped": 0}
    for name, outcome, message in outcomes:
        count[outcome] += 1
        if outcome == "skipped":
            print(f"skipped: {name}: {message}")
        elif outcome == "failed":
            print(f"failed: {name}")
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    return 1 if count["failed"] or not count["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
