"""Findings that are counted, seen from their assets, and written one by one."""

import datetime

import pytest
from machines import FAMILIES, Machine, day, names, package, shown
from support import objects, rest

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
