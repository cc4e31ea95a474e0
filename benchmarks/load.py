"""A load generator in its own process: raw sockets with keep-alive, at a fixed rate or as fast as answers come.

At a fixed rate a request's time runs from the moment it was due, so a stalled server is not spared (no coordinated
omission).
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

import uvloop

from benchmarks.frame import percentile


@dataclass(frozen=True)
class Load:
    """What came of it: answers a second, latencies in milliseconds, how many answers were not 2xx."""

    count: int
    seconds: float
    p50: float
    p99: float
    refused: int

    @property
    def rate(self) -> float:
        return self.count / self.seconds


class _Client(asyncio.Protocol):
    def __init__(self, run: _Run):
        self.run, self.buffer, self.due = run, b"", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.run.idle.append(self)

    def send(self, request: bytes, due: float) -> None:
        self.due = due
        self.transport.write(request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.buffer = self.buffer + data if self.buffer else data
        head = self.buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        mark = self.buffer.lower().find(b"content-length:")
        length = int(self.buffer[mark + 15 : self.buffer.index(b"\r", mark)]) if 0 <= mark < head else 0
        if len(self.buffer) < head + 4 + length:
            return
        good = self.buffer[9:10] in (b"2", b"3")
        self.buffer = b""
        self.run.answered(self, good)

    def connection_lost(self, exc: Exception | None) -> None:
        self.run.lost += 1


class _Run:
    def __init__(self, requests: Sequence[bytes], rate: float, total: int):
        self.requests, self.rate, self.total = requests, rate, total
        self.idle: deque[_Client] = deque()
        self.sent = self.refused = self.lost = 0
        self.took: list[float] = []
        self.over = asyncio.Event()

    def answered(self, client: _Client, good: bool) -> None:
        self.took.append(time.perf_counter() - client.due)
        self.refused += not good
        self.idle.append(client)
        if len(self.took) >= self.total:
            self.over.set()
        elif not self.rate:
            self.pump(float("inf"))

    def pump(self, due: float) -> None:
        while self.idle and self.sent < min(due, self.total):
            client = self.idle.popleft()
            at = self.started + self.sent / self.rate if self.rate else time.perf_counter()
            client.send(self.requests[self.sent % len(self.requests)], at)
            self.sent += 1

    async def go(self, port: int, connections: int) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(connections):
            await loop.create_connection(lambda: _Client(self), "127.0.0.1", port)
        self.started = time.perf_counter()
        if not self.rate:
            self.pump(float("inf"))
        while not self.over.is_set():
            if self.rate:
                self.pump((time.perf_counter() - self.started) * self.rate)
            await asyncio.sleep(0.001)
            if self.lost:
                raise RuntimeError("the server closed a connection")
        self.seconds = time.perf_counter() - self.started


def _child(pipe: Connection, port: int, requests: list[bytes], connections: int, rate: float, total: int) -> None:
    run = _Run(requests, rate, total)
    uvloop.run(run.go(port, connections))
    milliseconds = [t * 1000 for t in run.took]
    pipe.send((run.total, run.seconds, percentile(milliseconds, 0.5), percentile(milliseconds, 0.99), run.refused))


def load(port: int, requests: Sequence[bytes], *, connections: int, total: int, rate: float = 0) -> Load:
    """Send `total` requests (taken in turn from `requests`, whole HTTP messages) over `connections` sockets.

    Args:
        rate: requests a second; 0 = each connection sends the next as soon as it has its answer.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    child = context.Process(target=_child, args=(there, port, list(requests), connections, rate, total))
    child.start()
    there.close()
    try:
        return Load(*here.recv())
    finally:
        child.join()


def request(method: str, path: str, *, key: str = "", body: bytes = b"") -> bytes:
    """A whole HTTP/1.1 message."""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n"
    head += f"Authorization: Bearer {key}\r\n" if key else ""
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    return head.encode() + b"\r\n" + body
