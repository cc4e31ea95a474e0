"""Keyset pages: an opaque, sealed cursor holds the last row's sort values, never an offset.

A cursor belongs to one list in one order (`of`): that of another list is refused like a damaged one, so that what is
read from it always has the kinds of values that were put in.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from hashlib import blake2b
from typing import Any, Protocol, Self, TypeVar

from ceap.kit.home import Home
from ceap.kit.problem import invalid

PAGE_SIZE = 50
MAX_PAGE_SIZE = 500
SEAL = 9  # bytes

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Rows(Protocol[T_co]):
    """What a page is cut from: a queryset of Django."""

    @property
    def model(self) -> Any: ...
    def filter(self, *args: Any, **kwargs: Any) -> Self: ...
    def exclude(self, *args: Any, **kwargs: Any) -> Self: ...
    def order_by(self, *field_names: Any) -> Self: ...
    def __iter__(self) -> Iterator[T_co]: ...


def page(rows: Rows[T], order: str, *, cursor: str | None, limit: int) -> tuple[list[T], str | None]:
    """One page of `rows`, and the cursor of the next; None on the last.

    Args:
        order: "name" or "-created_at": a column that is never null; rows with the same value are told apart by key.
        limit: rows a page, at most `MAX_PAGE_SIZE`.

    Raises:
        Invalid: the cursor is damaged, or of another list.
    """
    down, column = order.startswith("-"), order.removeprefix("-")
    of, limit = f"{rows.model._meta.label} {order}", max(1, min(limit, MAX_PAGE_SIZE))
    if column == "pk":
        if last := decode(of, cursor):
            rows = rows.filter(**{"pk__lt" if down else "pk__gt": last[0]})
        found, keys = rows.order_by(order), ["pk"]
    else:
        if last := decode(of, cursor):  # value ≤ last, but not the rows of that value that were shown
            rows = rows.filter(**{f"{column}__{'lte' if down else 'gte'}": last[0]})
            rows = rows.exclude(**{column: last[0], "pk__gte" if down else "pk__lte": last[1]})
        found, keys = rows.order_by(order, "-pk" if down else "pk"), [column, "pk"]
    some: Any = found
    return cut(of, list(some[: limit + 1]), limit, lambda row: [getattr(row, key) for key in keys])


def cut(of: str, found: Sequence[T], limit: int, values: Callable[[T], list[Any]]) -> tuple[list[T], str | None]:
    """The page of `found`, of which one more than `limit` was asked for, and the cursor behind it: `values` of its
    last row."""
    shown = list(found[:limit])
    return shown, encode(of, values(shown[-1])) if len(found) > limit else None


def encode(of: str, values: list[Any]) -> str:
    """The cursor after a row with these sort values, in the list `of`."""
    body = json.dumps(values, default=str).encode()
    return base64.urlsafe_b64encode(_seal(of, body) + body).decode().rstrip("=")


def decode(of: str, cursor: str | None) -> list[Any] | None:
    """The sort values in `cursor`, moments and ids as text; None for the first page.

    Raises:
        Invalid: the cursor was not made by `encode` for the list `of`.
    """
    if not cursor:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        raw = b""
    if not hmac.compare_digest(raw[:SEAL], _seal(of, raw[SEAL:])):
        raise invalid("cursor", "This page link is damaged; start again from the first page.")
    values: list[Any] = json.loads(raw[SEAL:])
    return values


@cache
def _key(secret: str) -> bytes:
    return blake2b(secret.encode(), digest_size=32, person=b"ceap cursors").digest()


def _seal(of: str, body: bytes) -> bytes:
    return blake2b(of.encode() + b"\0" + body, digest_size=SEAL, key=_key(Home.load().secret)).digest()
