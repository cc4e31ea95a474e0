"""The segments of many customers in one request."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from ceap.core.values.identities import Reading
from ceap.edge import people
from ceap.edge.keys import Caller
from ceap.edge.requests import encode
from ceap.edge.segments import Segments
from ceap.edge.store import Store
from ceap.edge.wire import identity, unreadable
from ceap.kit.problem import Forbidden, Invalid, NotFound, Problem

MAX_LOOKUPS = 1_000
_PAUSE_EVERY = 20  # customers, then other requests have their turn
_parse = msgspec.json.Decoder(list[dict[str, str | int]]).decode


async def answer(store: Store, segments: Segments, caller: Caller, body: bytes, reading: Reading) -> bytes:
    """The JSON answer: `items` in the order of the request, each with `segments` or with an `error`.

    Raises:
        NotJson, Invalid: the body is not a list of 1 to `MAX_LOOKUPS` customer objects.
        Unavailable: the store cannot be read.
    """
    wanted = _wanted(body)
    who = [_identity(caller, one, reading) for one in wanted]
    asked = {one for one in who if isinstance(one, tuple)}
    found = await store.aside(lambda cursor: people.names(cursor, store.vendor, asked))
    await segments.ready()
    items = []
    for number, (given, one) in enumerate(zip(wanted, who, strict=True), 1):
        if isinstance(one, tuple):
            one = found.get(one) or NotFound(people.unknown(*one))
        if isinstance(one, Problem):
            error = {"customer": given, "error": {"status": one.status, "title": one.title, "detail": one.detail}}
            items.append(encode(error))
        else:
            items.append(b'{"customer":%b,%b' % (encode(given), segments.answer(*one)[1:]))
        if number % _PAUSE_EVERY == 0:
            await asyncio.sleep(0)
    return b'{"items":[%b]}' % b",".join(items)


def _wanted(body: bytes) -> list[dict[str, str | int]]:
    try:
        wanted = _parse(body)
    except msgspec.ValidationError as error:
        raise Invalid(f'Send a list of customers, e.g. [{{"email": "ada@example.org"}}]. {error}') from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise unreadable(body, error) from None
    if not 0 < len(wanted) <= MAX_LOOKUPS:
        raise Invalid(f"Ask about 1 to {MAX_LOOKUPS} customers in one request; these are {len(wanted)}.")
    return wanted


def _identity(caller: Caller, given: dict[str, str | int], reading: Reading) -> Any:
    """The (kind, value) that `given` names, or the refusal for it."""
    if len(given) != 1:
        return Invalid("Name a customer by exactly one identity.")
    try:
        one = identity(given, reading)
    except ValueError as error:
        return Invalid(str(error))
    if caller.only and one != caller.only:
        return Forbidden("A browser key reads only the customer of its token.")
    return one
