"""`vmsecurity scan --server`: a real scan whose results go to a real API server."""

import http.client
import http.server
import json
import os
import subprocess
import threading
import time

import pytest
from support import apiserver, images, objects, program, trees, waiting

OPENSSL = ("openssl", "3.0.11-1")


@pytest.fixture(scope="module")
def advisories(tmp_path_factory):
    folder = tmp_path_factory.mktemp("advisories")
    feed = folder / "feed.jsonl"
    feed.write_text(
        json.dumps(trees.advisory("CVE-2024-0001", "Debian:12", "openssl", "3.0.12-1")) + "\n"
    )
    file = folder / "advisories.vmadv"
    subprocess.run(
        [program.path(), "advisories", "build", feed, "--output", file],
        check=True,
        capture_output=True,
    )
    return file


def command(server, asset_scan, target, advisories, *more):
    address = server if isinstance(server, str) else server.api_address
    return [
        str(word)
        for word in (
            program.path(), "scan", target, "--server", f"http://{address}",
            "--asset-scan-id", asset_scan, "--advisories", advisories, *more,
        )
    ]  # fmt: skip


def scan(*arguments, environment=None):
    return subprocess.run(
        command(*arguments),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=apiserver.clean_environment(environment),
        timeout=60,
        check=False,
    )


@pytest.fixture
def asset(api):
    return api.create("assets", objects.asset())["id"]


def new_asset_scan(api, asset, state="ReadyToScan", **over):
    body = objects.asset_scan(asset, status={"general": {"state": state}}, **over)
    return api.create("assetScans", body)["id"]


def findings(api, asset, kind):
    answer = api.get(
        "/findings",
        filter=f"asset/id eq '{asset}' and findingInfo/objectType eq '{kind}'",
    )
    return answer.json["items"]


def test_two_scans_of_a_changing_root(server, api, asset, advisories, tmp_path):
    root = tmp_path / "root"
    trees.debian_root(root, packages=(OPENSSL, ("keep", "1.0-1"), ("gone", "1.0-1")))
    first = new_asset_scan(api, asset, snapshotTime="2024-03-01T00:00:00Z")
    done = scan(server, first, root, advisories, "--output", tmp_path / "out")
    assert done.returncode == program.COMPLETE, done.stderr
    item = api.item("assetScans", first)
    assert item["status"]["general"]["state"] == "Done"
    assert item["status"]["sbom"]["state"] == item["status"]["vulnerabilities"]["state"] == "Done"
    assert item["stats"]["general"]["scanTime"].keys() == {"startTime", "endTime"}
    assert item["annotations"][0]["key"] == "openclarity.io/vmclarity-scanner/config"
    assert "heartbeatTime" in item
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "sbom.cdx.json",
        "vulnerabilities.json",
    }
    before = {one["findingInfo"]["name"]: one for one in findings(api, asset, "Package")}
    assert before.keys() == {"openssl", "keep", "gone"}
    assert before["keep"]["foundOn"].startswith("2024-03-01T00:00:00")
    (found,) = findings(api, asset, "Vulnerability")
    assert found["findingInfo"]["vulnerabilityName"] == "CVE-2024-0001"
    assert found["findingInfo"]["fix"]["versions"] == ["3.0.12-1"]

    trees.debian_root(
        tmp_path / "later", packages=(("openssl", "3.0.12-1"), ("keep", "1.0-1"), ("new", "2.0-1"))
    )
    second = new_asset_scan(api, asset, snapshotTime="2024-03-02T00:00:00Z")
    assert scan(server, second, tmp_path / "later", advisories).returncode == program.COMPLETE
    after = findings(api, asset, "Package")
    valid = {one["findingInfo"]["name"]: one for one in after if "invalidatedOn" not in one}
    assert valid.keys() == {"openssl", "keep", "new"}
    assert valid["keep"]["id"] == before["keep"]["id"]
    (found,) = findings(api, asset, "Vulnerability")
    assert found["invalidatedOn"].startswith("2024-03-02T00:00:00")


def test_a_target_that_cannot_be_opened_closes_nothing(server, api, asset, advisories, tmp_path):
    trees.debian_root(tmp_path / "root")
    assert scan(server, new_asset_scan(api, asset), tmp_path / "root", advisories).returncode == 0
    failed = new_asset_scan(api, asset)
    done = scan(server, failed, tmp_path / "none", advisories)
    assert done.returncode == program.FAILED and "none" in done.stderr
    item = api.item("assetScans", failed)
    assert item["status"]["general"]["state"] == "Failed"
    assert "none" in item["status"]["general"]["errors"][0]
    assert item["status"]["sbom"]["state"] == "Failed" and not item["coverageComplete"]
    assert all("invalidatedOn" not in one for one in findings(api, asset, "Package"))


def test_a_family_without_a_scanner_is_told(server, api, asset, advisories, tmp_path):
    trees.debian_root(tmp_path / "root")
    families = {"sbom": {"enabled": True}, "malware": {"enabled": True}}
    one = new_asset_scan(api, asset, scanFamiliesConfig=families)
    assert scan(server, one, tmp_path / "root", advisories).returncode == program.INCOMPLETE
    item = api.item("assetScans", one)
    assert item["status"]["malware"]["state"] == "Failed"
    assert "no scanner" in item["status"]["malware"]["errors"][0]
    assert "vulnerabilities" not in item["status"]
    (entry,) = [entry for entry in item["coverage"] if entry["family"] == "malware"]
    assert entry["state"] == "unsupported"


def test_a_families_config_decides(server, api, asset, advisories, tmp_path):
    root = trees.debian_root(tmp_path / "root", packages=(OPENSSL,))
    config = tmp_path / ".families.yaml"
    config.write_text(
        "sbom:\n  enabled: true\n  analyzers_list: [syft, gomod]\n"
        f"  inputs: [{{input: {root}, input_type: ROOTFS}}]\nmalware: {{enabled: true}}\n"
    )
    one = new_asset_scan(api, asset, scanFamiliesConfig={"vulnerabilities": {"enabled": True}})
    arguments = command(server, one, root, advisories, "--config", config)
    arguments.remove(str(root))
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == program.INCOMPLETE, done.stderr
    item = api.item("assetScans", one)
    assert item["status"]["general"]["state"] == "Done"
    assert "vulnerabilities" not in item["status"]
    unsupported = {
        (entry["family"], entry.get("scanner"))
        for entry in item["coverage"]
        if entry["state"] == "unsupported"
    }
    assert unsupported == {("sbom", "gomod"), ("malware", "vmsecurity")}
    assert len(findings(api, asset, "Package")) == 1


def test_an_asset_scan_names_its_scanners(server, api, asset, advisories, tmp_path):
    trees.debian_root(tmp_path / "root", packages=(OPENSSL, ("gone", "1.0-1")))
    families = {"sbom": {"enabled": True, "analyzers": ["syft", "gomod"]}}
    first = new_asset_scan(api, asset, scanFamiliesConfig=families)
    assert scan(server, first, tmp_path / "root", advisories).returncode == program.INCOMPLETE
    trees.debian_root(tmp_path / "later", packages=(OPENSSL,))
    second = new_asset_scan(api, asset, scanFamiliesConfig=families)
    assert scan(server, second, tmp_path / "later", advisories).returncode == program.INCOMPLETE
    gone = {
        one["findingInfo"]["name"]
        for one in findings(api, asset, "Package")
        if "invalidatedOn" in one
    }
    assert gone == {"gone"}


def test_a_families_config_is_found_and_checked(tmp_path):
    root = trees.debian_root(tmp_path / "root")
    config = tmp_path / ".families.yaml"

    def run(text):
        config.write_text(text)
        return subprocess.run(
            [program.path(), "scan", "--format", "json"],
            cwd=tmp_path,
            env=apiserver.clean_environment({"HOME": str(tmp_path / "none")}),
            capture_output=True,
            text=True,
            check=False,
        )

    done = run(f"sbom: {{enabled: true, inputs: [{{input: {root}, input_type: dir}}]}}\n")
    assert done.returncode == program.COMPLETE, done.stderr
    done = run("sbom: {enabeld: true}\n")
    assert done.returncode == program.USAGE
    assert "sbom.enabeld" in done.stderr and "'enabled'" in done.stderr


@pytest.fixture
def image_on_another(tmp_path):
    """A qcow2 image, and the raw one that it stands on."""
    trees.debian_root(tmp_path / "root", packages=(OPENSSL,))
    backing = images.ext(tmp_path / "base.img", tmp_path / "root")
    return images.qcow2(tmp_path / "top.qcow2", backing=backing.name, size="24M"), backing


def test_an_image_that_stays_the_same(server, api, asset, advisories, image_on_another):
    one = new_asset_scan(api, asset)
    done = scan(server, one, image_on_another[0], advisories, "--require-unchanged")
    assert done.returncode == program.COMPLETE, done.stderr
    assert len(findings(api, asset, "Package")) == 1


def test_an_image_that_changes_fails_the_scan(server, api, asset, advisories, image_on_another):
    image, backing = image_on_another
    one = new_asset_scan(api, asset)
    process = subprocess.Popen(command(server, one, image, advisories, "--require-unchanged"))
    while process.poll() is None:
        os.utime(backing)
    assert process.returncode == program.FAILED
    general = api.item("assetScans", one)["status"]["general"]
    assert general["state"] == "Failed"
    assert "base.img changed while" in general["errors"][0]
    assert findings(api, asset, "Package") == []


@pytest.mark.parametrize("state", ["Done", "Failed", "Aborted"])
def test_what_has_ended_is_not_scanned(server, api, asset, advisories, tmp_path, state):
    one = new_asset_scan(api, asset, state)
    done = scan(server, one, tmp_path, advisories)
    assert done.returncode == program.FAILED and state in done.stderr
    assert api.item("assetScans", one)["status"]["general"]["state"] == state


def test_an_abort_ends_it_while_it_waits(server, api, asset, advisories, tmp_path):
    one = new_asset_scan(api, asset, "Pending")
    process = subprocess.Popen(
        command(server, one, tmp_path, advisories), stderr=subprocess.PIPE, text=True
    )
    api.patch(f"/assetScans/{one}", {"status": {"general": {"state": "Aborted"}}})
    assert "bort" in process.communicate(timeout=10)[1]
    assert process.returncode == program.FAILED


def test_server_and_asset_scan_go_together(tmp_path):
    for more in (("--server", "http://127.0.0.1:1"), ("--asset-scan-id", "x")):
        done = subprocess.run(
            [program.path(), "scan", tmp_path, *more], capture_output=True, text=True, check=False
        )
        assert done.returncode == program.USAGE and "go together" in done.stderr


def test_an_unknown_asset_scan_ends_it(server, advisories, tmp_path):
    done = scan(server, "none-such", tmp_path, advisories)
    assert done.returncode == program.FAILED and "none-such" in done.stderr


class Faulty(http.server.BaseHTTPRequestHandler):
    """Hands requests on to the server; the first ones that bring results meet `faults` instead."""

    protocol_version = "HTTP/1.1"

    def forward(self):
        length = int(self.headers.get("Content-Length", 0))
        if self.command == "PUT" and self.server.faults:
            fault = self.server.faults.pop(0)
            if fault == "cut":
                self.rfile.read(length // 2)
                self.close_connection = True
                return
            self.rfile.read(length)
            self.send_response(fault)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        connection = http.client.HTTPConnection(self.server.behind, timeout=30)
        connection.request(
            self.command,
            self.path,
            self.rfile.read(length),
            {name: value for name, value in self.headers.items() if name not in ("Host", "Accept-Encoding")},
        )
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.getheader("Content-Type", "application/json"))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_PATCH = do_POST = forward  # noqa: N815

    def log_message(self, *_):
        pass


@pytest.fixture
def faulty(server):
    proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Faulty)
    proxy.behind = server.api_address
    proxy.faults = []
    thread = threading.Thread(target=proxy.serve_forever)
    thread.start()
    yield proxy
    proxy.shutdown()
    thread.join()
    proxy.server_close()


def test_results_get_through_a_server_that_fails(faulty, api, asset, advisories, tmp_path):
    trees.debian_root(tmp_path / "root", packages=(OPENSSL,))
    one = new_asset_scan(api, asset)
    faulty.faults = [503, "cut", 500]
    address = f"127.0.0.1:{faulty.server_port}"
    done = scan(address, one, tmp_path / "root", advisories)
    assert done.returncode == program.COMPLETE, done.stderr
    assert faulty.faults == []
    assert api.item("assetScans", one)["status"]["general"]["state"] == "Done"
    assert len(findings(api, asset, "Package")) == 1


def test_what_an_earlier_try_sent_is_not_sent_again(faulty, api, asset, advisories, tmp_path):
    trees.debian_root(tmp_path / "root", packages=(OPENSSL,))
    one = new_asset_scan(api, asset)
    address = f"127.0.0.1:{faulty.server_port}"
    faulty.faults = [400]
    assert scan(address, one, tmp_path / "root", advisories).returncode == program.FAILED
    assert api.item("assetScans", one)["status"]["general"]["state"] == "Failed"
    api.patch(
        f"/assetScans/{one}",
        {"status": {"general": {"state": "ReadyToScan"}, "sbom": {"state": "Done"}}},
    )
    done = scan(address, one, tmp_path / "root", advisories)
    assert done.returncode == program.COMPLETE, done.stderr
    assert findings(api, asset, "Package") == []
    assert len(findings(api, asset, "Vulnerability")) == 1


def test_an_abort_ends_it_while_it_sends(faulty, api, asset, advisories, tmp_path):
    trees.debian_root(tmp_path / "root", packages=(OPENSSL,))
    one = new_asset_scan(api, asset)
    faulty.faults = [503] * 1000
    address = f"127.0.0.1:{faulty.server_port}"
    process = subprocess.Popen(command(address, one, tmp_path / "root", advisories))
    waiting.until(lambda: len(faulty.faults) < 1000, "an upload")
    api.patch(f"/assetScans/{one}", {"status": {"general": {"state": "Aborted"}}})
    started = time.monotonic()
    assert process.wait(timeout=10) == program.FAILED
    assert time.monotonic() - started < 2
    general = api.item("assetScans", one)["status"]["general"]
    assert general["state"] == "Failed" and general["errors"] == ["aborted"]


def test_a_signal_ends_it_with_its_reason(faulty, api, asset, advisories, tmp_path):
    trees.debian_root(tmp_path / "root", packages=(OPENSSL,))
    one = new_asset_scan(api, asset)
    faulty.faults = [503] * 1000
    address = f"127.0.0.1:{faulty.server_port}"
    process = subprocess.Popen(command(address, one, tmp_path / "root", advisories))
    waiting.until(lambda: len(faulty.faults) < 1000, "an upload")
    process.terminate()
    assert process.wait(timeout=10) == program.FAILED
    general = api.item("assetScans", one)["status"]["general"]
    assert general["state"] == "Failed" and "signal" in general["errors"][0]
