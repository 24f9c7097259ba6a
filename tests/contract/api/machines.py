"""Assets that are scanned again and again."""

import datetime

from support import objects

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


def shown(value):
    if isinstance(value, dict):
        return {k: shown(v) for k, v in value.items() if v is not None}
    return [shown(v) for v in value] if isinstance(value, list) else value
