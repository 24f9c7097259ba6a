"""OData as a client sees it: the same questions, with the same answers, on both databases."""

import estate
import pytest


@pytest.fixture(scope="module")
def town(api):
    return estate.Estate(api)


def rows(name):
    for collection, cases in estate.read(name).items():
        for case in cases:
            yield pytest.param(
                collection, *case, id=f"{collection}: {' '.join(map(str, case))[:90]}"
            )


@pytest.mark.parametrize("collection, text, expected", rows("filters.yaml"))
def test_filter(town, collection, text, expected):
    assert sorted(town.list(collection, filter=text)) == sorted(expected.split())


@pytest.mark.parametrize("collection, text, expected", rows("filters.yaml"))
def test_filter_counts(town, collection, text, expected):
    assert town.api.count(collection, filter=town.filled(text)) == len(expected.split())


@pytest.mark.parametrize("collection, order, which, expected", rows("orders.yaml"))
def test_orderby(town, collection, order, which, expected):
    options = {"orderby": order} | ({"filter": which} if which else {})
    assert town.list(collection, **options) == expected
    # Each page of two goes on where the last one ended.
    paged = [
        label
        for skip in range(0, len(expected), 2)
        for label in town.list(collection, **options, top=2, skip=skip)
    ]
    assert paged == expected


@pytest.mark.parametrize("collection, parameter, text", rows("bad_queries.yaml"))
def test_refused(town, collection, parameter, text):
    plain, place = estate.marked(text)
    answer = town.api.get(f"/{collection}", **{parameter[1:]: plain}).expect(400)
    error = answer.json
    assert error["message"] and error["code"], answer
    assert error["target"] == parameter, answer
    if place:
        assert place[0] <= error["position"] <= place[1], answer


def test_the_hint_for_a_path_through_a_collection(town):
    error = town.api.get("/assets", filter="assetInfo/tags/key eq 'env'").expect(400).json
    assert "any(" in error["message"]


def test_results_in_asset_scans_point_to_findings(town):
    error = town.api.get("/assetScans", filter="sboms/packages/any()").expect(400).json
    assert "findings" in error["message"]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "true" + ")" * 5000,
        "not " * 5000 + "(true)",
        " or ".join(["name eq 'x'"] * 20_000),
        " and ".join(["name eq 'x'"] * 20_000),
        "name in (" + ",".join(["'x'"] * 100_000) + ")",
        "concat(" * 3000 + "name" + ",'x')" * 3000 + " eq 'y'",
        "1" + " add 1" * 20_000 + " eq 2",
        "-" * 10_000 + "1 eq 1",
        "name eq '" + "x" * 60_000 + "'",
        "assetInfo/tags/any(a: " * 200 + "true" + ")" * 200,
    ],
    ids=["brackets", "nots", "ors", "ands", "in", "calls", "sum", "minuses", "literal", "lambdas"],
)
def test_large_expressions_are_answered_or_refused(town, text):
    """Sent in a POST-sized target, which the server may refuse for its size alone."""
    answer = town.api.get("/assets", filter=text)
    answer.expect(200, 400, 413, 414, 431)


def test_moderate_expressions_are_answered(town):
    ids = ",".join(f"'{town.ids['vm-a']}'" for _ in range(150))
    assert town.list("assets", filter=f"id in ({ids})") == ["vm-a"]
    ors = " or ".join(f"name eq 'n{i}'" for i in range(100))
    assert town.list("assets", filter=f"{ors} or name eq 'i-01'") == ["vm-a"]
    assert town.list("assets", filter="(" * 20 + "name eq 'i-01'" + ")" * 20) == ["vm-a"]


# --- what the old clients send ---------------------------------------------------------------------------


@pytest.mark.parametrize("case", estate.read("old_clients.yaml"), ids=lambda case: case["name"])
def test_queries_of_old_clients(town, case):
    options = {k: town.filled(v) for k, v in case["options"].items()}
    if "items" in case and "id" not in options.get("select", "id").split(","):
        options["select"] += ",id"
    answer = town.api.get(f"/{case['get']}", **options).expect(200).json
    items = answer["items"]
    assert answer.get("count") == case.get("count")
    if "count-items" in case:
        assert len(items) == case["count-items"]
    if "items" in case:
        found = town.named(items)
        ordered = "orderby" in options
        assert (found if ordered else sorted(found)) == (
            case["items"] if ordered else sorted(case["items"])
        )
    if "first" in case:
        found = town.named(items)[: len(case["first"])]
        assert found == case["first"] or (
            case.get("either-way") and set(found) == set(case["first"])
        )
    for item in items:
        if "only" in case:
            assert {k for k, v in item.items() if v is not None} <= set(case["only"])
        for path in case.get("has", []):
            assert value_at(item, path) is not None, (path, item)


def value_at(value, path):
    for name in path.split("/"):
        value = (value or {}).get(name)
    return value


# --- $select and $expand ----------------------------------------------------------------------------------


def shown(value):
    """Unset collections may be shown as [] or null in built objects, as 0.6 did."""
    if isinstance(value, dict):
        return {k: shown(v) for k, v in value.items() if v not in (None, [])}
    return [shown(v) for v in value] if isinstance(value, list) else value


VM_A_TAGS = [{"key": "env", "value": "prod"}, {"key": "team", "value": "core"}]

# collection, label, options, what the item then is.
PROJECTIONS = [
    ("assets", "vm-a", {"select": "id"}, {"id": "<vm-a>"}),
    ("assets", "vm-a", {"select": "scansCount,firstSeen"}, {"scansCount": 2, "firstSeen": "2023-01-01T00:00:00Z"}),
    ("assets", "vm-a", {"select": "summary/totalSecrets"}, {"summary": {"totalSecrets": 2}}),
    ("assets", "vm-a", {"select": "summary.totalSecrets,summary/totalPackages"},
     {"summary": {"totalSecrets": 2, "totalPackages": 9}}),
    # The discriminator of a union is always there.
    ("assets", "vm-a", {"select": "assetInfo/instanceID"}, {"assetInfo": {"objectType": "VMInfo", "instanceID": "i-01"}}),
    ("assets", "vm-a", {"select": "assetInfo/podName"}, {"assetInfo": {"objectType": "VMInfo"}}),
    ("assets", "vm-a", {"select": "assetInfo/rootVolume/sizeGB"},
     {"assetInfo": {"objectType": "VMInfo", "rootVolume": {"sizeGB": 9}}}),
    ("assets", "vm-a", {"select": "assetInfo/tags"}, {"assetInfo": {"objectType": "VMInfo", "tags": VM_A_TAGS}}),
    ("assets", "vm-a", {"select": "assetInfo/tags($filter=key eq 'env')"},
     {"assetInfo": {"objectType": "VMInfo", "tags": VM_A_TAGS[:1]}}),
    ("assets", "vm-a", {"select": "assetInfo/tags($orderby=value)"},
     {"assetInfo": {"objectType": "VMInfo", "tags": VM_A_TAGS[::-1]}}),
    ("assets", "vm-a", {"select": "assetInfo/tags($select=key;$top=1)"},
     {"assetInfo": {"objectType": "VMInfo", "tags": [{"key": "env"}]}}),
    ("assets", "vm-a", {"select": "terminatedOn"}, {}),
    ("assetScans", "as-a", {"select": "status/general/state"}, {"status": {"general": {"state": "Done"}}}),
    ("assetScans", "as-a", {"select": "sboms"}, {"sboms": {"packages": [{"name": "bash", "version": "5.2"}]}}),
    ("assetScans", "as-a", {"select": "scan"}, {"scan": {"id": "<scan-a>"}}),
    ("assetScans", "as-a", {"select": "scan", "expand": "scan($select=name,startTime)"},
     {"scan": {"name": "Nightly-1", "startTime": "2023-03-01T04:00:00Z"}}),
    ("assetScans", "as-a", {"select": "scan,asset", "expand": "scan($select=name),asset($select=scansCount)"},
     {"scan": {"name": "Nightly-1"}, "asset": {"scansCount": 2}}),
    ("assetScans", "as-a", {"select": "scan", "expand": "scan($select=name,scanConfig;$expand=scanConfig($select=name))"},
     {"scan": {"name": "Nightly-1", "scanConfig": {"name": "Nightly"}}}),
    ("assetScans", "as-d", {"select": "id,asset", "expand": "asset"}, {"id": "<as-d>"}),  # dangling
    ("findings", "f-critical", {"select": "findingInfo/severity,findingInfo/package/name"},
     {"findingInfo": {"objectType": "Vulnerability", "severity": "CRITICAL", "package": {"name": "openssl"}}}),
    ("findings", "f-critical", {"select": "asset", "expand": "asset($select=assetInfo/instanceID)"},
     {"asset": {"assetInfo": {"objectType": "VMInfo", "instanceID": "i-01"}}}),
    ("findings", "f-critical", {"select": "foundBy", "expand": "foundBy($select=scan;$expand=scan($select=name))"},
     {"foundBy": {"scan": {"name": "Nightly-1"}}}),
    ("scans", "scan-a", {"select": "scanConfig", "expand": "scanConfig($select=id,name)"},
     {"scanConfig": {"id": "<config-a>", "name": "Nightly"}}),
    ("scanEstimations", "est-a", {"select": "id,revision"}, {"id": "<est-a>", "revision": 1}),
]  # fmt: skip


@pytest.mark.parametrize(
    "collection, label, options, expected", PROJECTIONS, ids=lambda v: str(v)[:70]
)
def test_projection(town, collection, label, options, expected):
    expected = town.filled(expected)
    item = town.api.item(collection, town.ids[label], **options)
    # 0.6 showed an empty id where an expanded relation was selected without it.
    assert without_empty_ids(shown(item)) == expected
    listed = town.api.list(collection, filter=f"id eq '{town.ids[label]}'", **options)
    assert without_empty_ids(shown(listed[0])) == expected


def without_empty_ids(value):
    if isinstance(value, dict):
        return {k: without_empty_ids(v) for k, v in value.items() if (k, v) != ("id", "")}
    return value


@pytest.mark.parametrize(
    "collection, label, path, target",
    [
        ("assetScans", "as-a", "asset", "vm-a"),
        ("assetScans", "as-a", "scan", "scan-a"),
        ("assetScans", "as-a", "provider", "provider-a"),
        ("scans", "scan-a", "scanConfig", "config-a"),
        ("findings", "f-critical", "asset", "vm-a"),
        ("findings", "f-critical", "foundBy", "as-a"),
        ("assetScanEstimations", "ae-a", "asset", "vm-a"),
        ("assetScanEstimations", "ae-a", "scanEstimation", "est-a"),
    ],
)
def test_expand_puts_the_whole_object_in(town, collection, label, path, target):
    plural = {"asset": "assets", "scan": "scans", "provider": "providers", "scanConfig": "scanConfigs",
              "foundBy": "assetScans", "scanEstimation": "scanEstimations"}[path]  # fmt: skip
    whole = shown(town.api.item(plural, town.ids[target]))
    item = shown(town.api.item(collection, town.ids[label], expand=path))
    # Results of asset scans stay where they are.
    assert item[path] == {
        k: v for k, v in whole.items() if not (path == "foundBy" and k == "sboms")
    }
    listed = town.api.list(collection, filter=f"id eq '{town.ids[label]}'", expand=path)
    assert shown(listed[0])[path] == item[path]


@pytest.mark.parametrize(
    "text",
    [
        "scan($expand=scanConfig),asset($select=assetInfo)",
        "scan/scanConfig,asset",
        "scan,asset,provider",
    ],
)
def test_expand_several(town, text):
    item = town.api.item("assetScans", town.ids["as-a"], expand=text)
    assert item["asset"]["assetInfo"]["instanceID"] == "i-01"
    if "scanConfig" in text:
        assert item["scan"]["scanConfig"]["name"] == "Nightly"


def test_same_relation_twice(town):
    town.api.get("/assetScans", expand="asset($select=id),asset").expect(400)


# --- $apply -------------------------------------------------------------------------------------------------

APPLY = [
    ("findings", "aggregate($count as total)", [{"total": 14}]),
    ("findings", "filter(findingInfo/objectType eq 'Vulnerability')/aggregate($count as n)", [{"n": 5}]),
    ("findings", "groupby((findingInfo/objectType),aggregate($count as n))",
     [{"findingInfo": {"objectType": t}, "n": n} for t, n in (
         ("Exploit", 1), ("InfoFinder", 1), ("Malware", 1), ("Misconfiguration", 2), ("Package", 1),
         ("Rootkit", 1), ("Secret", 2), ("Vulnerability", 5))]),
    ("findings", "filter(findingInfo/objectType eq 'Vulnerability')/groupby((findingInfo/severity),aggregate($count as n))",
     [{"findingInfo": {"severity": s}, "n": 1} for s in ("CRITICAL", "HIGH", "LOW", "MEDIUM", "NEGLIGIBLE")]),
    ("findings", "filter(findingInfo/objectType eq 'Vulnerability')/aggregate(asset/id with countdistinct as assets)",
     [{"assets": 3}]),
    ("findings", "filter(findingInfo/objectType eq 'Secret')/aggregate(findingInfo/startLine with max as last,"
                 "findingInfo/startLine with min as first,foundOn with max as newest)",
     [{"last": 100, "first": 9, "newest": "2023-03-01T06:00:00Z"}]),
    ("assets", "aggregate(summary/totalPackages with sum as packages,summary/totalPackages with average as mean)",
     [{"packages": 129, "mean": 43}]),
    ("assets", "filter(assetInfo/objectType eq 'VMInfo')/groupby((assetInfo/location),aggregate(summary/totalSecrets with sum as secrets,$count as n))",
     [{"assetInfo": {"location": "eu-west-1/vpc-2"}, "secrets": 0, "n": 1},
      {"assetInfo": {"location": "us-east-1/vpc-1"}, "secrets": 2, "n": 2}]),
    ("assets", "groupby((assetInfo/objectType))",
     [{"assetInfo": {"objectType": t}} for t in
      ("ContainerImageInfo", "ContainerInfo", "DirInfo", "PodInfo", "VMInfo")]),
    ("assetScanEstimations", "aggregate(estimation/cost with sum as cost)", [{"cost": pytest.approx(1.25)}]),
    ("scanConfigs", "filter(name eq 'none')/aggregate($count as n)", [{"n": 0}]),
    ("scanConfigs", "filter(name eq 'none')/groupby((disabled),aggregate($count as n))", []),
]  # fmt: skip


@pytest.mark.parametrize("collection, text, expected", APPLY, ids=lambda v: str(v)[:80])
def test_apply(town, collection, text, expected):
    items = [without_types(item) for item in town.api.list(collection, apply=text)]
    order = lambda item: str(sorted(item.items(), key=str))  # noqa: E731
    if len(items) > 1:
        items, expected = sorted(items, key=order), sorted(expected, key=order)
    assert items == expected


def without_types(item):
    """A discriminator beside what was asked for does no harm."""
    return {
        k: {n: w for n, w in v.items() if n != "objectType" or len(v) == 1}
        if isinstance(v, dict)
        else v
        for k, v in item.items()
    }


def test_apply_with_filter_order_and_page(town):
    text = "groupby((findingInfo/objectType),aggregate($count as n))"
    items = town.api.list("findings", apply=text, orderby="n desc,findingInfo/objectType", top=3)
    assert [(i["findingInfo"]["objectType"], i["n"]) for i in items] == [
        ("Vulnerability", 5), ("Misconfiguration", 2), ("Secret", 2),
    ]  # fmt: skip
    items = town.api.list("findings", apply=text, filter="n ge 2")
    assert {i["findingInfo"]["objectType"] for i in items} == {
        "Vulnerability",
        "Misconfiguration",
        "Secret",
    }


# --- $top, $skip, $count -----------------------------------------------------------------------------------


def test_top_zero_counts(town):
    answer = town.api.get("/findings", top=0, count=True).expect(200).json
    assert answer == {"count": 14, "items": []}


def test_count_ignores_the_page(town):
    answer = town.api.get("/findings", top=3, skip=12, count=True, orderby="id").expect(200).json
    assert answer["count"] == 14 and len(answer["items"]) == 2


def test_without_order_the_order_is_stable(town):
    once = town.list("findings")
    assert once == town.list("findings")
    pages = [label for skip in range(0, 14, 5) for label in town.list("findings", top=5, skip=skip)]
    assert pages == once
