"""Findings that people decided not to count."""

import datetime

import pytest
from machines import Machine, day, names, package
from support import objects, waiting


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


def test_suppressed_findings_do_not_count(api, machine):
    one, two = (
        objects.finding_info("Vulnerability", vulnerabilityName=objects.name("CVE"), severity="HIGH")
        for _ in range(2)
    )
    machine.see("vulnerabilities", [one, two], day(1))

    def counted():
        return machine.summary()["totalVulnerabilities"]["totalHighVulnerabilities"]

    def impacts():
        named = "findingInfo/vulnerabilityName"
        return len(api.list("findingImpacts", filter=f"{named} eq '{one['vulnerabilityName']}'"))

    assert (counted(), impacts()) == (2, 1)
    filter = f"findingInfo/vulnerabilityName eq '{one['vulnerabilityName']}'"
    made = api.create("suppressions", {"filter": filter, "reason": "r"})
    waiting.until(lambda: (counted(), impacts()) == (1, 0), "it counts no longer")
    assert len(machine.findings()) == 2
    api.delete(f"/suppressions/{made['id']}").expect(200)
    waiting.until(lambda: (counted(), impacts()) == (2, 1), "it counts again")


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
