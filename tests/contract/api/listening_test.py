"""Where the server listens, and TLS."""

import http.client
import socket
import ssl

import pytest
from support import apiserver, objects, tokens

WITH_AUTHENTICATION = ("--authentication",)

# --- where it listens --------------------------------------------------------------------------------------


@pytest.fixture
def any_database(tmp_path):
    return f"sqlite:{tmp_path}/any.db"


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "[::]:0", ":0", "*:0"])
def test_beyond_loopback_only_with_authentication(any_database, listen):
    status, text = apiserver.run_to_end("apiserver", "--listen", listen, "--database", any_database)
    assert status == 2
    assert "authentication" in text


def test_beyond_loopback_with_authentication(tmp_path, any_database):
    server = apiserver.Server(tmp_path, any_database, *WITH_AUTHENTICATION, listen="0.0.0.0:0")
    with server:
        port = server.api_address.rpartition(":")[2]
        connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=10)
        connection.request("GET", "/assets")
        assert connection.getresponse().status == 401
        connection.close()


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "localhost:0", "[::1]:0"])
def test_loopback_without_authentication(tmp_path, any_database, listen):
    if "::1" in listen:
        try:
            socket.socket(socket.AF_INET6).bind(("::1", 0))
        except OSError:
            pytest.skip("no IPv6 here")
    with apiserver.Server(tmp_path, any_database, listen=listen) as server:
        server.client().get("/assets").expect(200)


# --- TLS ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = tokens.write_certificate(folder)
    server = apiserver.Server(
        folder / "server",
        f"sqlite:{folder}/tls.db",
        "--tls-certificate",
        certificate,
        "--tls-key",
        key,
    )
    with server:
        server.certificate = certificate
        yield server


def test_tls(tls):
    context = ssl.create_default_context(cafile=tls.certificate)
    client = tls.client(tls_context=context)
    made = client.create("assets", objects.asset())
    assert client.item("assets", made["id"]) == made
    assert client.connect().__class__ is http.client.HTTPSConnection


@pytest.mark.parametrize(
    "version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"]
)
def test_tls_versions(tls, version):
    context = ssl.create_default_context(cafile=tls.certificate)
    context.minimum_version = context.maximum_version = version
    tls.client(tls_context=context).get("/assets").expect(200)


def test_old_tls_is_refused(tls):
    context = ssl.create_default_context(cafile=tls.certificate)
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises(OSError):
        tls.client(tls_context=context).get("/assets")


def test_plain_http_to_a_tls_port(tls):
    with pytest.raises((http.client.HTTPException, OSError)):
        tls.client().get("/assets")
    context = ssl.create_default_context(cafile=tls.certificate)
    tls.client(tls_context=context).get("/assets").expect(200)


@pytest.mark.parametrize("wrong", ["missing", "no-key", "not-pem", "of-another"])
def test_bad_certificates(tmp_path, any_database, wrong):
    certificate, key = tokens.write_certificate(tmp_path)
    other = tokens.write_certificate(tmp_path, "other")[1]
    (tmp_path / "text.pem").write_text("no certificate")
    options = {
        "missing": ["--tls-certificate", tmp_path / "none.pem", "--tls-key", key],
        "no-key": ["--tls-certificate", certificate],
        "not-pem": ["--tls-certificate", tmp_path / "text.pem", "--tls-key", key],
        "of-another": ["--tls-certificate", certificate, "--tls-key", other],
    }[wrong]
    status, text = apiserver.run_to_end(
        "apiserver", "--listen", "127.0.0.1:0", "--database", any_database, *options
    )
    assert status in (2, 4) and text.strip()
