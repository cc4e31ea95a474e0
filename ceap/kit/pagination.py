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
        order: "name" or "-created_at": a column; rows with the same value are told apart by key, those without a value
            come last.
        limit: rows a page, at most `MAX_PAGE_SIZE`.

    Raises:
        Invalid: the cursor is damaged, or of another list.
    """
    down, column = order.startswith("-"), order.removeprefix("-")
    keys = ["pk"] if column == "pk" else [column, "pk"]
    before, after, key = "lt" if down else "gt", "gte" if down else "lte", "-pk" if down else "pk"

    def behind(last: list[Any] | None, count: int) -> list[T]:
        found: Any = rows
        if column == "pk":
            found = found.filter(**{f"pk__{before}": last[0]}) if last else found
            return list(found.order_by(order)[:count])
        empty = {f"{column}__isnull": True}
        if last and last[0] is None:
            return list(found.filter(**empty, **{f"pk__{before}": last[1]}).order_by(key)[:count])
        nullable = _nullable(rows, column)
        if nullable:
            found = found.exclude(**empty)
        if last:  # value ≤ last, but not the rows of that value that were shown
            found = found.filter(**{f"{column}__{before}e": last[0]})
            found = found.exclude(**{column: last[0], f"pk__{after}": last[1]})
        shown = list(found.order_by(order, key)[:count])
        if nullable and len(shown) < count:
            shown += rows.filter(**empty).order_by(key)[: count - len(shown)]  # type: ignore[index]
        return shown

    of = f"{rows.model._meta.label} {order}"
    return page_by(behind, lambda row: [getattr(row, key) for key in keys], of=of, cursor=cursor, limit=limit)


def page_by(
    behind: Callable[[list[Any] | None, int], Sequence[T]],
    values: Callable[[T], list[Any]],
    *,
    of: str,
    cursor: str | None,
    limit: int,
) -> tuple[list[T], str | None]:
    """One page of rows that are no queryset, and the cursor of the next; None on the last.

    Args:
        behind: (last, count) → the first `count` rows behind the one with the sort values `last`; None: from the start.
            Moments and ids in `last` are text.
        values: the sort values of a row.
        of: the list and its order, in words of its own.
        limit: rows a page, at most `MAX_PAGE_SIZE`.

    Raises:
        Invalid: the cursor is damaged, or of another list.
    """
    limit = max(1, min(limit, MAX_PAGE_SIZE))
    found = behind(decode(of, cursor), limit + 1)
    shown = list(found[:limit])
    return shown, encode(of, values(shown[-1])) if len(found) > limit else None


def _nullable(rows: Rows[Any], column: str) -> bool:
    """Whether some rows may have no value in the column; one that was worked out always has."""
    return any(field.name == column and field.null for field in rows.model._meta.concrete_fields)


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
