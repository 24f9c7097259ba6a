"""Objects of the API as clients send them. Each call makes names of its own, so that tests do not meet."""

import datetime
import itertools
import uuid

_numbers = itertools.count(1)
# One run of the tests: names stay apart from those of an earlier run in the same database.
_run = uuid.uuid4().hex[:6]

MINUTE = datetime.timedelta(minutes=1)
FINDING_TYPES = (
    "Package", "Vulnerability", "Malware", "Secret",
    "Misconfiguration", "Rootkit", "Exploit", "InfoFinder",
)  # fmt: skip


def name(prefix="n"):
    return f"{prefix}-{_run}-{next(_numbers)}"


def time(text="2023-01-20T15:46:18Z", plus=datetime.timedelta(0)):
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) + plus
    return moment.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")


def now():
    return (
        datetime.datetime.now(datetime.UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )


def instant(text):
    """RFC 3339 text as a moment, cut to microseconds; the offset may be any."""
    text = text.replace("Z", "+00:00")
    if "." in text:
        head, rest = text.split(".", 1)
        digits = len(rest) - len(rest.lstrip("0123456789"))
        text = f"{head}.{rest[:digits][:6].ljust(6, '0')}{rest[digits:]}"
    return datetime.datetime.fromisoformat(text)


def vm_info(**over):
    return {
        "objectType": "VMInfo",
        "instanceID": name("i"),
        "location": "eu-west-1/vpc-1",
        "image": "ami-1",
        "instanceType": "t2.large",
        "platform": "Linux/UNIX",
        "launchTime": time(),
        "rootVolume": {"sizeGB": 8, "encrypted": "No"},
    } | over


def pod_info(**over):
    return {"objectType": "PodInfo", "podName": name("pod"), "location": "cluster-1"} | over


def dir_info(**over):
    return {"objectType": "DirInfo", "dirName": f"/srv/{name('d')}", "location": "host-1"} | over


def container_info(**over):
    return {
        "objectType": "ContainerInfo",
        "containerID": name("c"),
        "containerName": "web",
        "location": "host-1",
    } | over


def image_info(**over):
    return {"objectType": "ContainerImageInfo", "imageID": name("sha256:")} | over


def asset(info=None, **over):
    return {"assetInfo": info or vm_info()} | over


def cleanup(state="Pending", reason=None, **over):
    reasons = {
        "Pending": "AssetScanCreated",
        "Skipped": "NotApplicable",
        "Failed": "ProviderError",
        "Done": "Success",
    }
    return {"state": state, "reason": reason or reasons[state], "lastTransitionTime": time()} | over


def asset_scan(asset_id=None, scan_id=None, **over):
    made = {"resourceCleanupStatus": cleanup()}
    if asset_id is not None:
        made["asset"] = {"id": asset_id}
    if scan_id is not None:
        made["scan"] = {"id": scan_id}
    return made | over


def scan(config_id=None, **over):
    made = {"name": name("scan"), "state": "Pending", "startTime": time()}
    if config_id is not None:
        made["scanConfig"] = {"id": config_id}
    return made | over


def scan_config(**over):
    return {
        "name": name("config"),
        "scheduled": {"operationTime": time("2099-01-01T00:00:00Z")},
        "scanTemplate": {
            "scope": "",
            "maxParallelScanners": 2,
            "assetScanTemplate": {"scanFamiliesConfig": {"sbom": {"enabled": True}}},
        },
    } | over


def finding_info(kind="Package", **over):
    unique = name("f")
    infos = {
        "Package": {"name": unique, "version": "1.0", "type": "library", "purl": f"pkg:deb/debian/{unique}@1.0"},
        "Vulnerability": {
            "vulnerabilityName": unique.upper(),
            "severity": "HIGH",
            "package": {"name": "libx", "version": "1.0", "purl": "pkg:deb/debian/libx@1.0"},
        },
        "Malware": {"malwareName": unique, "malwareType": "TROJAN", "ruleName": "r", "path": "/tmp/x"},
        "Secret": {"fingerprint": unique, "filePath": "/etc/key", "startColumn": 1, "endColumn": 9, "startLine": 3, "endLine": 3},
        "Misconfiguration": {
            "scannerName": "lynis",
            "testID": unique,
            "severity": "MisconfigurationLowSeverity",
            "message": "m",
        },
        "Rootkit": {"rootkitName": unique, "rootkitType": "KERNEL", "message": "m"},
        "Exploit": {"sourceDB": "ExploitDB", "cveID": unique.upper(), "urls": [f"https://example.invalid/{unique}"]},
        "InfoFinder": {"scannerName": "ssh", "type": "SSHKnownHostFingerprint", "path": "/root", "data": unique},
    }  # fmt: skip
    return {"objectType": kind} | infos[kind] | over


def finding(asset_id=None, asset_scan_id=None, info=None, **over):
    made = {"foundOn": time(), "findingInfo": info or finding_info()}
    if asset_id is not None:
        made["asset"] = {"id": asset_id}
    if asset_scan_id is not None:
        made["foundBy"] = {"id": asset_scan_id}
    return made | over


def provider(**over):
    return {
        "displayName": name("provider"),
        "status": {
            "state": "Healthy",
            "reason": "HeartbeatReceived",
            "lastTransitionTime": time(),
        },
    } | over


def scan_estimation(**over):
    return {
        "state": {"state": "Pending"},
        "scanTemplate": {"scope": "", "maxParallelScanners": 1},
        "annotations": [{"key": "name", "value": name("estimation")}],
    } | over


def asset_scan_estimation(asset_id=None, estimation_id=None, **over):
    made = {"state": {"state": "Pending"}}
    if asset_id is not None:
        made["asset"] = {"id": asset_id}
    if estimation_id is not None:
        made["scanEstimation"] = {"id": estimation_id}
    return made | over


# What a 0.6 client finds: the collection, the member of a 409 body (None: no uniqueness rule in 0.6), and
# a maker of a valid, unique object.
COLLECTIONS = {
    "assets": ("asset", asset),
    "assetScans": ("assetScan", lambda: asset_scan(str(uuid.uuid4()), str(uuid.uuid4()))),
    "scans": ("scan", scan),
    "scanConfigs": ("scanConfig", scan_config),
    "findings": ("finding", lambda: finding(str(uuid.uuid4()))),
    "scanEstimations": (None, scan_estimation),
    "assetScanEstimations": (
        "assetScanEstimation",
        lambda: asset_scan_estimation(str(uuid.uuid4()), str(uuid.uuid4())),
    ),
    "providers": ("provider", provider),
}


def valid(collection):
    return COLLECTIONS[collection][1]()
