"""A small HTTP client for the API: standard library only, so that a test sees the bytes as they are."""

import dataclasses
import http.client
import json
import socket
import ssl
import threading
import urllib.parse

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"


@dataclasses.dataclass
class Answer:
    method: str
    target: str
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def text(self):
        return self.body.decode()

    def __str__(self):
        return f"{self.method} {self.target} -> {self.status} {self.body[:2000]!r}"

    def expect(self, *statuses):
        """Itself, if it has one of these statuses."""
        assert self.status in statuses, f"expected {' or '.join(map(str, statuses))}: {self}"
        return self


def query_string(options):
    """{"filter": "a eq 1"} as a query: `$` is put before each name that does not begin with `@`."""
    pairs = []
    for name, value in options.items():
        if value is None:
            continue
        if isinstance(value, bool):
            value = "true" if value else "false"
        pairs.append((name[1:] if name.startswith("@") else f"${name}", str(value)))
    return urllib.parse.urlencode(pairs, quote_via=urllib.parse.quote)


class Client:
    """Speaks to one server, from any number of threads; each thread keeps a connection alive."""

    def __init__(self, address, token=None, prefix="", tls_context=None, timeout=60):
        self.host, _, port = address.rpartition(":")
        self.port = int(port)
        self.token = token
        self.prefix = prefix
        self.tls_context = tls_context
        self.timeout = timeout
        self._local = threading.local()

    def with_token(self, token):
        return Client(
            f"{self.host}:{self.port}", token, self.prefix, self.tls_context, self.timeout
        )

    def connect(self):
        host = self.host.strip("[]")
        if self.tls_context:
            return http.client.HTTPSConnection(
                host, self.port, timeout=self.timeout, context=self.tls_context
            )
        return http.client.HTTPConnection(host, self.port, timeout=self.timeout)

    def close(self):
        connection = getattr(self._local, "connection", None)
        if connection:
            connection.close()
            self._local.connection = None

    def send(self, method, target, body=None, headers=None):
        """One request with the target as it is."""
        headers = dict(headers or {})
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        if body is not None:
            headers.setdefault("Content-Type", JSON)
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        connection = getattr(self._local, "connection", None)
        reused = connection is not None
        if not reused:
            connection = self._local.connection = self.connect()
        try:
            connection.request(method, target, body=body, headers=headers)
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            # A server may close a connection that was idle; only what changes nothing is sent anew.
            stale = isinstance(error, (ConnectionError, http.client.RemoteDisconnected))
            if reused and stale and method in ("GET", "HEAD"):
                return self.send(method, target, body, headers)
            raise
        if response.will_close:
            self.close()
        return Answer(method, target, response.status, response.headers, content)

    def request(self, method, path, body=None, headers=None, **options):
        """`options` are OData's without `$`, or other parameters with `@` before them."""
        target = self.prefix + path
        if options:
            target += ("&" if "?" in target else "?") + query_string(options)
        return self.send(method, target, body, headers)

    def get(self, path, headers=None, **options):
        return self.request("GET", path, headers=headers, **options)

    def post(self, path, body, headers=None):
        return self.request("POST", path, body, headers)

    def put(self, path, body, headers=None):
        return self.request("PUT", path, body, headers)

    def patch(self, path, body, headers=None):
        return self.request("PATCH", path, body, headers)

    def delete(self, path, headers=None):
        return self.request("DELETE", path, headers=headers)

    def create(self, collection, body):
        """The created object."""
        return self.post(f"/{collection}", body).expect(201).json

    def item(self, collection, object_id, **options):
        return self.get(f"/{collection}/{object_id}", **options).expect(200).json

    def list(self, collection, **options):
        """The items of a list."""
        return self.get(f"/{collection}", **options).expect(200).json["items"]

    def count(self, collection, **options):
        answer = self.get(f"/{collection}", count=True, top=0, **options).expect(200).json
        assert answer["items"] == []
        return answer["count"]

    def pages(self, target_or_path, size=None, **options):
        """Every page of a list, following @odata.nextLink. `size`: what a page shall have (OData 4.01 §8.2.8.7)."""
        headers = {"Prefer": f"odata.maxpagesize={size}"} if size else None
        answer = self.get(target_or_path, headers, **options).expect(200)
        while True:
            yield answer.json
            link = answer.json.get("@odata.nextLink")
            if link is None:
                return
            answer = self.follow(link, headers)

    def follow(self, link, headers=None):
        """A nextLink is absolute, or relative to where it was found."""
        parts = urllib.parse.urlsplit(link)
        path = parts.path if parts.path.startswith("/") else "/" + parts.path
        return self.send("GET", path + (f"?{parts.query}" if parts.query else ""), headers=headers).expect(200)


def raw_exchange(address, request, seconds=10, tls_context=None):
    """Sends bytes, and reads until the server closes or is silent; for requests that no library makes."""
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=seconds) as plain:
        stream = tls_context.wrap_socket(plain, server_hostname=host) if tls_context else plain
        stream.sendall(request)
        received = b""
        try:
            while chunk := stream.recv(65536):
                received += chunk
        except (TimeoutError, ssl.SSLError, ConnectionError):
            pass
        return received
