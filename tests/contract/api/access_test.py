"""Who may do what: roles, tokens, JWTs; and that secrets stay secret."""

import datetime
import hmac
import json
import pathlib
import re
import subprocess
from base64 import urlsafe_b64encode as encode

import pytest
from support import apiserver, description, objects, postgresql, tokens, waiting

WITH_AUTHENTICATION = ("--authentication",)
ROLES = ("viewer", "operator", "admin")
try:
    OPERATIONS = description.operations()
except FileNotFoundError:
    OPERATIONS = []

each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=repr)


def oidc_options(keys):
    return ("--oidc-issuer", tokens.ISSUER, "--oidc-audience", tokens.AUDIENCE, "--oidc-keys", keys)


class House:
    """A server with authentication on; its tokens were made before, from loopback."""

    def __init__(self, folder, database):
        self.database = database
        self.secrets = []
        self.keys = folder / "keys.json"
        self.rsa, self.ec = tokens.Key("RS256", "rsa-1"), tokens.Key("ES256", "ec-1")
        self.keys.write_text(tokens.key_set(self.rsa, self.ec))
        with apiserver.Server(folder / "before", database) as before:
            api = before.client()
            self.tokens = {role: self.make(api, role=role)["secret"] for role in ROLES}
            self.asset = api.create("assets", objects.asset())["id"]
            self.other_asset = api.create("assets", objects.asset())["id"]
            self.mine = api.create("assetScans", objects.asset_scan(self.asset))["id"]
            self.other = api.create("assetScans", objects.asset_scan(self.other_asset))["id"]
            self.tokens["scanner"] = self.make(
                api, role="scanner", assetScan={"id": self.mine}, expiresOn="2099-01-01T00:00:00Z"
            )["secret"]
        self.server = apiserver.Server(
            folder / "running",
            database,
            *WITH_AUTHENTICATION,
            *oidc_options(self.keys),
            log_level="debug",
        ).start()
        self.admin = self.client("admin")

    def make(self, api, **body):
        made = api.create("tokens", {"name": objects.name("token")} | body)
        self.secrets.append(made["secret"])
        return made

    def client(self, role):
        return self.server.client(self.tokens[role])

    def with_jwt(self, text):
        self.secrets.append(text)
        return self.server.client(text)


@pytest.fixture(scope="module")
def house(new_database, tmp_path_factory):
    built = House(tmp_path_factory.mktemp("access"), new_database())
    try:
        yield built
    finally:
        assert built.server.stop() == 0


def status_of(client, operation, **values):
    """The status alone: a stream of events does not end."""
    body = json.dumps({}) if operation.has_body else None
    headers = {"Content-Type": "application/json"} if body else {}
    if client.token:
        headers["Authorization"] = f"Bearer {client.token}"
    connection = client.connect()
    try:
        connection.request(operation.method, operation.target(**({"file": "reference.css"} | values)), body, headers)
        response = connection.getresponse()
        if response.status in (401, 403):
            body = json.loads(response.read())
            assert body["message"]
            if response.status == 401:
                assert response.headers["WWW-Authenticate"].lower().startswith("bearer")
        return response.status
    finally:
        connection.close()


# --- roles -------------------------------------------------------------------------------------------------


def test_every_operation_says_its_role():
    assert OPERATIONS, "api/openapi.yaml is not there"
    assert {o.role for o in OPERATIONS} <= {"public", *ROLES}


@each_operation
@pytest.mark.parametrize("role", ROLES)
def test_role(house, operation, role):
    status = status_of(house.client(role), operation)
    rank = ("public", *ROLES).index
    if rank(role) >= rank(operation.role):
        assert status not in (401, 403) and status < 500, status
    else:
        assert status == 403


@each_operation
def test_without_token(house, operation):
    status = status_of(house.server.client(), operation)
    assert status == 200 if operation.role == "public" else status == 401


@each_operation
def test_unknown_token(house, operation):
    status = status_of(house.server.client("vms_" + "A" * 43), operation)
    assert status == (200 if operation.role == "public" and status == 200 else 401)


@each_operation
def test_scanner(house, operation):
    client = house.client("scanner")
    mine = {"assetScanID": house.mine, "family": "sbom"}
    if operation.role == "public":
        assert status_of(client, operation) == 200
    elif not operation.scanner:
        assert status_of(client, operation, **mine) == 403
    else:
        assert status_of(client, operation, **mine) not in (401, 403)
        if "{assetScanID}" in operation.path:
            assert status_of(client, operation, assetScanID=house.other, family="sbom") in (
                403,
                404,
            )
            assert status_of(client, operation, assetScanID="none", family="sbom") in (403, 404)


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "bearer x y",
        "Bearer " + "x" * 10_000,
        "Bearer \u00e9",
        "Token x",
    ],
)
def test_damaged_authorization(house, authorization):
    headers = {"Authorization": authorization.encode("latin-1")}
    answer = house.server.client().get("/assets", headers)
    assert answer.status in (401, 431) or (answer.status == 400 and "\u00e9" in authorization)


def test_the_scheme_is_case_insensitive(house):
    client = house.server.client()
    client.get("/whoami", {"Authorization": f"bearer {house.tokens['viewer']}"}).expect(200)


@pytest.mark.parametrize("role", [*ROLES, "scanner"])
def test_whoami(house, role):
    me = house.client(role).get("/whoami").expect(200).json
    assert me["role"] == role and me["kind"] == "Token"
    if role == "scanner":
        assert me["assetScan"]["id"] == house.mine
        assert me["expiresOn"]


# --- a scanner's token -------------------------------------------------------------------------------------


def test_a_scanner_does_its_work(house):
    client = house.client("scanner")
    path = f"/assetScans/{house.mine}"
    client.get(path).expect(200)
    client.patch(path, {"status": {"general": {"state": "InProgress"}}}).expect(200)
    results = {
        "observedOn": objects.time(),
        "coverage": [{"state": "scanned"}],
        "items": [{"findingInfo": objects.finding_info()}],
    }
    assert client.put(f"{path}/results/sbom", results).expect(200).json["added"] == 1
    client.get(f"{path}/results/sbom").expect(200)
    house.client("viewer").get("/findings").expect(200)
    client.get("/findings").expect(403)
    client.get(path, expand="asset,scan").expect(200, 403)


@pytest.mark.parametrize(
    "change",
    [
        lambda h: {"asset": {"id": h.other_asset}},
        lambda h: {"scan": {"id": "another"}},
        lambda h: {"asset": None},
    ],
    ids=["asset", "scan", "no-asset"],
)
@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_scanner_cannot_move_to_another_asset(house, change, method):
    path = f"/assetScans/{house.mine}"
    before = house.admin.get(path).json
    body = change(house)
    if method == "PUT":
        body = {k: v for k, v in (before | body).items() if v is not None}
    house.client("scanner").request(method, path, body).expect(400, 403)
    assert house.admin.get(path).json["asset"] == before["asset"]


@pytest.mark.parametrize(
    "over",
    [{"expiresOn": None}, {"assetScan": None}, {"assetScan": {"id": ""}}],
    ids=["no-end", "no-asset-scan", "empty-asset-scan"],
)
def test_scanner_tokens_that_are_refused(house, over):
    body = {
        "name": objects.name(),
        "role": "scanner",
        "assetScan": {"id": house.mine},
        "expiresOn": "2099-01-01T00:00:00Z",
    }
    house.admin.post("/tokens", {k: v for k, v in (body | over).items() if v is not None}).expect(
        400
    )


# --- tokens ------------------------------------------------------------------------------------------------


def test_the_secret_is_said_once(house):
    made = house.make(house.admin, role="viewer")
    secret = made["secret"]
    path = f"/tokens/{made['id']}"
    for answer in (
        house.admin.get(path),
        house.admin.get("/tokens"),
        house.admin.get("/tokens", select="secret,name"),
        house.admin.patch(path, {"annotations": []}),
        house.admin.post("/tokens", {"name": made["name"], "role": "viewer"}),
        house.admin.get("/export/tokens"),
        house.admin.get("/auditEvents"),
        house.admin.get("/tokens", filter=f"secret eq '{secret}'"),
        house.admin.get("/tokens", filter="startswith(secret,'vms_')"),
    ):
        assert secret not in answer.text
        assert '"secret":"' not in answer.text.replace('"secret":""', "")


def test_a_revoked_token_stops_working(house):
    made = house.make(house.admin, role="viewer")
    client = house.server.client(made["secret"])
    client.get("/whoami").expect(200)
    house.admin.patch(f"/tokens/{made['id']}", {"revokedOn": objects.now()}).expect(200)
    waiting.until(lambda: client.get("/whoami").status == 401, "the revoked token is refused", 5)


def test_a_deleted_token_stops_working(house):
    made = house.make(house.admin, role="viewer")
    client = house.server.client(made["secret"])
    client.get("/whoami").expect(200)
    house.admin.delete(f"/tokens/{made['id']}").expect(200)
    waiting.until(lambda: client.get("/whoami").status == 401, "the deleted token is refused", 5)


def test_a_token_expires(house):
    end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=3)
    made = house.make(house.admin, role="viewer", expiresOn=end.isoformat())
    client = house.server.client(made["secret"])
    client.get("/whoami").expect(200)
    waiting.until(lambda: client.get("/whoami").status == 401, "the token has expired", 15)
    assert datetime.datetime.now(datetime.UTC) >= end


def test_a_disabled_user_takes_its_tokens_along(house):
    user = house.admin.create("users", {"name": objects.name("user"), "role": "operator"})
    made = house.make(house.admin, role="operator", user={"id": user["id"]})
    client = house.server.client(made["secret"])
    client.post("/scans", objects.scan()).expect(201)
    house.admin.patch(f"/users/{user['id']}", {"role": "viewer"}).expect(200)
    waiting.until(
        lambda: client.post("/scans", objects.scan()).status == 403, "the role is the user's", 5
    )
    house.admin.patch(f"/users/{user['id']}", {"disabled": True}).expect(200)
    waiting.until(lambda: client.get("/whoami").status == 401, "the user is disabled", 5)


def test_a_client_cannot_choose_the_secret(house):
    made = house.admin.create(
        "tokens", {"name": objects.name(), "role": "admin", "secret": "vms_chosen"}
    )
    house.secrets.append(made["secret"])
    assert made["secret"] != "vms_chosen"
    house.server.client("vms_chosen").get("/whoami").expect(401)


def test_secrets_differ_and_are_long(house):
    secrets = {house.make(house.admin, role="viewer")["secret"] for _ in range(20)}
    assert len(secrets) == 20
    assert all(len(s) >= 40 and re.fullmatch(r"[A-Za-z0-9_-]+", s) for s in secrets)


# --- saved views, audit ------------------------------------------------------------------------------------


def test_saved_views_are_their_owners(house):
    other = house.server.client(house.make(house.admin, role="viewer")["secret"])
    mine = house.client("viewer")
    view = mine.create(
        "savedViews", {"name": objects.name("view"), "collection": "findings", "filter": "true"}
    )
    path = f"/savedViews/{view['id']}"
    assert view["owner"]
    other.get(path).expect(403, 404)
    other.patch(path, {"shared": True}).expect(403, 404)
    other.delete(path).expect(403, 404)
    assert view["id"] not in [v["id"] for v in other.list("savedViews")]
    assert other.count("savedViews", filter=f"id eq '{view['id']}'") == 0
    mine.patch(path, {"shared": True}).expect(200)
    other.get(path).expect(200)
    other.patch(path, {"name": "x"}).expect(403, 404)
    mine.delete(path).expect(200)


def test_changes_are_audited(house):
    client = house.client("operator")
    name = client.get("/whoami").json["name"]
    made = client.create("scans", objects.scan())
    client.patch(f"/scans/{made['id']}", {"state": "Aborted"}).expect(200)
    client.delete(f"/scans/{made['id']}").expect(200)
    events = house.admin.list(
        "auditEvents", filter=f"objectID eq '{made['id']}'", orderby="time,id"
    )
    assert [e["operation"] for e in events] == [
        "PostScans",
        "PatchScansScanID",
        "DeleteScansScanID",
    ]
    assert {e["actor"] for e in events} == {name}
    assert [e["status"] for e in events] == [201, 200, 200]
    assert "/state" in events[1]["changes"]
    assert all(e["role"] == "operator" and e["requestID"] and e["remoteAddress"] for e in events)
    denied = house.client("viewer").post("/scans", objects.scan()).expect(403)
    assert denied.json["message"]


# --- JWTs --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["rsa", "ec"])
@pytest.mark.parametrize("role", ROLES)
def test_jwt(house, kind, role):
    key = getattr(house, kind)
    client = house.with_jwt(key.sign({tokens.ROLE_CLAIM: role, "sub": f"{kind}-{role}"}))
    me = client.get("/whoami").expect(200).json
    assert (me["role"], me["kind"], me["name"]) == (role, "User", f"{kind}-{role}")
    client.post("/scans", objects.scan()).expect(403 if role == "viewer" else 201)


def test_jwt_with_several_audiences(house):
    house.with_jwt(house.rsa.sign(aud=["other", tokens.AUDIENCE])).get("/whoami").expect(200)


def test_jwt_of_a_known_user(house):
    subject = objects.name("subject")
    user = {
        "name": objects.name("anna"),
        "role": "operator",
        "issuer": tokens.ISSUER,
        "subject": subject,
    }
    house.admin.create("users", user)
    me = (
        house.with_jwt(house.ec.sign({tokens.ROLE_CLAIM: None, "sub": subject}))
        .get("/whoami")
        .expect(200)
        .json
    )
    assert (me["name"], me["role"]) == (user["name"], "operator")
    # What the token claims does not outdo what is known here.
    claimed = house.with_jwt(house.ec.sign({tokens.ROLE_CLAIM: "admin", "sub": subject}))
    assert claimed.get("/whoami").json["role"] == "operator"


def forged(house):
    stranger = tokens.Key("RS256", "rsa-1")
    good = house.rsa.sign({tokens.ROLE_CLAIM: "admin"})
    head, body, signature = good.split(".")
    hour = 3600
    now = int(datetime.datetime.now().timestamp())
    claims = {
        "iss": tokens.ISSUER,
        "aud": tokens.AUDIENCE,
        "sub": "x",
        "exp": now + hour,
        tokens.ROLE_CLAIM: "admin",
    }

    def symmetric():  # the public key taken for a shared secret
        parts = [
            encode(json.dumps(p).encode()).rstrip(b"=")
            for p in ({"alg": "HS256", "kid": "rsa-1"}, claims)
        ]
        mac = hmac.new(house.rsa.public_pem(), b".".join(parts), "sha256").digest()
        return b".".join([*parts, encode(mac).rstrip(b"=")]).decode()

    return {
        "expired": house.rsa.sign(exp=now - hour),
        "not-yet": house.rsa.sign(nbf=now + hour),
        "no-end": house.rsa.sign(exp=None),
        "other-issuer": house.rsa.sign(iss="https://evil.example"),
        "no-issuer": house.rsa.sign(iss=None),
        "other-audience": house.rsa.sign(aud="other"),
        "no-audience": house.rsa.sign(aud=None),
        "no-subject": house.rsa.sign(sub=None),
        "unknown-role": house.rsa.sign({tokens.ROLE_CLAIM: "root"}),
        "no-role": house.rsa.sign({tokens.ROLE_CLAIM: None}),
        "scanner-role": house.rsa.sign({tokens.ROLE_CLAIM: "scanner"}),
        "stranger": stranger.sign({tokens.ROLE_CLAIM: "admin"}),
        "unknown-key": house.rsa.sign(headers={"kid": "no-such-key"}),
        "other-kind-of-key": house.rsa.sign(headers={"kid": "ec-1"}),
        "none": tokens.unsigned(claims),
        "none-signed": tokens.unsigned(claims) + signature,
        "symmetric": symmetric(),
        "cut": good[:-8],
        "no-signature": f"{head}.{body}.",
        "two-parts": f"{head}.{body}",
        "other-body": f"{head}.{house.rsa.sign({tokens.ROLE_CLAIM: 'admin', 'sub': 'y'}).split('.')[1]}.{signature}",
        "garbage": "a.b.c",
        "dots": "..",
        "empty-object": "e30.e30.e30",
        "critical-header": house.rsa.sign(headers={"crit": ["exp2"], "exp2": 1}),
    }


FORGERIES = [
    "expired", "not-yet", "no-end", "other-issuer", "no-issuer", "other-audience", "no-audience", "no-subject",
    "unknown-role", "no-role", "scanner-role", "stranger", "unknown-key", "other-kind-of-key", "none", "none-signed",
    "symmetric", "cut", "no-signature", "two-parts", "other-body", "garbage", "dots", "empty-object", "critical-header",
]  # fmt: skip


@pytest.mark.parametrize("kind", FORGERIES)
def test_jwt_that_is_refused(house, kind):
    client = house.with_jwt(forged(house)[kind])
    expected = (401, 403) if "role" in kind else (401,)
    client.get("/assets").expect(*expected)
    client.post("/scans", objects.scan()).expect(*expected)


def test_the_issuer_changes_its_keys(house):
    new = tokens.Key("ES256", "ec-2")
    client = house.with_jwt(new.sign())
    client.get("/whoami").expect(401)
    house.keys.write_text(tokens.key_set(house.rsa, house.ec, new))
    waiting.until(
        lambda: client.get("/whoami").status == 200, "the new key is known", 60, pause=0.5
    )


# --- secrets -----------------------------------------------------------------------------------------------


def test_no_secret_is_in_the_database(house):
    secret = house.make(house.admin, role="viewer")["secret"]
    house.server.client(secret).get("/whoami").expect(200)
    if house.database.startswith("sqlite:"):
        path = pathlib.Path(house.database.removeprefix("sqlite:"))
        stored = b"".join(part.read_bytes() for part in path.parent.glob(path.name + "*"))
        assert b"token-" in stored  # the search looks at the right bytes
    else:
        stored = subprocess.run(
            ["pg_dump", house.database], stdout=subprocess.PIPE, check=True
        ).stdout
        assert b"token-" in stored  # the search looks at the right bytes
    for known in filter(lambda secret: len(secret) > 20, house.secrets):
        assert known.encode() not in stored


def test_no_secret_is_in_the_log(house):
    """All of the above was logged at the finest level; none of what proves identity is there."""
    house.server.client("vms_wrong-" + "x" * 40).get("/assets").expect(401)
    log = house.server.log_text()
    assert "/whoami" in log  # requests are logged
    for secret in [*house.secrets, "vms_wrong-", postgresql.PASSWORD]:
        assert secret not in log, f"a secret that begins with {secret[:6]} is in the log"


def test_wrong_password_of_the_database_is_not_shown(database_kind, new_database):
    if database_kind != "postgresql":
        pytest.skip("SQLite has no password")
    url = new_database().replace(postgresql.PASSWORD, "wrong-secret-word")
    status, text = apiserver.run_to_end(
        "apiserver", "--listen", "127.0.0.1:0", "--database", url, seconds=60
    )
    assert status != 0 and text
    assert "wrong-secret-word" not in text
