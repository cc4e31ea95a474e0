"""A real edge on loopback, over a store of its own: SQLite, or PostgreSQL when `CEAP_TEST_STORE_URL` names one."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pysqlite3.dbapi2 as sqlite

from tests import template
from tests.crash.forks import Child
from tests.programs import script, start

ROOT = Path(__file__).parents[2]
TLS = httpx.create_ssl_context()  # used by no request; made for each, it cost ten times what the request did
SERVER, READER, BROWSER = "ceap_srv_server-key-1", "ceap_srv_reader-key-1", "ceap_pub_browser-key-1"
PERSON = "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_1) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17 Safari/605"

_SEED = f"""
from uuid import UUID
from ceap.accounts.models import ApiKey
from ceap.channels.models import Delivery, Link
from ceap.customers.models import Customer, Identity
from ceap.kit.clock import now
from ceap.accounts.actions.keys import sealed_key
from ceap.kit.ids import digest, signing_key
at = now()
for secret, kind, scopes in (
    ("{SERVER}", "server", ["events:write", "customers:read", "customers:write", "segments:read"]),
    ("{READER}", "server", ["events:write", "customers:read"]),
    ("{BROWSER}", "browser", ["events:write", "customers:read", "segments:read"]),
):
    ApiKey.objects.create(name=secret[9:], kind=kind, prefix=secret[:14], digest=digest(secret), scopes=scopes,
                          sealed=sealed_key(kind, signing_key(secret)), created_at=at)
for n in range(1, 21):
    c = Customer.objects.create(customer_id=f"C{{n}}", full_name=f"Person {{n}}", email=f"p{{n}}@example.test",
                                phone=f"+62811000{{n:04}}", marketing_opt_in=True, created_at=at, updated_at=at)
    for kind, value in (("email", c.email), ("customer_id", c.customer_id), ("phone", c.phone)):
        Identity.objects.create(customer=c, kind=kind, value=value, created_at=at)
version = UUID(int=7)
for index, url in ((0, "https://shop.example/one"), (1, "javascript:alert(1)")):
    Link.objects.create(content_version_id=version, index=index, url=url)
for n in range(1, 11):
    Delivery.objects.create(source_kind="campaign", source_id=UUID(int=9), customer_id=n, sender_id=UUID(int=8),
        content_version_id=version, address=f"p{{n}}@example.test", state="sent", due_at=at, planned_at=at,
        token=f"token-of-delivery-{{n:02}}")
"""


@dataclass
class Edge:
    """A running edge. `sql` reads its store directly."""

    home: Path
    port: int
    store_url: str
    process: subprocess.Popen[bytes] | Child | None = None
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, command: list[str] | None = None) -> None:
        if command is None:
            self.process = start(self.environment, "edge")
        else:
            with (self.home / "edge.log").open("ab") as log:
                self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stderr=log)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                if httpx.get(f"{self.url}/readyz", timeout=2, verify=TLS).status_code == 200:
                    return
            except httpx.HTTPError:
                if self.process.poll() is not None:
                    break
            time.sleep(0.05)
        said = self.process.out if isinstance(self.process, Child) else self.home / "edge.log"
        raise AssertionError(said.read_text()[-3000:])

    def seed(self, code: str) -> None:
        """Run Python `code` on the edge's store."""
        done = script(self.environment, code)
        assert done.code == 0, done.said[-3000:]

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self.process
        self.process.send_signal(number)
        return self.process.wait(30)

    def post(self, body: Any, key: str = SERVER, **headers: str) -> httpx.Response:
        """POST /v1/events."""
        given = {"authorization": f"Bearer {key}"} | {name.replace("_", "-"): value for name, value in headers.items()}
        kind = {"content": body} if isinstance(body, bytes) else {"json": body}
        return httpx.post(f"{self.url}/v1/events", headers=given, timeout=30, verify=TLS, **kind)

    def get(self, path: str, key: str = "", method: str = "GET", **headers: str) -> httpx.Response:
        given = {"user-agent": PERSON} | ({"authorization": f"Bearer {key}"} if key else {})
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.request(method, f"{self.url}{path}", headers=given, timeout=30, verify=TLS)

    def sql(self, text: str) -> list[tuple[Any, ...]]:
        """Rows of the store (or nothing, for a write)."""
        if self.store_url:
            with psycopg.connect(self.store_url) as connection:
                cursor = connection.execute(text)
                return cursor.fetchall() if cursor.description else []
        with sqlite.connect(str(self.home / "store.sqlite3"), timeout=20) as connection:
            rows: list[tuple[Any, ...]] = connection.execute(text).fetchall()
        connection.close()
        return rows

    def count(self, table: str = "events_entry") -> int:
        return int(self.sql(f"SELECT count(*) FROM {table}")[0][0])


@contextmanager
def edge_on(home: Path, *, start: bool = True, postgresql: str | None = None) -> Iterator[Edge]:
    """An edge over a fresh store in `home`: customers p1 … p20, deliveries token-of-delivery-01 … 10, three keys."""
    server = os.environ.get("CEAP_TEST_STORE_URL", "") if postgresql is None else postgresql
    name, store_url = f"ceap_edge_{uuid.uuid4().hex[:12]}", ""
    if server:
        parts = urlsplit(server)
        base = f"{parts.scheme}://{parts.netloc}"
        _maintain(base, f"CREATE DATABASE {name} TEMPLATE {template.database(server)}")
        store_url = f"{base}/{name}"
    else:
        template.file(home / "store.sqlite3")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ, "CEAP_HOME": str(home), "CEAP_EDGE_PORT": str(port), "CEAP_STORE_URL": store_url,
        "DJANGO_SETTINGS_MODULE": "ceap.web.settings", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    edge = Edge(home, port, store_url, environment=environment)
    try:
        edge.seed(_SEED)
        if start:
            edge.start()
        yield edge
    finally:
        if edge.process is not None and edge.process.poll() is None:
            edge.process.terminate()  # not kill: its coverage is counted
            try:
                edge.process.wait(10)
            except (subprocess.TimeoutExpired, AssertionError):
                edge.process.kill()
                edge.process.wait()
        if server:
            _maintain(base, f"DROP DATABASE {name} WITH (FORCE)")


def _maintain(base: str, sql: str) -> None:
    with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
        connection.execute(sql)
