"""The edge's process."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ceap.edge.app import application
from ceap.kit import logs
from ceap.kit.home import Home
from ceap.kit.process import role, serve_http

HEAD_SECONDS = 15.0  # a client that has not sent the head of a request by then is cut off
CONNECTIONS = 2_000


class PatientProtocol(HttpToolsProtocol):
    """HTTP/1.1 that does not wait for ever for a request's head."""

    _impatience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._impatience = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def on_headers_complete(self) -> None:
        if self._impatience is not None:
            self._impatience.cancel()
            self._impatience = None
        super().on_headers_complete()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._impatience is None:
            self._impatience = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._impatience is not None:
            self._impatience.cancel()
        super().connection_lost(exc)

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()


def config(home: Home, app: Any) -> uvicorn.Config:
    """How the edge is served."""
    return uvicorn.Config(
        app, host=home.host, port=home.edge_port, http=PatientProtocol, ws="none", access_log=False, log_config=None,
        timeout_graceful_shutdown=10, server_header=False, date_header=False, proxy_headers=False, backlog=1024,
        limit_concurrency=CONNECTIONS,
    )  # fmt: skip


def run(home: Home) -> None:
    """Serve the data plane until SIGTERM or SIGINT: requests in flight are answered, begun writes are finished."""
    logs.configure("edge")
    with role(home, "edge"):
        serve_http(uvicorn.Server(config(home, application(home))), threading.Event())
