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

from ceap.edge import ingest, lookups
from ceap.edge.customers import Customers
from ceap.edge.health import ready
from ceap.edge.keys import Keys
from ceap.edge.openapi import document
from ceap.edge.readings import Readings
from ceap.edge.recipients import Recipients
from ceap.edge.requests import ALLOWED, Requests, always, answer, read_body, refusal
from ceap.edge.segments import Segments
from ceap.edge.store import Store, open_store
from ceap.edge.wire import check, parse
from ceap.kit.clock import now
from ceap.kit.home import Home
from ceap.kit.problem import Problem, invalid

log = logging.getLogger("ceap.edge")

_CORS = {
    **{name.decode(): value.decode() for name, value in ALLOWED},
    "access-control-allow-methods": "GET, POST, OPTIONS",
    "access-control-allow-headers": "authorization, content-type, idempotency-key, x-customer-token, x-request-id",
    "access-control-max-age": "600",
}
FORGET_SECONDS = 3600


class Edge:
    """The data plane of one home."""

    def __init__(self, home: Home, store: Store):
        self.home, self.store, self.segments = home, store, Segments(store)
        self.readings = Readings(store)
        self.keys = Keys(store, self.readings, home.secret)
        self.https = home.edge_url.startswith("https://")
        self.customers = Customers(store, self.keys, self.readings, self.segments, always(self.https))

    async def events(self, request: Request) -> Response:
        """POST /v1/events."""
        caller = await self.keys.caller(request.headers, "events:write")
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
        named = request.path_params
        found = await self.customers.customer(request.headers, named["kind"], named["value"])
        return Response(found, media_type="application/json")

    async def customer_segments(self, request: Request) -> Response:
        """GET /v1/customers/{kind}/{value}/segments."""
        named = request.path_params
        if not request.scope.get("raw_path", b"/segments").endswith(b"/segments"):  # an identity that ends so, encoded
            named["value"] += "/segments"
            return await self.customer(request)
        found = await self.customers.customer_segments(request.headers, named["kind"], named["value"])
        return Response(found, media_type="application/json")

    async def many_segments(self, request: Request) -> Response:
        """POST /v1/customers/segments: the segments of at most `MAX_LOOKUPS` customers."""
        caller = await self.keys.caller(request.headers, "segments:read")
        body, reading = await read_body(request), await self.readings.now()
        found = await lookups.answer(self.store, self.segments, caller, body, reading)
        return Response(found, media_type="application/json")

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
                message["headers"] += ALLOWED
            await send(message)

        await self.app(scope, receive, sent)


class Application(Starlette):
    """The routes, with the most frequent look-ups answered in front of them."""

    def __init__(self, edge: Edge, **more: Any):
        super().__init__(**more)
        self.quick = edge.customers.quick

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not await self.quick(scope, send):
            await super().__call__(scope, receive, send)


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
    return Application(
        edge,
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
        middleware=[Middleware(Requests, https=edge.https), Middleware(Cors)],
        exception_handlers={Problem: refused, HTTPException: refused},
        lifespan=life,
    )
