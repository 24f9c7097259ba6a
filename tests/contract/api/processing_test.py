"""Asset scans as 0.6 clients write them: results as members, and findings once they are Done."""

import json

import pytest
from support import objects

FAMILIES = {
    "sbom": ("sboms", "packages", "Package", "totalPackages"),
    "vulnerabilities": ("vulnerabilities", "vulnerabilities", "Vulnerability", None),
    "malware": ("malware", "malware", "Malware", "totalMalware"),
    "rootkits": ("rootkits", "rootkits", "Rootkit", "totalRootkits"),
    "secrets": ("secrets", "secrets", "Secret", "totalSecrets"),
    "misconfigurations": (
        "misconfigurations",
        "misconfigurations",
        "Misconfiguration",
        "totalMisconfigurations",
    ),
    "exploits": ("exploits", "exploits", "Exploit", "totalExploits"),
    "infoFinder": ("infoFinder", "infos", "InfoFinder", "totalInfoFinder"),
}
DAY = objects.MINUTE * 60 * 24
SCANNED = [{"state": "scanned"}]


def day(number):
    return objects.time("2024-01-01T12:00:00Z", DAY * number)


def state(name, **more):
    return {"state": name, "lastTransitionTime": day(1)} | more


def done(when, *families, **more):
    """The status of an asset scan that is over."""
    return {"general": {"state": "Done", "lastTransitionTime": when}} | {
        family: state("Done", **more) for family in families
    }


def results(family, *infos):
    member, array, _, _ = FAMILIES[family]
    return {member: {array: [{k: v for k, v in i.items() if k != "objectType"} for i in infos]}}


def infos(family, number=2):
    return [objects.finding_info(FAMILIES[family][2]) for _ in range(number)]


def shown(value):
    if isinstance(value, dict):
        return {k: shown(v) for k, v in value.items() if v is not None}
    return [shown(v) for v in value] if isinstance(value, list) else value


class Machine:
    def __init__(self, api):
        self.api = api
        self.id = api.create("assets", objects.asset())["id"]

    def scan(self, **more):
        return self.api.create("assetScans", objects.asset_scan(self.id, **more))["id"]

    def patch(self, scan, body):
        return self.api.patch(f"/assetScans/{scan}", body).expect(200).json

    def findings(self, more="true"):
        these = f"asset/id eq '{self.id}' and ({more})"
        return self.api.list("findings", filter=these, orderby="foundOn,key")

    def valid(self):
        return [shown(f["findingInfo"]) for f in self.findings("invalidatedOn eq null")]

    def summary(self):
        return self.api.item("assets", self.id).get("summary", {})


@pytest.fixture
def machine(api):
    return Machine(api)


def same(left, right):
    return sorted(map(text, left)) == sorted(map(text, right))


def text(value):
    return json.dumps(value, sort_keys=True)


@pytest.mark.parametrize("family", FAMILIES)
def test_findings_follow_when_it_is_done(machine, family):
    found = infos(family)
    scan = machine.scan()
    machine.patch(scan, {"status": {family: state("InProgress")}})
    machine.patch(scan, results(family, *found) | {"status": {family: state("Done")}})
    assert machine.findings() == []
    assert not machine.api.item("assetScans", scan).get("findingsProcessed")
    before = machine.api.item("assetScans", scan)["revision"]
    answer = machine.patch(scan, {"status": done(day(1))})
    assert answer["findingsProcessed"] is True and answer["revision"] == before + 1
    assert machine.api.item("assetScans", scan)["findingsProcessed"] is True
    rows = machine.findings()
    assert same([shown(r["findingInfo"]) for r in rows], found)
    for row in rows:
        assert row["foundBy"]["id"] == scan
        assert objects.instant(row["foundOn"]) == objects.instant(day(1))
    counter = FAMILIES[family][3]
    summary = machine.summary()
    number = summary[counter] if counter else sum(summary["totalVulnerabilities"].values())
    assert number == 2


def test_whole_objects_are_processed_too(machine):
    one, two = infos("secrets")
    body = objects.asset_scan(machine.id, status=done(day(1), "secrets")) | results("secrets", one)
    scan = machine.api.create("assetScans", body)
    assert scan["findingsProcessed"] is True
    assert machine.valid() == [one]
    # The whole of it again, as a 0.6 client sends it back: nothing is made twice.
    whole = machine.api.item("assetScans", scan["id"])
    machine.api.put(f"/assetScans/{scan['id']}", whole).expect(200)
    assert len(machine.findings()) == 1
    # Other results, to be processed again.
    machine.patch(scan["id"], results("secrets", one, two) | {"findingsProcessed": False})
    assert same(machine.valid(), [one, two])
    assert machine.api.item("assetScans", scan["id"])["findingsProcessed"] is True


def test_the_next_scan_closes_what_is_gone(machine):
    one, two = infos("sbom")
    for number, found in ((1, [one, two]), (2, [two])):
        machine.patch(machine.scan(), results("sbom", *found) | {"status": done(day(number), "sbom")})
    assert machine.valid() == [two]
    assert machine.summary()["totalPackages"] == 1


@pytest.mark.parametrize(
    "status",
    [state("InProgress"), state("NotScanned"), state("Aborted"), state("Done", errors=["e"])],
    ids=str,
)
def test_families_that_did_not_finish_close_nothing(machine, status):
    (one,) = infos("sbom", 1)
    machine.patch(machine.scan(), results("sbom", one) | {"status": done(day(1), "sbom")})
    machine.patch(machine.scan(), results("sbom") | {"status": done(day(2)) | {"sbom": status}})
    assert machine.valid() == [one]


def test_results_that_are_not_there_close_nothing(machine):
    (one,) = infos("sbom", 1)
    machine.patch(machine.scan(), results("sbom", one) | {"status": done(day(1), "sbom")})
    machine.patch(machine.scan(), {"status": done(day(2), "sbom")})
    assert machine.valid() == [one]


def test_coverage_decides_here_too(machine):
    (one,) = infos("sbom", 1)
    machine.patch(machine.scan(), results("sbom", one) | {"status": done(day(1), "sbom")})
    failed = {"coverage": [{"family": "sbom", "state": "failed"}]}
    scan = machine.scan()
    machine.patch(scan, results("sbom") | failed | {"status": done(day(2), "sbom")})
    assert machine.valid() == [one]
    assert machine.api.item("assetScans", scan)["coverageComplete"] is False


def test_who_processed_it_himself(machine):
    body = results("sbom", *infos("sbom")) | {"status": done(day(1), "sbom")}
    machine.patch(machine.scan(), body | {"findingsProcessed": True})
    assert machine.findings() == []


def test_results_of_the_endpoint_are_not_processed_again(machine):
    one, two = infos("sbom")
    machine.patch(machine.scan(), results("sbom", one) | {"status": done(day(1), "sbom")})
    scan = machine.scan()
    path = f"/assetScans/{scan}/results/sbom"
    failed = [{"family": "sbom", "state": "failed"}]
    sent = {"observedOn": day(2), "coverage": failed, "items": [{"findingInfo": two}]}
    machine.api.put(path, sent).expect(200)
    machine.patch(scan, {"status": done(day(3))})
    assert same(machine.valid(), [one, two])
    assert machine.api.item("assetScans", scan)["findingsProcessed"] is True
    # A client that sends back what it read changes nothing of it.
    whole = machine.api.item("assetScans", scan)
    machine.api.put(f"/assetScans/{scan}", whole | {"findingsProcessed": False}).expect(200)
    assert same(machine.valid(), [one, two])
    assert machine.api.get(path).expect(200).json["coverage"] == failed
    # One that writes other results does: they are its own now.
    machine.patch(scan, results("sbom", one))
    machine.api.get(path).expect(404)


def test_results_without_an_asset(api):
    made = api.create("assetScans", objects.asset_scan() | {"status": done(day(1), "sbom")})
    assert not made.get("findingsProcessed")


def test_nameless_results_are_left_out(machine):
    (one,) = infos("sbom", 1)
    body = results("sbom", {"licenses": ["MIT"]}, one) | {"status": done(day(1), "sbom")}
    machine.patch(machine.scan(), body)
    assert machine.valid() == [one]


def test_what_a_deleted_scan_saw_is_forgotten(machine):
    (one,) = infos("sbom", 1)
    scan = machine.scan()
    machine.patch(scan, results("sbom", one) | {"status": done(day(1), "sbom")})
    machine.api.delete(f"/assetScans/{scan}").expect(200)
    assert machine.valid() == [one]


# --- results are merged --------------------------------------------------------------------------------------

METADATA = [{"scannerName": "clam", "scannerSummary": {"KnownViruses": 3}}]


def test_patches_of_results_merge(machine):
    scan = machine.scan(malware={"malware": [{"malwareName": "m"}], "metadata": METADATA})
    path = f"/assetScans/{scan}"
    machine.patch(scan, {"malware": {"malware": [{"malwareName": "n"}]}})
    assert shown(machine.api.get(path).json["malware"]) == {
        "malware": [{"malwareName": "n"}],
        "metadata": METADATA,
    }
    machine.patch(scan, {"malware": {"metadata": None}})
    assert shown(machine.api.get(path).json["malware"]) == {"malware": [{"malwareName": "n"}]}
    machine.patch(scan, {"malware": {}})
    assert shown(machine.api.get(path).json["malware"]) == {"malware": [{"malwareName": "n"}]}
    machine.patch(scan, {"malware": None, "rootkits": {"rootkits": []}})
    assert "malware" not in machine.api.get(path).json
    assert machine.api.get(path).json["rootkits"] == {"rootkits": []}


def test_patches_of_bad_results_are_refused(machine):
    scan = machine.scan(sboms={"packages": [{"name": "a"}]})
    path = f"/assetScans/{scan}"
    for bad in ({"packages": {}}, {"packages": [{"name": 5}]}, {"packages": [None]}, []):
        error = machine.api.patch(path, {"sboms": bad}).expect(400).json
        assert error["target"].startswith("/sboms")
    assert shown(machine.api.get(path).json["sboms"]) == {"packages": [{"name": "a"}]}


def test_coverage_of_clients(machine):
    scan = machine.scan(coverage=SCANNED)
    path = f"/assetScans/{scan}"
    assert machine.api.get(path).json["coverageComplete"] is True
    assert machine.patch(scan, {"coverage": [{"state": "failed"}]})["coverageComplete"] is False
    assert "coverageComplete" not in machine.patch(scan, {"coverage": None})
