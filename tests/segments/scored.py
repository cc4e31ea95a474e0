"""A small scored table and discovered segments, as a scoring leaves them; and what a plain reading says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
from pyroaring import BitMap

from ceap.core.learning import scored as tables
from ceap.kit.clock import now
from ceap.learning.contracts import Scored
from ceap.segments import actions
from ceap.segments.actions.membership import queue
from ceap.segments.contracts import Cause, Kind
from ceap.segments.models import Segment

CATEGORIES = ("dry", "fresh", "luxury")


@dataclass(frozen=True)
class Shopper:
    """One row of the table. amounts: cents, in the order of `CATEGORIES`."""

    customer: int | None
    segment: str = "S1"
    outlet: str | None = None
    age: int | None = None
    last: date | None = None
    orders: int | None = None
    amounts: tuple[int, ...] = field(default=(0, 0, 0))

    @property
    def cents(self) -> int:
        return sum(self.amounts)


def write(path: Path, shoppers: Sequence[Shopper], version: int = 1) -> Scored:
    """The table of these shoppers."""
    rows = sorted(shoppers, key=lambda one: (one.customer is None, one.customer or 0))
    kinds = {"customer": pa.uint32(), "segment": pa.string(), "outlet": pa.string(), "age": pa.int16()}
    kinds |= {"last": pa.date32(), "orders": pa.int32()}
    made = {name: pa.array([getattr(one, name) for one in rows], kind) for name, kind in kinds.items()}
    made["spend"] = pa.array([one.cents / 100 for one in rows], pa.float64())
    for n, name in enumerate(CATEGORIES):
        made[f"amount:{name}"] = pa.array([one.amounts[n] / 100 for one in rows], pa.float64())
    as_of = datetime(2026, 11, 20, tzinfo=UTC)
    tables.write(pa.table(made), path, version=version, as_of=as_of, source="purchases")
    found = tables.read(path)
    assert found is not None
    return found


def segments(members: Mapping[str, Sequence[int]]) -> dict[str, Segment]:
    """Discovered segments by key, each ready with these members."""
    made = {}
    for key, who in members.items():
        made[key] = Segment.objects.create(
            name=f"Segment {key}", kind=Kind.DISCOVERED, model_key=key, created_at=now(), updated_at=now()
        )
        queue(made[key], cause=Cause.MODEL, listed=BitMap(who))
    actions.build_pending()
    return {key: Segment.objects.get(pk=row.pk) for key, row in made.items()}
