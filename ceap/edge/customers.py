"""GET /v1/customers/{kind}/{value} and …/segments: one customer's row or segments, asked for thousands of times a
second. What succeeds is answered in front of the framework, which took most of such a request's time; everything else
(refusals, other methods, odd paths) takes the framework's way, through the same look-up.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ceap.edge import people
from ceap.edge.keys import Caller, Keys
from ceap.edge.readings import Readings
from ceap.edge.requests import ALLOWED, SLOW, correlation
from ceap.edge.segments import Segments
from ceap.edge.store import Store
from ceap.edge.wire import identity
from ceap.kit.problem import Forbidden, NotFound, Problem, invalid

PATH, SEGMENTS = "/v1/customers/", "/segments"
_READ = frozenset({b"authorization", b"x-customer-token", b"x-request-id"})


@dataclass(frozen=True)
class Customers:
    """The look-ups, answered with JSON. `always`: headers of every answer."""

    store: Store
    keys: Keys
    readings: Readings
    segments: Segments
    always: tuple[tuple[bytes, bytes], ...] = ()

    async def customer(self, headers: Mapping[str, str], kind: str, value: str) -> bytes:
        """What a site may know of one customer.

        Raises:
            Unauthenticated, Forbidden: by the key. Invalid: the path names nobody. NotFound. Unavailable.
        """
        caller = await self.keys.caller(headers, "customers:read")
        return people.shown(await self._found(caller, kind, value, *people.SHOWN_BY[self.store.vendor]))

    async def customer_segments(self, headers: Mapping[str, str], kind: str, value: str) -> bytes:
        """The segments of one customer.

        Raises:
            as `customer`.
        """
        caller = await self.keys.caller(headers, "segments:read")
        id, name, *_ = await self._found(caller, kind, value, *people.NAME_BY)
        await self.segments.ready()
        return self.segments.answer(id, name)

    async def quick(self, scope: Any, send: Any) -> bool:
        """Answer an ASGI request that asks for this and is granted; whether it was answered."""
        path: str = scope["path"]
        kind, _, value = path[len(PATH) :].partition("/") if path.startswith(PATH) else ("", "", "")
        if not value or scope["method"] != "GET" or scope.get("root_path"):
            return False
        started = time.monotonic()
        headers = {name.decode(): text.decode("latin-1") for name, text in scope["headers"] if name in _READ}
        of_segments = scope.get("raw_path", b"").endswith(b"/segments")  # else an identity that ends so, encoded
        try:
            if of_segments:
                body = await self.customer_segments(headers, kind, value.removesuffix(SEGMENTS))
            else:
                body = await self.customer(headers, kind, value)
        except Problem:  # said, and logged, by the framework's way
            return False
        if time.monotonic() - started > SLOW:
            return False  # logged there
        head = [
            (b"content-length", b"%d" % len(body)), (b"content-type", b"application/json"),
            *ALLOWED, (b"x-request-id", correlation(headers.get("x-request-id", "")).encode()), *self.always,
        ]  # fmt: skip
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body})
        return True

    async def _found(self, caller: Caller, kind: str, value: str, by_id: str, by_identity: str) -> tuple[Any, ...]:
        """The row of the customer that a path names, after merges; the last two columns are merged_into_id, erased_at.

        Raises:
            Invalid: the path names nobody. Forbidden: a browser asks about somebody else. NotFound.
        """
        try:
            kind, value = identity({kind: value}, await self.readings.now())
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
