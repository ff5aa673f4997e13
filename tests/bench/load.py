"""A load generator: many kept-alive connections from one thread, at a few microseconds per request.

It knows just enough HTTP/1.1 for this server's answers (a Content-Length, no chunks). A client library would take as
much processor time as the server that is measured, on the same few cores.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

CONNECTIONS = 16
COMPRESSED = "gzip, deflate, br, zstd"  # what browsers send
PLAIN = "identity"  # what most programs send
_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length: "


@dataclass(frozen=True)
class Round:
    """One round of load. latencies_s: of every answer, in order of arrival. statuses: how often each came."""

    seconds: float
    latencies_s: list[float]
    statuses: dict[int, int]

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return len(self.latencies_s) / self.seconds

    def percentile_ms(self, percent: float) -> float:
        """A percentile of the latencies, in milliseconds."""
        return float(np.percentile(self.latencies_s, percent)) * 1000


@dataclass
class _Connection:
    """One socket, what arrived of the present answer, its full length once known, and when it was asked."""

    socket: socket.socket
    received: bytearray = field(default_factory=bytearray)
    expected: int = 0
    asked_at: float = 0.0

    def ask(self, request: bytes) -> None:
        self.received.clear()
        self.expected = 0
        self.asked_at = time.perf_counter()
        self.socket.sendall(request)

    def complete(self) -> bool:
        """Take what has arrived; True when that completes the answer."""
        chunk = self.socket.recv(262_144)
        if not chunk:
            raise ConnectionError("the server closed the connection")
        self.received += chunk
        if not self.expected:
            head = self.received.find(_END_OF_HEAD)
            if head < 0:
                return False
            self.expected = head + len(_END_OF_HEAD) + _body_length(bytes(self.received[:head]))
        return len(self.received) >= self.expected

    def status(self) -> int:
        return int(self.received[9:12])


def _body_length(head: bytes) -> int:
    lowered = head.lower()
    start = lowered.find(_LENGTH)
    return int(lowered[start + len(_LENGTH) :].split(b"\r", 1)[0]) if start >= 0 else 0


def get(path: str, encodings: str = COMPRESSED) -> bytes:
    """A GET request as bytes. encodings: the Accept-Encoding header."""
    lines = (f"GET {path} HTTP/1.1", "Host: 127.0.0.1", f"Accept-Encoding: {encodings}", "Accept-Language: id", "", "")
    return "\r\n".join(lines).encode()


def fetch(port: int, request: bytes) -> tuple[int, float, bytes]:
    """One request on a connection of its own: status, seconds, and the whole answer (head and body)."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as opened:
        connection = _Connection(opened)
        connection.ask(request)
        while not connection.complete():
            pass
        return connection.status(), time.perf_counter() - connection.asked_at, bytes(connection.received)


def fire(
    port: int, requests: Iterator[bytes], *, seconds: float | None = None, connections: int = CONNECTIONS
) -> Round:
    """Keep every connection busy for some seconds, or until the requests are used up."""
    latencies: list[float] = []
    statuses: dict[int, int] = {}
    with selectors.DefaultSelector() as selector:
        opened = [_open(port) for _ in range(connections)]
        started = time.perf_counter()
        stop_at = started + (seconds if seconds is not None else float("inf"))
        busy = 0
        for connection in opened:
            request = next(requests, None)
            if request is None:
                break
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.ask(request)
            busy += 1
        while busy:
            for key, _events in selector.select():
                connection = key.data
                if not connection.complete():
                    continue
                now = time.perf_counter()
                latencies.append(now - connection.asked_at)
                status = connection.status()
                statuses[status] = statuses.get(status, 0) + 1
                request = next(requests, None) if now < stop_at else None
                if request is None:
                    selector.unregister(connection.socket)
                    busy -= 1
                else:
                    connection.ask(request)
        elapsed = time.perf_counter() - started
    for connection in opened:
        connection.socket.close()
    return Round(elapsed, latencies, statuses)


def _open(port: int) -> _Connection:
    opened = socket.create_connection(("127.0.0.1", port), timeout=60)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return _Connection(opened)
