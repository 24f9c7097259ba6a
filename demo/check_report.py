#!/usr/bin/env python3
"""check_report.py REPORT.json EXPECTED.json

Says whether a JSON report of `vmsecurity scan` on the demo disk is complete and holds what the demo
plants: the packages, exactly the expected vulnerabilities with their fixed versions, and the matches
that a distribution's record overrules. Exit status 0 or 1.
"""

import json
import sys


def missing_packages(report, expected):
    for kind, wanted in expected["packages"].items():
        found = [p for p in report["packages"] if p["type"] == kind]
        if len(found) < wanted["atLeast"]:
            yield f"{len(found)} packages of type {kind}, expected at least {wanted['atLeast']}"
        for want in wanted["present"]:
            if not any(is_package(p, want) for p in found):
                yield f"package {kind} {json.dumps(want)} is not in the report"


def is_package(package, want):
    return (
        package["name"] == want["name"]
        and want.get("version", package["version"]) == package["version"]
        and ("source" not in want or package["source"]["name"] == want["source"])
        and ("ownedBy" not in want or want["ownedBy"] in json.dumps(package.get("owner") or ""))
    )


def is_match(match, want):
    package = match["package"]
    return (
        want["id"] in [match["id"], *match["aliases"]]
        and package["name"].lower() == want["package"].lower()
        and want.get("version", package["version"]) == package["version"]
    )


def wrong_vulnerabilities(report, expected):
    unexplained = list(report["vulnerabilities"])
    for want in expected["vulnerabilities"]:
        label = f"{want['id']} in {want['package']}"
        found = [v for v in report["vulnerabilities"] if is_match(v, want)]
        if len(found) != 1:
            yield f"{label}: reported {len(found)} times, expected once"
            continue
        unexplained.remove(found[0])
        if found[0]["fix"]["versions"] != want["fixed"]:
            yield f"{label}: fixed in {found[0]['fix']['versions']}, expected {want['fixed']}"
        if want.get("severity", found[0]["severity"]) != found[0]["severity"]:
            yield f"{label}: severity {found[0]['severity']}, expected {want['severity']}"
        if not found[0]["evidence"]:
            yield f"{label}: no evidence"
    if expected["nothingElse"]:
        for extra in unexplained:
            yield f"{extra['id']} in {extra['package']['name']} {extra['package']['version']}: unexpected"


def wrong_suppressions(report, expected):
    for want in expected["suppressed"]:
        found = [v for v in report["suppressed"] if is_match(v, want)]
        if len(found) != 1:
            yield f"suppressed {want['id']} in {want['package']}: {len(found)} times, expected once"
        elif not found[0]["suppressedBy"]:
            yield f"suppressed {want['id']} in {want['package']}: no reason given"


def problems(report, expected):
    if not report["complete"]:
        yield "the scan says that it was not complete"
    for entry in report["coverage"]:
        if entry["state"] not in ("scanned", "skipped"):
            yield f"coverage: {entry['scope']} {entry['name']} {entry['state']}: {entry.get('reason')}"
    os = report.get("operatingSystem") or {}
    for key, value in expected["operatingSystem"].items():
        if os.get(key) != value:
            yield f"operating system: {key} is {os.get(key)!r}, expected {value!r}"
    yield from missing_packages(report, expected)
    yield from wrong_vulnerabilities(report, expected)
    yield from wrong_suppressions(report, expected)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1]) as report_file, open(sys.argv[2]) as expected_file:
        report, expected = json.load(report_file), json.load(expected_file)
    found = list(problems(report, expected))
    for problem in found:
        print(f"demo: {problem}", file=sys.stderr)
    if found:
        sys.exit(1)
    print(
        f"demo: complete; {len(report['packages'])} packages, the "
        f"{len(expected['vulnerabilities'])} planted vulnerabilities with their fixed versions, and "
        f"{len(expected['suppressed'])} that Debian's own records overrule"
    )


if __name__ == "__main__":
    main()
