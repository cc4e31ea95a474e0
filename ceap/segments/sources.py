"""What rules are about in this installation: warehouse, live fields, names of users, the organisation's clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import ibis.expr.types as ir
import pyarrow as pa
from pyroaring import BitMap

from ceap.accounts import queries as accounts
from ceap.accounts.contracts import Actor
from ceap.core import bitmaps
from ceap.core.engine import Given
from ceap.customers import queries as customers
from ceap.customers.contracts import Field
from ceap.events import queries as events
from ceap.kit.clock import now
from ceap.kit.problem import Conflict
from ceap.segments.context import Context
from ceap.segments.contracts import Limits
from ceap.segments.models import Segment


class Warehouse(Protocol):
    """What segments need of the warehouse. `fillings`: how often it was made from the beginning."""

    fillings: int

    @property
    def as_of(self) -> datetime: ...
    def position(self) -> tuple[int, int]: ...
    def table(self, name: str) -> ir.Table: ...
    def run(
        self, expr: Any, unwanted: Callable[[], bool] | None = None, look: float = 0.5, given: Given | None = None
    ) -> pa.Table: ...
    def sync(self) -> None: ...


def warehouse() -> Warehouse:
    """The warehouse of this installation."""
    return events.warehouse()


def fields(actor: Actor | None = None) -> dict[str, Field]:
    """The live fields, default and custom, by column; for what a person writes or reads, those `actor` may see."""
    return {field.column: field for field in (customers.fields_for(actor) if actor else customers.fields())}


def limits() -> Limits:
    """How large a rule may be in this organisation."""
    return Limits(
        int(str(accounts.setting("segment_conditions_per_group"))), int(str(accounts.setting("segment_groups")))
    )


def zone() -> ZoneInfo:
    """The organisation's time zone."""
    return ZoneInfo(accounts.organisation().time_zone)


def context() -> Context:
    """The present moment in the organisation's zone, the names of its users, and who is in each segment now."""
    return Context(now(), zone(), accounts.user_names(), members)


def members(segment: UUID) -> BitMap:
    """Who is in a segment by the membership that serves.

    Raises:
        Conflict: its first membership is still being built.
    """
    bitmap = Segment.objects.filter(pk=segment).values_list("current__bitmap", flat=True).first()
    if bitmap is None:
        raise Conflict("A segment that this rule refers to is still being calculated; try again soon.")
    return bitmaps.unpack(bitmap)
