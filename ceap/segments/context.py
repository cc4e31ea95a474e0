"""What the expressions of rules depend on besides the rules: the clock, the zone, names of users, lists of customers.

`Context` has all of it and writes it into the expressions. `Parameters` have neither moment nor customers: expressions
made with it hold for every moment, and `Parameters.given` says what stands in their places now.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from pyroaring import BitMap

from ceap.core.engine import Given
from ceap.segments.windows import Span

LOOKED = "looked"  # the table of the customers to look at
Instant = Callable[[datetime, Any, ZoneInfo], datetime]  # of the present, a span and the zone
Day = Callable[[datetime, Any, ZoneInfo], date]


class Setting(Protocol):
    """What makers of expressions may use. There is no present in it, so that none can get into an expression unseen."""

    @property
    def zone(self) -> ZoneInfo: ...
    @property
    def users(self) -> Mapping[int, str]: ...
    def moment(self, of: Instant, span: Span | None = None) -> ir.TimestampScalar:
        """The instant `of(now, span, zone)`."""

    def day(self, of: Day, span: Span | None = None) -> ir.DateScalar:
        """The local date `of(now, span, zone)`."""

    def looked(self, ids: BitMap) -> ir.Table:
        """The customers to look at, as `keys`."""

    def inside(self, segment: UUID, ids: BitMap | None) -> ir.Table:
        """Who is in a segment, of `ids` when they are given, as `keys`."""


def no_members(segment: UUID) -> BitMap:
    raise LookupError(f"nobody said who is in the segment {segment}")


@dataclass(frozen=True)
class Context:
    """The moment, the organisation's zone, names of users, and who is in the segments that a rule refers to (by their
    membership that serves)."""

    now: datetime
    zone: ZoneInfo
    users: Mapping[int, str]
    members: Callable[[UUID], BitMap] = no_members

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def moment(self, of: Instant, span: Span | None = None) -> ir.TimestampScalar:
        return moment(of(self.now, span, self.zone))

    def day(self, of: Day, span: Span | None = None) -> ir.DateScalar:
        return day(of(self.now, span, self.zone))

    def looked(self, ids: BitMap) -> ir.Table:
        return keys(ids)

    def inside(self, segment: UUID, ids: BitMap | None) -> ir.Table:
        return keys(_some(self.members(segment), ids))


class Parameters:
    """A `Setting` whose moments are parameters and whose lists of customers are tables that no warehouse has."""

    def __init__(self, zone: ZoneInfo, users: Mapping[int, str]):
        self.zone, self.users = zone, users
        self._params: dict[tuple[str, Callable[..., Any], Span | None], ir.Scalar] = {}
        self._segments: dict[UUID, str] = {}

    def moment(self, of: Instant, span: Span | None = None) -> ir.TimestampScalar:
        return self._param("timestamp", of, span)

    def day(self, of: Day, span: Span | None = None) -> ir.DateScalar:
        return self._param("date", of, span)

    def looked(self, ids: BitMap) -> ir.Table:
        return ibis.table({"key": "int64"}, name=LOOKED)

    def inside(self, segment: UUID, ids: BitMap | None) -> ir.Table:
        name = self._segments.setdefault(segment, f"people_{len(self._segments)}")
        return ibis.table({"key": "int64"}, name=name)

    def given(self, context: Context, look: BitMap | None) -> Given:
        """What the parameters and tables are in `context`; `look`: the customers to look at, None for all."""
        values = {
            param: _utc(of(context.now, span, self.zone)) if kind == "timestamp" else of(context.now, span, self.zone)
            for (kind, of, span), param in self._params.items()
        }
        tables = {name: listed(_some(context.members(one), look)) for one, name in self._segments.items()}
        return Given(values, tables | ({} if look is None else {LOOKED: listed(look)}))

    def _param(self, kind: str, of: Callable[..., Any], span: Span | None) -> Any:
        known = self._params
        return known.setdefault((kind, of, span), ibis.param(kind))


def _some(members: BitMap, ids: BitMap | None) -> BitMap:
    return members if ids is None else members & ids


def _utc(at: datetime) -> datetime:
    return at.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)


def moment(at: datetime) -> ir.TimestampScalar:
    """An instant as the warehouse keeps them: UTC, without a zone."""
    return ibis.literal(_utc(at), type="timestamp")


def day(value: date) -> ir.DateScalar:
    return ibis.literal(value, type="date")


def listed(ids: Iterable[int]) -> pa.Table:
    """Customer keys as rows of one column, "key"."""
    packed = ids.to_array() if isinstance(ids, BitMap) else array("I", ids)
    return pa.table({"key": np.frombuffer(packed, dtype=np.uint32).astype(np.int64)})


def keys(ids: Iterable[int]) -> ir.Table:
    """Customer keys as a table of one column, "key"."""
    return ibis.memtable(listed(ids))
