"""The data plane's routes."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from ceap.core import optout
from ceap.core.links import is_web_address, read_target
from ceap.edge import ingest, lookups, pages, people, tracking
from ceap.edge.health import ready
from ceap.edge.keys import Caller, Keys
from ceap.edge.openapi import document
from ceap.edge.problems import Unavailable
from ceap.edge.readings import Readings
from ceap.edge.requests import Requests, answer, read_body, refusal
from ceap.edge.segments import Segments
from ceap.edge.store import Store, open_store
from ceap.edge.wire import check, identity, parse
from ceap.kit.clock import now
from ceap.kit.home import Home
from ceap.kit.problem import Forbidden, NotFound, Problem, invalid

log = logging.getLogger("ceap.edge")

PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_UNSEEN = {"cache-control": "no-store, private", "referrer-policy": "no-referrer"}
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
        self.keys = Keys(store, self.readings)

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

    async def opened(self, request: Request) -> Response:
        """GET /o/<token>.gif: always the pixel."""
        hit = self._hit(request, request.path_params["token"].removesuffix(".gif"))
        try:
            await self.store.write(lambda cursor: tracking.opened(cursor, self.store.vendor, hit))
        except Unavailable:
            log.warning("an open could not be stored")
        return Response(PIXEL, media_type="image/gif", headers=_UNSEEN)

    async def clicked(self, request: Request) -> Response:
        """GET /c/<token>/<n>[?u=signed]: on to the stored or signed target, never anywhere else."""
        token, signed, number = (
            request.path_params["token"],
            request.query_params.get("u"),
            request.path_params["index"],
        )
        index = int(number) if number.isascii() and number.isdigit() and len(number) <= 6 else -1
        target: str | None = None
        if signed is not None:
            target = read_target(self.home.secret, signed)
        elif index >= 0:
            rows = await self.store.read(tracking.TARGET, [token, index])
            target = rows[0][0] if rows and is_web_address(rows[0][0]) else None
        if target is None:
            return HTMLResponse(pages.nowhere(), 404, headers=pages.HEADERS)
        hit = self._hit(request, token, index=index, url=target)
        try:
            await self.store.write(lambda cursor: tracking.clicked(cursor, self.store.vendor, hit))
        except Unavailable:  # the reader gets where the mail promised, whatever the state of the store
            log.warning("a click could not be stored")
        return RedirectResponse(target, 302, headers=_UNSEEN)

    async def unsubscribe(self, request: Request) -> Response:
        """GET and POST /u/<token> (RFC 8058): only POST acts; unknown tokens are answered alike."""
        name = await self._organisation()
        if request.method != "POST":
            return HTMLResponse(pages.confirm(name), headers=pages.HEADERS)
        hit = self._hit(request, request.path_params["token"])
        try:
            found = await self.store.write(lambda cursor: tracking.unsubscribed(cursor, self.store.vendor, hit))
        except Unavailable as problem:
            headers = {**pages.HEADERS, "retry-after": str(problem.retry_after)}
            return HTMLResponse(pages.later(), 503, headers=headers)
        if found:
            await self._out_of_hand(*found)
        return HTMLResponse(pages.done(name), headers=pages.HEADERS)

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

    async def _out_of_hand(self, customer: int, address: str) -> None:
        """Wait until no message to this person is being handed to a provider, so that the answer is true."""
        until = asyncio.get_running_loop().time() + optout.ACKNOWLEDGE_SECONDS
        with suppress(Unavailable):
            while asyncio.get_running_loop().time() < until:
                if not await self.store.write(
                    lambda cursor: optout.in_hand(cursor, self.store.vendor, customer_id=customer, address=address)
                ):
                    return
                await asyncio.sleep(0.1)

    async def _organisation(self) -> str:
        with suppress(Unavailable):
            rows = await self.store.read("SELECT name FROM accounts_organisation LIMIT 1")
            if rows:
                return str(rows[0][0])
        return "the sender"

    def _hit(self, request: Request, token: str, **more: Any) -> tracking.Hit:
        machine = tracking.by_machine(request.method, request.headers)
        return tracking.Hit(token, now(), machine, request.headers.get("user-agent", ""), **more)

    async def forget_for_ever(self) -> None:
        """Drop remembered answers that are too old, once an hour."""
        while True:
            with suppress(Problem):
                await self.store.write(lambda cursor: ingest.forget(cursor, self.store.vendor, now()))
            await asyncio.sleep(FORGET_SECONDS)


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
            Route("/o/{token}", edge.opened, methods=tracked),
            Route("/c/{token}/{index:path}", edge.clicked, methods=tracked),
            Route("/u/{token}", edge.unsubscribe, methods=["GET", "HEAD", "POST"]),
            Route("/v1/openapi.json", edge.openapi, methods=["GET"]),
            Route("/healthz", edge.healthz, methods=["GET"]),
            Route("/readyz", edge.readyz, methods=["GET"]),
        ],
        middleware=[Middleware(Requests, https=home.edge_url.startswith("https://")), Middleware(Cors)],
        exception_handlers={Problem: refused, HTTPException: refused},
        lifespan=life,
    )
