"""Reads a stream of server-sent events (WHATWG HTML §9.2.6)."""

import dataclasses
import json
import queue
import threading


@dataclasses.dataclass
class Event:
    id: str
    event: str
    data: str

    @property
    def json(self):
        return json.loads(self.data)


class Stream:
    """An open stream; a thread reads, so that a test can wait with a deadline."""

    def __init__(self, client, path, last_event_id=None, headers=None):
        self._connection = client.connect()
        headers = dict(headers or {}) | {"Accept": "text/event-stream"}
        if client.token:
            headers["Authorization"] = f"Bearer {client.token}"
        if last_event_id is not None:
            headers["Last-Event-ID"] = str(last_event_id)
        self._connection.request("GET", client.prefix + path, headers=headers)
        self._socket = self._connection.sock  # let go of once the answer's head is read
        self.response = self._connection.getresponse()
        self._events = queue.Queue()
        self.last_id = ""  # where to go on; given before any event
        if self.response.status == 200:
            threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        number, name, data = "", "message", []
        try:
            for line in self.response:
                line = line.decode().rstrip("\r\n")
                if not line:
                    self.last_id = number
                    if data:
                        self._events.put(Event(number, name, "\n".join(data)))
                    name, data = "message", []
                    continue
                field, _, value = line.partition(":")
                value = value.removeprefix(" ")
                if field == "id":
                    number = value
                elif field == "event":
                    name = value
                elif field == "data":
                    data.append(value)
        except (OSError, ValueError, AttributeError):
            pass
        self._events.put(None)

    def next(self, seconds=20):
        """The next event; None when the server has closed the stream."""
        try:
            return self._events.get(timeout=seconds)
        except queue.Empty:
            raise AssertionError(f"no event within {seconds} s") from None

    def until(self, wanted, seconds=20, limit=100_000):
        """The first event for which `wanted` holds."""
        for _ in range(limit):
            event = self.next(seconds)
            assert event is not None, "the stream ended"
            if wanted(event):
                return event
        raise AssertionError(f"{limit} events, and none of them was it")

    def close(self):
        try:
            self._socket.shutdown(2)
        except OSError:
            pass
        self._connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
