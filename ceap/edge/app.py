"""The data plane's routes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ceap.edge import ingest, lookups, people
from ceap.edge.health import ready
from ceap.edge.keys import Caller, Keys
from ceap.edge.openapi import document
from ceap.edge.readings import Readings
from ceap.edge.recipients import Recipients
from ceap.edge.requests import Requests, answer, read_body, refusal
from ceap.edge.segments import Segments
from ceap.edge.store import Store, open_store
from ceap.edge.wire import check, identity, parse
from ceap.kit.clock import now
from ceap.kit.home import Home
from ceap.kit.problem import Forbidden, NotFound, Problem, invalid

log = logging.getLogger("ceap.edge")

_CORS = {
    "access-control-allow-origin": "*",  # keys travel in a header, never in a cookie
    "access-control-allow-methods": "GET, POST, OPTIONS",
    "access-control-allow-headers": "authorization, content-type, idempotency-key, x-customer-token, x-request-id",
    "access-control-expose-headers": "retry-after, x-request-id",
    "access-control-max-age": "600",
}
FORGET_SECONDS = 3600


class Edge:
    """The data plane of one home."""

    def __init__(self, home: Home, store: Store):
        self.home, self.store, self.segments = home, store, Segments(store)
        self.readings = Readings(store)
        self.keys = Keys(store, self.readings, home.secret)

    async def events(self, request: Request) -> Response:
        """POST /v1/events."""
        caller = await self.keys.caller(request, "events:write")
        repeat = request.headers.get("idempotency-key", "")
        if len(repeat) > 200 or not repeat.isprintable():
            raise invalid("Idempotency-Key", "An Idempotency-Key has at most 200 printable characters.")
        body = await read_body(request)
        events, at = parse(body), now()
        if caller.only:
            for event in events:
                event.customer = event.customer or {caller.only[0]: caller.only[1]}
        who = check(events, at, await self.readings.now())
        batch = ingest.Batch(events, who, caller, repeat, body, at)
        accepted = await self.store.write(lambda cursor: ingest.accept(cursor, self.store.vendor, batch))
        return answer(accepted, 202)

    async def customer(self, request: Request) -> Response:
        """GET /v1/customers/{kind}/{value}."""
        caller = await self.keys.caller(request, "customers:read")
        row = await self._found(caller, request.path_params, people.BY_ID, people.BY_IDENTITY)
        return answer(people.shown(row))

    async def customer_segments(self, request: Request) -> Response:
        """GET /v1/customers/{kind}/{value}/segments."""
        if not request.scope.get("raw_path", b"/segments").endswith(b"/segments"):  # an identity that ends so, encoded
            request.path_params["value"] += "/segments"
            return await self.customer(request)
        caller = await self.keys.caller(request, "segments:read")
        id, name, *_ = await self._found(caller, request.path_params, people.NAME_BY_ID, people.NAME_BY_IDENTITY)
        await self.segments.ready()
        return Response(self.segments.answer(id, name), media_type="application/json")

    async def many_segments(self, request: Request) -> Response:
        """POST /v1/customers/segments: the segments of at most `MAX_LOOKUPS` customers."""
        caller = await self.keys.caller(request, "segments:read")
        body, reading = await read_body(request), await self.readings.now()
        found = await lookups.answer(self.store, self.segments, caller, body, reading)
        return Response(found, media_type="application/json")

    async def _found(self, caller: Caller, named: dict[str, str], by_id: str, by_identity: str) -> tuple[Any, ...]:
        """The row of the customer that a path names, after merges; the last two columns are merged_into_id, erased_at.

        Raises:
            Invalid: the path names nobody. Forbidden: a browser asks about somebody else. NotFound.
        """
        try:
            kind, value = identity({named["kind"]: named["value"]}, await self.readings.now())
        except ValueError as error:
            raise invalid("value", str(error)) from None
        if caller.only and (kind, value) != caller.only:
            raise Forbidden("A browser key reads only the customer of its token.")
        if kind == "id":
            rows = await self.store.read(by_id, [int(value)])
        else:
            rows = await self.store.read(by_identity, [kind, value])
        for _ in range(10):
            if not rows or rows[0][-2] is None:
                break
            rows = await self.store.read(by_id, [rows[0][-2]])
        if not rows or rows[0][-1] is not None:
            raise NotFound(people.unknown(kind, value))
        return rows[0]

    async def healthz(self, request: Request) -> Response:
        """GET /healthz: the process is alive."""
        return answer({"status": "ok"})

    async def readyz(self, request: Request) -> Response:
        """GET /readyz: it can do its work."""
        well, checks = await ready(self.home, self.store)
        if self.segments.damaged:
            checks["damaged_memberships"] = self.segments.damaged
        return answer({"status": "ok" if well else "not ready", "checks": checks}, 200 if well else 503)

    async def openapi(self, request: Request) -> Response:
        """GET /v1/openapi.json."""
        return answer(document(self.home.edge_url))

    async def forget_for_ever(self) -> None:
        """Drop remembered answers that are too old, once an hour."""
        while True:
            with suppress(Problem):
                await self.store.write(lambda cursor: ingest.forget(cursor, self.store.vendor, now()))
            await asyncio.sleep(FORGET_SECONDS)


class Anything(Convertor[str]):
    """All the rest of a path, line breaks included."""

    regex = r"[\s\S]*"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("anything", Anything())


class Cors:
    """Lets pages of any site call /v1 with a browser key."""

    def __init__(self, app: Any):
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            await self.app(scope, receive, send)
            return
        if scope["method"] == "OPTIONS":
            await Response(status_code=204, headers=_CORS)(scope, receive, send)
            return

        async def sent(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] += _CORS_RAW
            await send(message)

        await self.app(scope, receive, sent)


_CORS_RAW = [
    (name.encode(), value.encode()) for name, value in _CORS.items() if "allow-origin" in name or "expose" in name
]


def application(home: Home, store: Store | None = None) -> Starlette:
    """The data plane of `home`."""
    edge = Edge(home, store or open_store(home))
    recipients = Recipients(home, edge.store)

    async def refused(request: Request, error: Exception) -> Response:
        return refusal(error)

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(edge.forget_for_ever()), asyncio.create_task(edge.segments.look_for_ever())]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(edge.store.close)

    tracked = ["GET", "HEAD"]
    return Starlette(
        routes=[
            Route("/v1/customers/{kind}/{value:path}/segments", edge.customer_segments, methods=["GET"]),
            Route("/v1/customers/segments", edge.many_segments, methods=["POST"]),
            Route("/v1/customers/{kind}/{value:path}", edge.customer, methods=["GET"]),
            Route("/v1/events", edge.events, methods=["POST"]),
            Route("/o/{token:anything}", recipients.opened, methods=tracked),
            Route("/c/{link:anything}", recipients.clicked, methods=tracked),
            Route("/u/{token:anything}", recipients.unsubscribe, methods=["GET", "HEAD", "POST"]),
            Route("/v1/openapi.json", edge.openapi, methods=["GET"]),
            Route("/healthz", edge.healthz, methods=["GET"]),
            Route("/readyz", edge.readyz, methods=["GET"]),
        ],
        middleware=[Middleware(Requests, https=home.edge_url.startswith("https://")), Middleware(Cors)],
        exception_handlers={Problem: refused, HTTPException: refused},
        lifespan=life,
    )
