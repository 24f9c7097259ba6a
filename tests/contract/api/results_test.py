"""Results of asset scans, and what becomes of findings: reconciled by what a scan saw."""

import gzip
import json
import pathlib
import subprocess

import pytest
from machines import FAMILIES, SCANNED, Machine, day, names, package, shown
from support import objects

# --- results beside the asset scan -------------------------------------------------------------------------

RESULTS = {
    "sboms": {"packages": [{"name": "bash", "version": "5", "licenses": ["GPL"]}]},
    "vulnerabilities": {"vulnerabilities": [{"vulnerabilityName": "CVE-1", "severity": "LOW"}]},
    "malware": {"malware": [{"malwareName": "m"}], "metadata": [{"scannerName": "s", "scannerSummary": {"KnownViruses": 3}}]},
    "rootkits": {"rootkits": [{"rootkitName": "r", "rootkitType": "KERNEL"}]},
    "secrets": {"secrets": [{"fingerprint": "f", "startLine": 1}]},
    "misconfigurations": {"scanners": ["lynis"], "misconfigurations": [{"testID": "t"}]},
    "exploits": {"exploits": [{"cveID": "CVE-1", "urls": []}]},
    "infoFinder": {"scanners": ["x"], "infos": [{"type": "UNKNOWN", "data": "d"}]},
}  # fmt: skip


@pytest.mark.parametrize("member", RESULTS)
def test_results_are_in_an_item_and_not_in_a_list(api, member):
    made = api.create("assetScans", objects.asset_scan("a") | RESULTS)
    this = f"id eq '{made['id']}'"
    assert shown(api.item("assetScans", made["id"])[member]) == RESULTS[member]
    assert member not in api.list("assetScans", filter=this)[0]
    assert (
        shown(api.list("assetScans", filter=this, select=f"id,{member}")[0][member])
        == RESULTS[member]
    )
    assert shown(api.item("assetScans", made["id"], select=member)) == {member: RESULTS[member]}
    # They stay through patches of other members, and are replaced and cleared like any.
    path = f"/assetScans/{made['id']}"
    api.patch(path, {"findingsProcessed": True}).expect(200)
    assert shown(api.get(path).json[member]) == RESULTS[member]
    for other in RESULTS:
        assert shown(api.get(path).json[other]) == RESULTS[other]
    api.patch(path, {member: None}).expect(200)
    assert member not in shown(api.get(path).json)
    api.patch(path, {member: RESULTS[member]}).expect(200)
    assert shown(api.get(path).json[member]) == RESULTS[member]
    api.put(path, objects.asset_scan("a")).expect(200)
    assert member not in shown(api.get(path).json)


def test_results_go_with_their_asset_scan(api):
    made = api.create("assetScans", objects.asset_scan("a") | RESULTS)
    api.delete(f"/assetScans/{made['id']}").expect(200)
    api.get(f"/assetScans/{made['id']}").expect(404)
    api.get(f"/assetScans/{made['id']}/results/sbom").expect(404)


# --- the endpoint ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family, kind", FAMILIES.items())
def test_first_results(machine, family, kind):
    items = [objects.finding_info(kind) for _ in range(3)]
    summary, scan = machine.see(family, items, day(1))
    assert {k: summary[k] for k in ("added", "seenAgain", "invalidated", "kept", "active")} == {
        "added": 3, "seenAgain": 0, "invalidated": 0, "kept": 0, "active": 3,
    }  # fmt: skip
    found = machine.findings()
    assert len(found) == 3
    for finding in found:
        assert shown(finding["findingInfo"]) in items
        assert finding["asset"]["id"] == machine.asset
        assert finding["foundBy"]["id"] == scan
        assert objects.instant(finding["foundOn"]) == objects.instant(day(1))
        assert objects.instant(finding["lastSeen"]) == objects.instant(day(1))
        assert finding.get("invalidatedOn") is None
        assert finding["key"]
    assert len({f["key"] for f in found}) == 3
    # The results can be read again.
    back = machine.api.get(f"/assetScans/{scan}/results/{family}").expect(200).json
    assert [shown(i["findingInfo"]) for i in back["items"]] == items
    assert objects.instant(back["observedOn"]) == objects.instant(day(1))


def total(summary, kind):
    name = {"Package": "totalPackages", "Vulnerability": None, "Malware": "totalMalware", "Rootkit": "totalRootkits",
            "Secret": "totalSecrets", "Misconfiguration": "totalMisconfigurations", "Exploit": "totalExploits",
            "InfoFinder": "totalInfoFinder"}[kind]  # fmt: skip
    if name:
        return summary.get(name, 0)
    return sum((summary.get("totalVulnerabilities") or {}).values())


@pytest.mark.parametrize("family, kind", FAMILIES.items())
def test_the_summary_follows(machine, family, kind):
    items = [objects.finding_info(kind) for _ in range(4)]
    machine.see(family, items, day(1))
    assert total(machine.summary(), kind) == 4
    machine.see(family, items[:1], day(2))
    assert total(machine.summary(), kind) == 1
    machine.see(family, [], day(3))
    assert total(machine.summary(), kind) == 0


def test_the_summary_tells_severities_apart(machine):
    severities = ["CRITICAL", "HIGH", "HIGH", "MEDIUM", "LOW", "NEGLIGIBLE", "NEGLIGIBLE"]
    machine.see(
        "vulnerabilities",
        [objects.finding_info("Vulnerability", severity=s) for s in severities],
        day(1),
    )
    assert machine.summary()["totalVulnerabilities"] == {
        "totalCriticalVulnerabilities": 1,
        "totalHighVulnerabilities": 2,
        "totalMediumVulnerabilities": 1,
        "totalLowVulnerabilities": 1,
        "totalNegligibleVulnerabilities": 2,
    }


def test_the_same_again_changes_nothing(machine):
    items = [package() for _ in range(20)]
    scan = machine.scan()
    machine.put(scan, "sbom", items, day(1)).expect(200)
    before, asset = machine.findings(), machine.api.item("assets", machine.asset)
    again = machine.put(scan, "sbom", items, day(1)).expect(200).json
    assert (again["added"], again["invalidated"], again["active"]) == (0, 0, 20)
    assert machine.findings() == before
    assert machine.api.item("assets", machine.asset)["summary"] == asset["summary"]
    # Also in another order, and after a part of it.
    machine.put(scan, "sbom", items[::-1], day(1)).expect(200)
    assert machine.findings() == before


def test_the_same_again_is_no_new_revision(machine):
    items = [package() for _ in range(20)]
    scan = machine.scan()
    machine.put(scan, "sbom", items, day(1), errors=["e"]).expect(200)
    item = machine.api.item("assetScans", scan)
    asset = machine.api.item("assets", machine.asset)
    assert item["status"]["sbom"]["state"] == "Done" and item["status"]["sbom"]["errors"] == ["e"]
    assert item["summary"]["totalPackages"] == 20 and item["revision"] == 2
    machine.put(scan, "sbom", items, day(1), errors=["e"]).expect(200)
    assert machine.api.item("assetScans", scan) == item
    assert machine.api.item("assets", machine.asset) == asset
    machine.put(scan, "sbom", items[1:], day(1)).expect(200)
    assert machine.api.item("assetScans", scan)["revision"] == 3


def test_errors_name_the_item(machine):
    items = [package() for _ in range(3)] + [{"objectType": "Package", "name": 5}]
    error = machine.put(machine.scan(), "sbom", items, day(1)).expect(400).json
    assert error["target"] == "/items/3/findingInfo/name"


def test_seen_again_vanished_and_back(machine):
    one, two, three = package(), package(), package()
    machine.see("sbom", [one, two], day(1))
    summary, _ = machine.see("sbom", [two, three], day(2))
    assert (summary["added"], summary["seenAgain"], summary["invalidated"], summary["active"]) == (
        1,
        1,
        1,
        2,
    )
    found = {f["findingInfo"]["name"]: f for f in machine.findings()}
    assert objects.instant(found[one["name"]]["invalidatedOn"]) == objects.instant(day(2))
    assert objects.instant(found[two["name"]]["foundOn"]) == objects.instant(day(1))
    assert objects.instant(found[two["name"]]["lastSeen"]) == objects.instant(day(2))
    assert found[two["name"]].get("invalidatedOn") is None
    # What comes back is a new finding; the old one stays history.
    machine.see("sbom", [one, two, three], day(3))
    rows = machine.findings(f"findingInfo/name eq '{one['name']}'")
    assert [objects.instant(r["foundOn"]) for r in rows] == [
        objects.instant(day(1)),
        objects.instant(day(3)),
    ]
    assert rows[0]["invalidatedOn"] and rows[1].get("invalidatedOn") is None


def test_another_version_is_another_finding(machine):
    name = objects.name("p")
    machine.see("sbom", [package(name, "1.0")], day(1))
    machine.see("sbom", [package(name, "1.1")], day(2))
    rows = machine.findings(orderby="foundOn")
    assert [(r["findingInfo"]["version"], r.get("invalidatedOn") is None) for r in rows] == [
        ("1.0", False),
        ("1.1", True),
    ]


# What is said of the same thing may change: the finding stays, with what the newest scan says.
def test_details_follow_the_newest_scan(machine):
    info = objects.finding_info("Vulnerability", severity="LOW")
    machine.see("vulnerabilities", [info], day(1))
    first = machine.findings()[0]
    machine.see("vulnerabilities", [info | {"severity": "CRITICAL"}], day(2))
    (now,) = machine.findings()
    assert now["id"] == first["id"]
    assert now["findingInfo"]["severity"] == "CRITICAL"
    assert machine.summary()["totalVulnerabilities"]["totalCriticalVulnerabilities"] == 1
    assert machine.summary()["totalVulnerabilities"].get("totalLowVulnerabilities", 0) == 0


def test_duplicates_are_merged(machine):
    one = package()
    summary, _ = machine.see("sbom", [one, one, package(), one], day(1))
    assert summary["added"] == 2 and summary["active"] == 2
    assert len(machine.findings()) == 2


def test_families_do_not_touch_each_other(machine):
    machine.see("sbom", [package()], day(1))
    machine.see("secrets", [objects.finding_info("Secret")], day(1))
    machine.see("secrets", [], day(2))
    assert machine.summary()["totalPackages"] == 1
    assert len(machine.findings("invalidatedOn eq null")) == 1


def test_assets_do_not_touch_each_other(api, machine):
    other = Machine(api)
    one = package()
    machine.see("sbom", [one], day(1))
    other.see("sbom", [one], day(1))
    machine.see("sbom", [], day(2))
    assert other.findings()[0].get("invalidatedOn") is None
    assert other.summary()["totalPackages"] == 1


# --- coverage ------------------------------------------------------------------------------------------------

COVERAGE = {
    # coverage of the second scan, which sees nothing -> whether the finding is invalidated
    "scanned": ([{"state": "scanned"}], True),
    "nothing-said": ([], False),
    "failed": ([{"state": "failed", "reason": "r"}], False),
    "truncated": ([{"state": "truncated"}], False),
    "unsupported": ([{"state": "unsupported"}], False),
    "skipped": ([{"state": "skipped"}], False),
    "scanned-with-family": ([{"family": "sbom", "state": "scanned"}], True),
    "scanned-of-another-family": ([{"family": "secrets", "state": "scanned"}], False),
    "its-scanner": ([{"scanner": "one", "state": "scanned"}], True),
    "another-scanner": ([{"scanner": "two", "state": "scanned"}], False),
    "its-scanner-failed": ([{"scanner": "one", "state": "failed"}, {"scanner": "two", "state": "scanned"}], False),
    "its-place": ([{"location": "partition 2", "state": "scanned"}], True),
    "another-place": ([{"location": "partition 1", "state": "scanned"}], False),
    "its-place-failed": (
        [{"location": "partition 1", "state": "scanned"}, {"location": "partition 2", "state": "failed"}], False,
    ),
    "scanned-but-its-place-truncated": (
        [{"state": "scanned"}, {"location": "partition 2", "state": "truncated"}], False,
    ),
    "its-scanner-at-its-place": ([{"scanner": "one", "location": "partition 2", "state": "scanned"}], True),
    "its-scanner-elsewhere": ([{"scanner": "one", "location": "partition 1", "state": "scanned"}], False),
}  # fmt: skip


@pytest.mark.parametrize("coverage, vanishes", COVERAGE.values(), ids=COVERAGE.keys())
def test_only_what_was_looked_at_can_vanish(machine, coverage, vanishes):
    item = {"findingInfo": package(), "scanner": "one", "location": "partition 2"}
    machine.see("sbom", [item], day(1))
    summary, _ = machine.see("sbom", [], day(2), coverage)
    (found,) = machine.findings()
    assert found["scanner"] == "one" and found["location"] == "partition 2"
    assert (found.get("invalidatedOn") is not None) == vanishes
    assert (summary["invalidated"], summary["kept"]) == ((1, 0) if vanishes else (0, 1))
    assert objects.instant(found["lastSeen"]) == objects.instant(day(1))
    assert machine.summary()["totalPackages"] == (0 if vanishes else 1)


def test_coverage_is_kept_with_the_asset_scan(machine):
    coverage = [
        {
            "family": "sbom",
            "scope": "partition",
            "location": "partition 2",
            "state": "failed",
            "reason": "damaged",
        }
    ]
    _, scan = machine.see("sbom", [], day(1), coverage)
    item = machine.api.item("assetScans", scan)
    assert item["coverageComplete"] is False
    assert coverage[0].items() <= item["coverage"][0].items()
    _, scan = machine.see("sbom", [], day(2))
    assert machine.api.item("assetScans", scan)["coverageComplete"] is True


# --- history -----------------------------------------------------------------------------------------------


def test_what_each_scan_saw(machine):
    """foundBy/id answers by the time that a finding was valid, not by a row for each sighting."""
    one, two, three = package(), package(), package()
    seen = {}
    for number, items in enumerate(([one], [one, two], [two, three], []), start=1):
        scan = machine.scan(with_scan=True)
        machine.put(scan, "sbom", items, day(number)).expect(200)
        seen[scan] = sorted(i["name"] for i in items)
    for scan, expected in seen.items():
        assert names(machine.api.list("findings", filter=f"foundBy/id eq '{scan}'")) == expected
        whole = machine.api.item("assetScans", scan)["scan"]["id"]
        assert (
            names(machine.api.list("findings", filter=f"foundBy/scan/id eq '{whole}'")) == expected
        )
        count = machine.api.count(
            "findings", filter=f"foundBy/id eq '{scan}' and findingInfo/objectType eq 'Package'"
        )
        assert count == len(expected)
    assert machine.api.count("findings", filter="foundBy/id eq 'none'") == 0


def test_a_scan_that_arrives_late_is_history(machine):
    old, both, new = package(), package(), package()
    machine.see("sbom", [both, new], day(10))
    summary, late = machine.see("sbom", [old, both], day(5))
    assert summary["invalidated"] == 0
    rows = {f["findingInfo"]["name"]: f for f in machine.findings()}
    assert objects.instant(rows[old["name"]]["foundOn"]) == objects.instant(day(5))
    assert objects.instant(rows[old["name"]]["invalidatedOn"]) == objects.instant(day(10))
    assert rows[new["name"]].get("invalidatedOn") is None
    assert names(machine.findings("invalidatedOn eq null")) == sorted([both["name"], new["name"]])
    assert machine.summary()["totalPackages"] == 2
    assert old["name"] in names(machine.api.list("findings", filter=f"foundBy/id eq '{late}'"))


# --- bad input ---------------------------------------------------------------------------------------------

BAD = {
    "no-items": lambda b: b.pop("items"),
    "no-coverage": lambda b: b.pop("coverage"),
    "no-time": lambda b: b.pop("observedOn"),
    "bad-time": lambda b: b.update(observedOn="now"),
    "items-no-list": lambda b: b.update(items={}),
    "item-without-info": lambda b: b["items"].append({}),
    "other-type": lambda b: b["items"].append({"findingInfo": objects.finding_info("Secret")}),
    "unknown-type": lambda b: b["items"].append({"findingInfo": {"objectType": "Toaster"}}),
    "wrong-kind": lambda b: b["items"].append(
        {"findingInfo": {"objectType": "Package", "name": 5}}
    ),
    "without-key": lambda b: b["items"].append({"findingInfo": {"objectType": "Package"}}),
    "bad-coverage": lambda b: b["coverage"].append({"state": "perhaps"}),
    "coverage-without-state": lambda b: b["coverage"].append({}),
}


@pytest.mark.parametrize("change", BAD.values(), ids=BAD.keys())
def test_bad_results_store_nothing(machine, change):
    body = {
        "observedOn": day(1),
        "coverage": list(SCANNED),
        "items": [{"findingInfo": package()} for _ in range(500)],
    }
    change(body)
    scan = machine.scan()
    error = machine.api.put(f"/assetScans/{scan}/results/sbom", body).expect(400).json
    assert error["message"]
    assert machine.findings() == []
    assert not shown(machine.api.item("assetScans", scan)).get("sboms")


@pytest.mark.parametrize("cut", [0.3, 0.999])
def test_cut_results_store_nothing(machine, cut):
    body = json.dumps(
        {
            "observedOn": day(1),
            "coverage": SCANNED,
            "items": [{"findingInfo": package()} for _ in range(500)],
        }
    )
    scan = machine.scan()
    machine.api.put(f"/assetScans/{scan}/results/sbom", body[: int(len(body) * cut)]).expect(400)
    packed = gzip.compress(body.encode())
    machine.api.put(
        f"/assetScans/{scan}/results/sbom",
        packed[: int(len(packed) * cut)],
        {"Content-Encoding": "gzip"},
    ).expect(400)
    assert machine.findings() == []


def test_where_there_is_nothing_to_store_to(api, machine):
    body = {"observedOn": day(1), "coverage": SCANNED, "items": []}
    api.put("/assetScans/none/results/sbom", body).expect(404)
    api.put(f"/assetScans/{machine.scan()}/results/nothing", body).expect(400, 404)
    api.get(f"/assetScans/{machine.scan()}/results/sbom").expect(404)
    api.post(f"/assetScans/{machine.scan()}/results/sbom", body).expect(405)
    without = api.create("assetScans", objects.asset_scan())
    api.put(f"/assetScans/{without['id']}/results/sbom", body).expect(400)


# --- size --------------------------------------------------------------------------------------------------


def anonymous_memory(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no RssAnon")


@pytest.mark.parametrize("encoding", ["identity", "gzip", "zstd"])
def test_a_large_upload_takes_little_memory(server, machine, encoding):
    """50 MB of packages."""
    infos = [package(f"{objects.name('large')}-{n}", cpes=["c" * 400] * 5) for n in range(20_000)]
    plain = json.dumps(
        {"observedOn": day(1), "coverage": SCANNED, "items": [{"findingInfo": i} for i in infos]}
    ).encode()
    assert len(plain) > 40 << 20
    body = {
        "identity": lambda: plain,
        "gzip": lambda: gzip.compress(plain, 1),
        "zstd": lambda: (
            subprocess.run(
                ["zstd", "-q", "-c"], input=plain, stdout=subprocess.PIPE, check=True
            ).stdout
        ),
    }[encoding]()
    scan = machine.scan()
    summary = (
        machine.api.put(f"/assetScans/{scan}/results/sbom", body, {"Content-Encoding": encoding})
        .expect(200)
        .json
    )
    assert summary["added"] == 20_000
    assert machine.summary()["totalPackages"] == 20_000
    assert anonymous_memory(server.process.pid) < 300 << 20
