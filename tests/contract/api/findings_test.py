"""Results of asset scans, and what becomes of findings: reconciled, counted, suppressed, exported."""

import csv
import datetime
import gzip
import io
import json
import pathlib
import subprocess
import threading

import pytest
from support import objects, rest, waiting

FAMILIES = {
    "sbom": "Package",
    "vulnerabilities": "Vulnerability",
    "malware": "Malware",
    "rootkits": "Rootkit",
    "secrets": "Secret",
    "misconfigurations": "Misconfiguration",
    "exploits": "Exploit",
    "infoFinder": "InfoFinder",
}
DAY = datetime.timedelta(days=1)
SCANNED = [{"state": "scanned"}]


def day(number):
    """The time of the asset's n-th scan."""
    return objects.time("2024-01-01T12:00:00Z", DAY * number)


class Machine:
    """An asset, and scans of it."""

    def __init__(self, api, **info):
        self.api = api
        self.location = info.setdefault("location", objects.name("region"))
        self.asset = api.create("assets", objects.asset(objects.vm_info(**info)))["id"]

    def scan(self, with_scan=False):
        scan = self.api.create("scans", objects.scan())["id"] if with_scan else None
        made = self.api.create("assetScans", objects.asset_scan(self.asset, scan))
        return made["id"]

    def put(self, scan, family, items, when, coverage=SCANNED, **more):
        body = {
            "observedOn": when,
            "coverage": coverage,
            "items": [as_item(i) for i in items],
        } | more
        return self.api.put(f"/assetScans/{scan}/results/{family}", body)

    def see(self, family, items, when, coverage=SCANNED, **more):
        """The summary of one family's results of a new asset scan, and that scan's id."""
        scan = self.scan()
        return self.put(scan, family, items, when, coverage, **more).expect(200).json, scan

    def findings(self, more="true", **options):
        these = f"asset/id eq '{self.asset}' and ({more})"
        return self.api.list("findings", filter=these, **{"orderby": "foundOn,key"} | options)

    def summary(self):
        return self.api.item("assets", self.asset).get("summary", {})


def as_item(item):
    return item if "findingInfo" in item else {"findingInfo": item}


def package(name=None, version="1.0", **over):
    name = name or objects.name("p")
    return objects.finding_info(
        "Package", name=name, version=version, purl=f"pkg:deb/debian/{name}@{version}", **over
    )


def names(findings):
    return sorted(f["findingInfo"]["name"] for f in findings)


@pytest.fixture
def machine(api):
    return Machine(api)


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


def shown(value):
    if isinstance(value, dict):
        return {k: shown(v) for k, v in value.items() if v is not None}
    return [shown(v) for v in value] if isinstance(value, list) else value


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


# --- counts --------------------------------------------------------------------------------------------------


def counted(api):
    """Active findings by type, from the maintained counts and from the findings themselves."""
    text = "groupby((findingType),aggregate(added with sum as a,invalidated with sum as i))"
    kept = {
        row["findingType"]: row["a"] - row["i"] for row in api.list("findingCounts", apply=text)
    }
    recount = {}
    for kind in objects.FINDING_TYPES:
        recount[kind] = api.count(
            "findings", filter=f"findingInfo/objectType eq '{kind}' and invalidatedOn eq null"
        )
    return {k: v for k, v in kept.items() if v}, {k: v for k, v in recount.items() if v}


def make_history(api):
    machines = [Machine(api) for _ in range(3)]
    shared = [objects.finding_info(kind) for kind in FAMILIES.values()]
    for number, machine in enumerate(machines):
        for family, kind in FAMILIES.items():
            own = [objects.finding_info(kind) for _ in range(number + 1)]
            common = [i for i in shared if i["objectType"] == kind]
            machine.see(family, own + common, day(1))
            machine.see(family, own[1:] + common, day(2))
            machine.see(family, own + common, day(3))
    machines[0].see("sbom", [], day(4))
    return machines, shared


def test_counts_are_what_a_recount_finds(api):
    make_history(api)
    kept, recount = counted(api)
    assert kept == recount
    # Also after findings are changed one by one, as 0.6 clients do it.
    machine = Machine(api)
    made = api.create("findings", objects.finding(machine.asset))
    assert counted(api)[0] == counted(api)[1]
    api.patch(f"/findings/{made['id']}", {"invalidatedOn": day(5)}).expect(200)
    assert counted(api)[0] == counted(api)[1]
    api.patch(f"/findings/{made['id']}", {"invalidatedOn": None}).expect(200)
    assert counted(api)[0] == counted(api)[1]
    api.put(
        f"/findings/{made['id']}",
        objects.finding(machine.asset, info=objects.finding_info("Secret")),
    ).expect(200)
    assert counted(api)[0] == counted(api)[1]
    api.delete(f"/findings/{made['id']}").expect(200)
    assert counted(api)[0] == counted(api)[1]
    api.delete(f"/assets/{machine.asset}").expect(200)
    assert counted(api)[0] == counted(api)[1]


@pytest.mark.parametrize("hours_later", [0, 30, 1000])
def test_counts_give_trends(api, hours_later):
    make_history(api)
    moment = objects.time(
        day(1).replace(":00:00Z", ":59:59.999Z"), datetime.timedelta(hours=hours_later)
    )
    hour = moment[:14] + "00:00Z"
    text = f"filter(hour le {hour})/groupby((findingType),aggregate(added with sum as a,invalidated with sum as i))"
    kept = {r["findingType"]: r["a"] - r["i"] for r in api.list("findingCounts", apply=text)}
    for kind in FAMILIES.values():
        valid = f"findingInfo/objectType eq '{kind}' and foundOn le {moment} and (invalidatedOn eq null or invalidatedOn gt {moment})"
        assert kept.get(kind, 0) == api.count("findings", filter=valid), kind


def test_impacts_are_what_a_recount_finds(api):
    machines, shared = make_history(api)
    for info in shared:
        kind = info["objectType"]
        rows = api.list("findingImpacts", filter=f"findingType eq '{kind}' and affectedAssets ge 2")
        (row,) = [r for r in rows if shown(r["findingInfo"]) == info]
        expected = 2 if kind == "Package" else 3  # the first machine no longer has packages
        assert row["affectedAssets"] == expected
        # An impact counts the same fact wherever it is, so its key is not that of its findings.
        valid = api.list(
            "findings", filter=f"findingInfo/objectType eq '{kind}' and invalidatedOn eq null"
        )
        recount = {f["asset"]["id"] for f in valid if shown(f["findingInfo"]) == info}
        assert len(recount) == expected
    # A terminated asset counts no longer, until it is back.
    api.patch(f"/assets/{machines[2].asset}", {"terminatedOn": day(5)}).expect(200)
    secret = next(i for i in shared if i["objectType"] == "Secret")
    assert impact(api, secret) == 2
    api.patch(f"/assets/{machines[2].asset}", {"terminatedOn": None}).expect(200)
    assert impact(api, secret) == 3
    api.delete(f"/assets/{machines[2].asset}").expect(200)
    assert impact(api, secret) == 2


def impact(api, info):
    rows = api.list("findingImpacts", filter=f"findingType eq '{info['objectType']}'")
    return sum(r["affectedAssets"] for r in rows if shown(r["findingInfo"]) == info)


def test_impacts_are_ordered_by_gravity(api):
    make_history(api)
    rows = api.list(
        "findingImpacts",
        filter="findingType eq 'Vulnerability'",
        orderby="severity desc,affectedAssets desc",
        top=5,
    )
    assert len(rows) == 5
    gravity = ["NEGLIGIBLE", "LOW", "MEDIUM", "HIGH", "CRITICAL"]
    order = [(-gravity.index(r["severity"]), -r["affectedAssets"]) for r in rows]
    assert order == sorted(order)


@pytest.mark.parametrize(
    "collection", ["findingCounts", "findingImpacts", "assetFindings", "auditEvents"]
)
def test_views_are_read_only(api, collection):
    api.post(f"/{collection}", {}).expect(405)


def test_asset_findings(machine):
    machine.see("sbom", [package(), package()], day(1))
    machine.see("sbom", [], day(2))
    rows = machine.api.list(
        "assetFindings", filter=f"asset/id eq '{machine.asset}'", expand="finding"
    )
    assert len(rows) == 2
    found = {f["id"]: f for f in machine.findings()}
    for row in rows:
        finding = found[row["finding"]["id"]]
        assert row["firstSeen"] == finding["foundOn"]
        assert row["lastSeen"] == finding["lastSeen"]
        assert row["invalidatedOn"] == finding["invalidatedOn"]
        assert row["finding"]["findingInfo"] == finding["findingInfo"]


# --- findings written one by one, as 0.6 clients do ---------------------------------------------------------


def test_the_old_way_of_writing_findings(api, machine):
    scan = machine.scan()
    made = [
        api.create("findings", objects.finding(machine.asset, scan, info=package(), foundOn=day(1)))
        for _ in range(3)
    ]
    assert len(machine.findings("invalidatedOn eq null")) == 3
    assert {f["id"] for f in api.list("findings", filter=f"foundBy/id eq '{scan}'")} == {
        m["id"] for m in made
    }
    # A re-run patches what it finds, with the whole finding.
    api.patch(
        f"/findings/{made[0]['id']}",
        objects.finding(machine.asset, scan, info=made[0]["findingInfo"], foundOn=day(2)),
    ).expect(200)
    # The invalidation sends the whole finding too.
    whole = api.item("findings", made[1]["id"]) | {"invalidatedOn": day(3)}
    api.patch(f"/findings/{made[1]['id']}", whole).expect(200)
    assert len(machine.findings("invalidatedOn eq null")) == 2


def test_both_ways_meet(api, machine):
    """Findings of the old way are known to the new one: seen again, or gone."""
    one, two = package(), package()
    for info in (one, two):
        api.create(
            "findings", objects.finding(machine.asset, machine.scan(), info=info, foundOn=day(1))
        )
    summary, _ = machine.see("sbom", [one], day(2))
    assert (summary["added"], summary["seenAgain"], summary["invalidated"]) == (0, 1, 1)
    assert names(machine.findings("invalidatedOn eq null")) == [one["name"]]


# --- exports ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def exported(api):
    machine = Machine(api)
    nasty = [
        'comma, "quote"',
        "line\nbreak",
        "=1+1",
        "-2",
        "@x",
        "ünïcödé",
        "'",
        "plain",
        "a;b",
        "\ttab",
    ]
    machine.see("sbom", [package(objects.name() + text, version=text) for text in nasty], day(1))
    machine.nasty = sorted(nasty)
    machine.these = f"asset/id eq '{machine.asset}'"
    return machine


def test_ndjson(api, exported):
    answer = api.get(
        "/export/findings", filter=exported.these, orderby="findingInfo/version"
    ).expect(200)
    assert answer.headers["Content-Type"].startswith("application/x-ndjson")
    lines = answer.text.splitlines() if "\u2028" not in answer.text else answer.text.split("\n")
    rows = [json.loads(line) for line in lines if line]
    assert rows == api.list("findings", filter=exported.these, orderby="findingInfo/version")
    assert sorted(r["findingInfo"]["version"] for r in rows) == exported.nasty


def test_ndjson_with_select_and_expand(api, exported):
    options = {
        "filter": exported.these,
        "select": "id,asset",
        "expand": "asset($select=assetInfo/location)",
    }
    answer = api.get("/export/findings", **options, **{"@format": "ndjson"}).expect(200)
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert len(rows) == len(exported.nasty)
    assert all(row["asset"]["assetInfo"]["location"] == exported.location for row in rows)


def test_csv(api, exported):
    options = {
        "filter": exported.these,
        "select": "id,findingInfo/version,foundOn",
        "orderby": "findingInfo/version",
    }
    answer = api.get("/export/findings", **options, **{"@format": "csv"}).expect(200)
    assert answer.headers["Content-Type"].startswith("text/csv")
    header, *rows = csv.reader(io.StringIO(answer.text, newline=""))
    assert len(header) == 3 and "id" in header
    column = next(i for i, h in enumerate(header) if h.replace(".", "/").endswith("version"))
    assert len(rows) == len(exported.nasty)
    # A spreadsheet must not take a value for a formula: such a one may carry a ' before it.
    assert sorted(unprotected(r[column]) for r in rows) == exported.nasty
    for row in rows:
        assert not row[column].startswith(("=", "@")), row


def unprotected(text):
    return text[1:] if len(text) > 1 and text[0] == "'" and text[1] in "=+-@\t" else text


def test_csv_without_select(api, exported):
    answer = api.get("/export/findings", filter=exported.these, **{"@format": "csv"}).expect(200)
    header, *rows = csv.reader(io.StringIO(answer.text, newline=""))
    assert len(rows) == len(exported.nasty)
    assert all(len(row) == len(header) for row in rows)


@pytest.mark.parametrize(
    "path, options, status",
    [
        ("/export/nothing", {}, 404),
        ("/export/findings", {"@format": "xml"}, 400),
        ("/export/findings", {"filter": "nosuch eq 1"}, 400),
        ("/export/findings", {"filter": "("}, 400),
        ("/export/assets", {"orderby": "nosuch"}, 400),
        ("/export/assets", {"filter": "id eq 'none'"}, 200),
    ],
)
def test_exports_that_are_refused(api, path, options, status):
    api.get(path, **options).expect(status)


@pytest.mark.parametrize(
    "collection", [*objects.COLLECTIONS, "suppressions", "assetFindings", "findingCounts"]
)
def test_every_collection_can_be_exported(api, collection):
    for form in ("ndjson", "csv"):
        api.get(f"/export/{collection}", **{"@format": form}).expect(200)


# --- suppressions ------------------------------------------------------------------------------------------


def suppressed(machine):
    return names(machine.findings("suppressedBy/id ne null"))


def test_suppression_by_filter(api, machine):
    one, two = package(), package()
    machine.see("sbom", [one, two], day(1))
    made = api.create(
        "suppressions", {"filter": f"findingInfo/name eq '{one['name']}'", "reason": "accepted"}
    )
    assert made["createdOn"]
    waiting.until(lambda: suppressed(machine) == [one["name"]], "the finding is suppressed")
    (finding,) = machine.findings("suppressedBy/id ne null", expand="suppressedBy")
    assert finding["suppressedBy"]["reason"] == "accepted"
    # A finding that comes later is suppressed like those that were there.
    other = Machine(api)
    other.see("sbom", [one, two], day(1))
    waiting.until(lambda: suppressed(other) == [one["name"]], "the later finding is suppressed")
    api.delete(f"/suppressions/{made['id']}").expect(200)
    waiting.until(lambda: suppressed(machine) == suppressed(other) == [], "it counts again")


def test_suppression_by_key(api, machine):
    one, two = package(), package()
    machine.see("sbom", [one, two], day(1))
    other = Machine(api)
    other.see("sbom", [one], day(1))
    key = machine.findings(f"findingInfo/name eq '{one['name']}'")[0]["key"]
    api.create("suppressions", {"findingKey": key, "asset": {"id": machine.asset}, "reason": "r"})
    waiting.until(lambda: suppressed(machine) == [one["name"]], "the finding is suppressed")
    assert suppressed(other) == []


def test_suppression_that_ends(api, machine):
    one = package()
    machine.see("sbom", [one], day(1))
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=2)
    body = {
        "filter": f"findingInfo/name eq '{one['name']}'",
        "reason": "for now",
        "expiresOn": soon.isoformat(),
    }
    api.create("suppressions", body)
    waiting.until(lambda: suppressed(machine) == [one["name"]], "the finding is suppressed", 1.9)
    waiting.until(lambda: suppressed(machine) == [], "the suppression is over", 90)


def test_suppressions_follow_their_changes(api, machine):
    one, two = package(), package()
    machine.see("sbom", [one, two], day(1))
    by_name = {name: f"findingInfo/name eq '{name}'" for name in (one["name"], two["name"])}
    first = api.create("suppressions", {"filter": by_name[one["name"]], "reason": "r"})
    path = f"/suppressions/{first['id']}"
    waiting.until(lambda: suppressed(machine) == [one["name"]], "the finding is suppressed")
    api.patch(path, {"filter": by_name[two["name"]]}).expect(200)
    waiting.until(lambda: suppressed(machine) == [two["name"]], "the other one is")
    # Another that matches too takes over where the first one ends.
    second = api.create("suppressions", {"filter": by_name[two["name"]], "reason": "s"})
    assert {f["suppressedBy"]["id"] for f in machine.findings("suppressedBy/id ne null")} == {
        first["id"]
    }
    api.patch(path, {"expiresOn": day(0)}).expect(200)
    waiting.until(
        lambda: {f["suppressedBy"]["id"] for f in machine.findings("suppressedBy/id ne null")}
        == {second["id"]},
        "the second one takes over",
    )
    api.delete(path).expect(200)
    assert suppressed(machine) == [two["name"]]
    api.delete(f"/suppressions/{second['id']}").expect(200)
    waiting.until(lambda: suppressed(machine) == [], "it counts again")


def test_suppressions_follow_what_findings_say(api, machine):
    name = objects.name("CVE")
    info = objects.finding_info("Vulnerability", vulnerabilityName=name, severity="LOW")
    body = {
        "filter": f"findingInfo/vulnerabilityName eq '{name}' and findingInfo/severity eq 'LOW'",
        "reason": "r",
    }
    made = api.create("suppressions", body)
    machine.see("vulnerabilities", [info], day(1))
    (finding,) = machine.findings("suppressedBy/id ne null")
    assert finding["suppressedBy"]["id"] == made["id"]
    machine.see("vulnerabilities", [info | {"severity": "CRITICAL"}], day(2))
    assert machine.findings("suppressedBy/id ne null") == []
    machine.see("vulnerabilities", [info], day(3))
    assert len(machine.findings("suppressedBy/id ne null")) == 1
    # Also where a client writes the finding itself.
    path = f"/findings/{finding['id']}"
    api.patch(path, {"findingInfo": {"severity": "HIGH"}}).expect(200)
    assert "suppressedBy" not in api.get(path).json
    api.patch(path, {"findingInfo": {"severity": "LOW"}}).expect(200)
    assert api.get(path).json["suppressedBy"] == {"id": made["id"]}
    api.delete(f"/suppressions/{made['id']}").expect(200)
    waiting.until(lambda: "suppressedBy" not in api.get(path).json, "it counts again")


@pytest.mark.parametrize(
    "body",
    [
        {"filter": "true"},
        {"filter": "true", "reason": ""},
        {"filter": "nosuch eq 1", "reason": "r"},
        {"filter": "(", "reason": "r"},
        {"reason": "r"},
        {"filter": "true", "reason": "r", "expiresOn": "soon"},
        {"filter": "true", "findingKey": "k", "reason": "r"},
    ],
    ids=str,
)
def test_suppressions_that_are_refused(api, body):
    api.post("/suppressions", body).expect(400)


# --- leases ------------------------------------------------------------------------------------------------


def take(api, name, holder, ttl=60, **more):
    return api.put(f"/leases/{name}", {"holder": holder, "ttlSeconds": ttl} | more)


def test_a_lease_has_one_holder(api):
    name = objects.name("lease")
    api.get(f"/leases/{name}").expect(404)
    first = take(api, name, "one").expect(200).json
    assert first["holder"] == "one" and first["fencing"] >= 1 and first["name"] == name
    assert objects.instant(first["expiresOn"]) > objects.instant(first["acquiredOn"])
    held = take(api, name, "two").expect(409).json
    assert held["lease"]["holder"] == "one" and "one" in held["message"]
    renewed = take(api, name, "one", fencing=first["fencing"]).expect(200).json
    assert renewed["fencing"] == first["fencing"]
    assert api.get(f"/leases/{name}").expect(200).json["holder"] == "one"
    take(api, name, "one", fencing=first["fencing"] + 1).expect(409, 412)
    api.delete(f"/leases/{name}?holder=two&fencing={first['fencing']}").expect(409)
    api.delete(f"/leases/{name}?holder=one&fencing={first['fencing']}").expect(200)
    second = take(api, name, "two").expect(200).json
    assert second["fencing"] > first["fencing"]


def test_a_lease_ends(api):
    name = objects.name("lease")
    first = take(api, name, "one", ttl=1).expect(200).json
    second = waiting.until(
        lambda: (answer := take(api, name, "two")).status == 200 and answer.json,
        "the lease is free",
        15,
    )
    assert second["fencing"] > first["fencing"]
    take(api, name, "one", fencing=first["fencing"]).expect(409, 412)


def test_writes_of_a_holder_that_lost_its_lease_are_refused(api):
    name = objects.name("lease")
    first = take(api, name, "one").expect(200).json
    mine = {"X-Lease": f"{name}/{first['fencing']}"}
    made = api.post("/scans", objects.scan(), mine).expect(201).json
    path = f"/scans/{made['id']}"
    api.patch(path, {"state": "Discovered"}, mine).expect(200)
    api.delete(f"/leases/{name}?holder=one&fencing={first['fencing']}").expect(200)
    take(api, name, "two").expect(200)
    before = api.get(path).json
    for answer in (
        api.post("/scans", objects.scan(name=name), mine),
        api.patch(path, {"state": "Failed"}, mine),
        api.put(path, objects.scan(), mine),
        api.delete(path, mine),
        api.put(
            "/assetScans/none/results/sbom",
            {"observedOn": day(1), "coverage": [], "items": []},
            mine,
        ),
    ):
        assert answer.expect(412, 404).json["message"]
    assert api.get(path).json == before
    assert api.list("scans", filter=f"name eq '{name}'") == []


@pytest.mark.parametrize("header", ["", "x", "/", "name/", "/1", "name/x", "name/-1", "none/1"])
def test_lease_headers_that_name_no_lease(api, header):
    api.post("/scans", objects.scan(), {"X-Lease": header}).expect(400, 412)


@pytest.mark.parametrize(
    "body", [{}, {"holder": "x"}, {"ttlSeconds": 5}, {"holder": "", "ttlSeconds": 5}, {"holder": "x", "ttlSeconds": 0},
             {"holder": "x", "ttlSeconds": 99999}], ids=str
)  # fmt: skip
def test_lease_requests_that_are_refused(api, body):
    api.put(f"/leases/{objects.name()}", body).expect(400)


def test_one_of_many_gets_a_lease(server):
    name, answers, gate = objects.name("lease"), [], threading.Barrier(16)

    def work(holder):
        client = server.client()
        gate.wait()
        answers.append(take(client, name, f"holder-{holder}"))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(a.status for a in answers) == [200] + [409] * 15


# --- the rest of the new things -------------------------------------------------------------------------------


def test_scope_preview(api):
    machine = Machine(api, tags=[{"key": "scope", "value": objects.name()}])
    value = machine.api.item("assets", machine.asset)["assetInfo"]["tags"][0]["value"]
    scope = f"assetInfo/tags/any(t: t/value eq '{value}')"
    answer = api.post("/scopePreview", {"scope": scope}).expect(200).json
    assert answer["count"] == 1 and answer["assets"][0]["id"] == machine.asset
    assert api.post("/scopePreview", {"scope": scope, "top": 0}).expect(200).json["assets"] == []
    api.patch(f"/assets/{machine.asset}", {"terminatedOn": day(1)}).expect(200)
    assert api.post("/scopePreview", {"scope": scope}).expect(200).json["count"] == 0
    api.post("/scopePreview", {"scope": ""}).expect(200)
    for bad in ({"scope": "("}, {"scope": "nosuch eq 1"}, {}):
        assert api.post("/scopePreview", bad).expect(400).json["message"]


def test_whoami_on_loopback(api):
    me = api.get("/whoami").expect(200).json
    assert me["kind"] == "Loopback" and me["role"] == "admin"


def test_retention(api):
    rules = api.get("/retention").expect(200).json
    changed = api.put("/retention", {"scansDays": 30, "resultsDays": None}).expect(200).json
    assert changed["scansDays"] == 30
    assert api.get("/retention").json["scansDays"] == 30
    api.put("/retention", {"scansDays": 0}).expect(400)
    api.put("/retention", {k: v for k, v in rules.items() if k != "lastRunOn"}).expect(200)


def test_names_of_assets(api):
    for info, member in (
        (objects.vm_info(), "instanceID"),
        (objects.pod_info(), "podName"),
        (objects.dir_info(), "dirName"),
        (objects.container_info(containerName=objects.name()), "containerName"),
        (objects.image_info(), "imageID"),
    ):
        made = api.create("assets", objects.asset(info))
        assert made["name"] == info[member]
        assert [a["id"] for a in api.list("assets", filter=f"name eq '{info[member]}'")] == [
            made["id"]
        ]


def test_merge_patch_of_findings(api, machine):
    made = api.create("findings", objects.finding(machine.asset, info=package()))
    path = f"/findings/{made['id']}"
    invalid = (
        api.patch(path, {"invalidatedOn": day(1)}, {"Content-Type": rest.MERGE_PATCH})
        .expect(200)
        .json
    )
    assert objects.instant(invalid["invalidatedOn"]) == objects.instant(day(1))
    back = api.patch(path, {"invalidatedOn": None}).expect(200).json
    assert back.get("invalidatedOn") is None and back["findingInfo"] == made["findingInfo"]
