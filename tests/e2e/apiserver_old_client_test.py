"""A scan from discovery to findings as the VMClarity 0.6 orchestrator, scanner, UI and UI backend drive
it: the same requests in the same order, and the answers that they act on."""

import pytest

from support import objects

FAMILIES = ("sbom", "vulnerabilities", "malware", "rootkits", "secrets", "misconfigurations", "exploits", "infoFinder")  # fmt: skip
ENABLED = ("sbom", "vulnerabilities")


@pytest.fixture(params=["", "/api"], ids=["root", "gateway"])
def client(server, request):
    return server.client(prefix=request.param)


def test_a_scan_from_discovery_to_findings(client):
    region = objects.name("region")
    machines = [objects.vm_info(location=region) for _ in range(3)]

    # The discoverer: POST each, PATCH what is there already, terminate the rest.
    seen = objects.time("2024-05-01T10:00:00Z")
    assets = {}
    for info in machines:
        body = objects.asset(info, firstSeen=seen, lastSeen=seen)
        assets[info["instanceID"]] = client.post("/assets", body).expect(201).json["id"]
    later = objects.time("2024-05-01T10:02:00Z")
    for info in machines[:2]:
        body = objects.asset(info, firstSeen=later, lastSeen=later)
        existing = client.post("/assets", body).expect(409).json["asset"]
        assert existing["id"] == assets[info["instanceID"]]
        client.patch(f"/assets/{existing['id']}", {"assetInfo": info, "lastSeen": later}).expect(
            200
        )
    gone = client.list(
        "assets",
        select="id",
        filter=f"assetInfo/location eq '{region}' and terminatedOn eq null"
        f" and (lastSeen eq null or lastSeen lt {later})",
    )
    assert [g["id"] for g in gone] == [assets[machines[2]["instanceID"]]]
    client.patch(f"/assets/{gone[0]['id']}", {"terminatedOn": later}).expect(200)

    # The UI's wizard makes a config; "start now" sets its time.
    config = client.create(
        "scanConfigs",
        {
            "name": objects.name("wizard"),
            "scanFamiliesConfig": {},  # the stray member that the wizard sends
            "scheduled": {"operationTime": objects.time("2099-01-01T00:00:00Z")},
            "scanTemplate": {
                "scope": f"assetInfo/location eq '{region}'",
                "maxParallelScanners": 2,
                "assetScanTemplate": {
                    "scanFamiliesConfig": {f: {"enabled": f in ENABLED} for f in FAMILIES},
                    "scannerInstanceCreationConfig": {"useSpotInstances": False},
                },
            },
        },
    )
    edited = {k: v for k, v in config.items() if k != "revision"}
    client.put(f"/scanConfigs/{config['id']}", edited).expect(200)
    now = {"scheduled": {"operationTime": objects.now()}, "disabled": False}
    client.patch(f"/scanConfigs/{config['id']}", now).expect(200)

    # The scan config watcher.
    due = client.list("scanConfigs", filter="disabled eq null or disabled eq false", select="id")
    assert config["id"] in [d["id"] for d in due]
    running = f"scanConfig/id eq '{config['id']}' and state ne 'Done' and state ne 'Failed'"
    assert client.count("scans", filter=running) == 0
    new_scan = {
        "name": f"{config['name']}-{objects.now()}",
        "scanConfig": {"id": config["id"]},
        "state": "Pending",
        "startTime": objects.now(),
        "summary": {"jobsLeftToRun": 0, "jobsCompleted": 0, "totalVulnerabilities": {}},
        **config["scanTemplate"],
    }
    scan = client.create("scans", new_scan)
    assert client.post("/scans", new_scan).expect(409).json["scan"]["id"] == scan["id"]
    assert client.count("scans", filter=running) == 1
    assert (
        client.item("scans", scan["id"], expand="scanConfig")["scanConfig"]["name"]
        == config["name"]
    )

    # The scan watcher: assets by scope, asset scans, progress.
    scope = f"(terminatedOn eq null) and ({scan['scope']})"
    found = [a["id"] for a in client.list("assets", filter=scope, select="id")]
    assert sorted(found) == sorted(assets[m["instanceID"]] for m in machines[:2])
    path = f"/scans/{scan['id']}"
    client.patch(
        path, {"state": "Discovered", "assetIDs": found, "summary": {"jobsLeftToRun": 2}}
    ).expect(200)
    asset_scans = []
    for asset in found:
        pending = {"state": "Pending", "lastTransitionTime": objects.now()}
        body = objects.asset_scan(
            asset,
            scan["id"],
            status={"general": pending}
            | {f: {"state": "Pending" if f in ENABLED else "NotScanned"} for f in FAMILIES},
            summary={"totalPackages": 0},
            scanFamiliesConfig=scan["assetScanTemplate"]["scanFamiliesConfig"],
        )
        asset_scans.append(client.create("assetScans", body)["id"])
        client.post("/assetScans", body).expect(409)
    client.patch(path, {"state": "InProgress", "assetIDs": found}).expect(200)

    # The asset scan watcher and the scanner: small patches, then the whole object back with its results.
    packages = [{"name": objects.name("p"), "version": "1", "type": "library"} for _ in range(3)]
    bug = {"vulnerabilityName": "CVE-2024-1", "severity": "HIGH", "package": packages[0]}
    for asset_scan in asset_scans:
        own = f"/assetScans/{asset_scan}"
        for state in ("Scheduled", "ReadyToScan", "InProgress"):
            client.patch(
                own, {"status": {"general": {"state": state, "lastTransitionTime": objects.now()}}}
            ).expect(200)
        assert (
            client.get(own, select="id,status").json["status"]["general"]["state"] == "InProgress"
        )
        for family, results in (("sbom", {"sboms": {"packages": packages}}),
                                ("vulnerabilities", {"vulnerabilities": {"vulnerabilities": [bug]}})):  # fmt: skip
            client.patch(own, {"status": {family: {"state": "InProgress"}}}).expect(200)
            whole = client.get(own).expect(200).json
            whole |= results
            whole["status"][family] = {
                "state": "Done",
                "lastTransitionTime": objects.now(),
                "errors": None,
            }
            whole["stats"] = whole.get("stats", {}) | {
                family: [{"type": "rootfs", "path": "/", "size": 1}]
            }
            whole["summary"] = whole["summary"] | {"totalPackages": 3}
            client.patch(own, whole).expect(200)
        done = {"state": "Done", "lastTransitionTime": objects.time("2024-05-01T11:00:00Z")}
        client.patch(own, {"status": {"general": done}}).expect(200)
        final = client.get(own).json
        assert [p["name"] for p in final["sboms"]["packages"]] == [p["name"] for p in packages]
        assert final["vulnerabilities"]["vulnerabilities"][0]["vulnerabilityName"] == "CVE-2024-1"
        assert {final["status"][f]["state"] for f in ENABLED} == {"Done"}
        client.patch(own, {"resourceCleanupStatus": objects.cleanup("Done")}).expect(200)

    # The processor of 0.6 finds nothing to do: the server made the findings when the asset scans were done.
    to_do = "status/general/state eq 'Done' and (findingsProcessed eq false or findingsProcessed eq null)"
    assert client.list("assetScans", filter=f"scan/id eq '{scan['id']}' and ({to_do})", select="id") == []
    for asset_scan in asset_scans:
        asset = client.item("assetScans", asset_scan)["asset"]["id"]
        for kind, counter, number in (("Package", "totalPackages", 3), ("Vulnerability", None, 1)):
            active = f"findingInfo/objectType eq '{kind}' and asset/id eq '{asset}' and invalidatedOn eq null"
            assert client.count("findings", filter=active) == number
            summary = (
                {counter: number}
                if counter
                else {"totalVulnerabilities": {"totalHighVulnerabilities": number}}
            )
            client.patch(f"/assets/{asset}", {"summary": summary}).expect(200)
        client.patch(f"/assetScans/{asset_scan}", {"findingsProcessed": True}).expect(200)

    # The scan watcher again, and what the UI shows of it all.
    states = client.list(
        "assetScans", filter=f"scan/id eq '{scan['id']}'", select="id,status/general,summary"
    )
    assert [s["status"]["general"]["state"] for s in states] == ["Done", "Done"]
    end = {"state": "Done", "stateMessage": "2 succeeded", "endTime": objects.now(), "assetIDs": found,
           "summary": {"jobsLeftToRun": 0, "jobsCompleted": 2, "totalPackages": 6}}  # fmt: skip
    finished = client.patch(path, end).expect(200).json
    assert finished["assetIDs"] == found and finished["summary"]["totalPackages"] == 6
    assert client.count("scans", filter=running) == 0
    client.create("scans", new_scan)  # the next one may start
    rows = client.list(
        "findings",
        filter=f"(findingInfo.objectType eq 'Vulnerability') and (foundBy/scan/id eq '{scan['id']}')",
        expand="asset",
        orderby="foundOn desc",
        count=True,
        top=50,
    )
    assert sorted(r["asset"]["assetInfo"]["instanceID"] for r in rows) == sorted(
        m["instanceID"] for m in machines[:2]
    )
    riskiest = client.list(
        "assets",
        filter=f"assetInfo/location eq '{region}' and terminatedOn eq null and summary/totalPackages gt 0",
        orderby="summary/totalPackages desc",
        top=5,
    )
    assert (
        len(riskiest) == 2
        and riskiest[0]["summary"]["totalVulnerabilities"]["totalHighVulnerabilities"] == 1
    )

    # The user stops the next scan, deletes the config; relations may dangle.
    (next_scan,) = client.list("scans", filter=running, select="id")
    client.patch(f"/scans/{next_scan['id']}", {"state": "Aborted"}).expect(200)
    client.delete(f"/scanConfigs/{config['id']}").expect(200)
    assert client.item("scans", scan["id"])["scanConfig"]["id"] == config["id"]
    assert "scanConfig" not in client.item("scans", scan["id"], expand="scanConfig")


def test_the_command_line_client(client):
    """asset-create --update-if-exists and asset-scan-create."""
    info = objects.dir_info()
    first = client.create(
        "assets", objects.asset(info, firstSeen=objects.now(), lastSeen=objects.now())
    )
    existing = client.post("/assets", objects.asset(info)).expect(409).json["asset"]
    assert existing["id"] == first["id"]
    client.patch(f"/assets/{first['id']}", {"assetInfo": info, "lastSeen": objects.now()}).expect(
        200
    )
    for _ in range(2):  # without a scan, an asset may have many
        client.create(
            "assetScans",
            objects.asset_scan(
                first["id"],
                status={"general": {"state": "ReadyToScan"}},
                resourceCleanupStatus=objects.cleanup("Skipped", "NotApplicable"),
            ),
        )


def test_an_estimation(client):
    estimation = client.create("scanEstimations", {"scanTemplate": {"scope": ""}})
    path = f"/scanEstimations/{estimation['id']}"
    asset = client.create("assets", objects.asset())["id"]
    client.patch(path, {"state": {"state": "Discovered"}, "assetIDs": [asset]}).expect(200)
    body = objects.asset_scan_estimation(asset, estimation["id"])
    part = client.create("assetScanEstimations", body)
    assert (
        client.post("/assetScanEstimations", body).expect(409).json["assetScanEstimation"]["id"]
        == part["id"]
    )
    client.patch(
        f"/assetScanEstimations/{part['id']}",
        {"state": {"state": "Done"}, "estimation": {"duration": 60, "size": 3, "cost": 0.25}},
    ).expect(200)
    client.patch(path, {"assetScanEstimations": [{"id": part["id"]}]}).expect(200)
    expanded = client.item("scanEstimations", estimation["id"], expand="assetScanEstimations")
    assert expanded["assetScanEstimations"][0]["estimation"]["cost"] == 0.25
    client.patch(path, {"state": {"state": "Done"}, "summary": {"totalScanCost": 0.25}}).expect(200)
    client.delete(path).expect(200)
    client.get(path).expect(404)
