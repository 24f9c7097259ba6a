"""Scope preview, whoami, retention, and how assets are named."""

from machines import Machine, day
from support import objects


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
