"""Who entered and left, as events and for webhooks, in the transaction that publishes the membership."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection
from pyroaring import BitMap

from ceap.connectors.actions import listening, notify_moves
from ceap.core import changelog
from ceap.events import actions as events
from ceap.kit.clock import now
from ceap.segments.contracts import ENTERED, LEFT, MOVES
from ceap.segments.models import MembershipVersion, Segment

SINGLY = 1000  # moves published together that are entries of their own; more are one file


@dataclass(frozen=True)
class Moves:
    """Who entered and who left with a version."""

    came: BitMap
    went: BitMap

    def __len__(self) -> int:
        return len(self.came) + len(self.went)

    def parts(self) -> Iterable[tuple[str, BitMap]]:
        """(name of the event, customers)."""
        return (ENTERED, self.came), (LEFT, self.went)


def write(published: Sequence[tuple[Segment, MembershipVersion, Moves]]) -> None:
    """Publish moves of several segments; call it once, in the transaction that makes these versions serve."""
    moved = [one for one in published if one[2]]
    if sum(len(moves) for _, _, moves in moved) <= SINGLY:
        entries = [
            changelog.event(name, customer, props=_props(segment, version))
            for segment, version, moves in moved for name, people in moves.parts() for customer in people
        ]  # fmt: skip
        with connection.cursor() as cursor:
            changelog.append(cursor, entries, connection.vendor)
    else:
        events.write_batch("events", pa.concat_tables(_rows(*one) for one in moved), label=MOVES)
    webhooks = listening() if moved else []
    for segment, version, moves in moved:
        notify_moves(segment.pk, segment.name, version.number, moves.came, moves.went, webhooks)


def _props(segment: Segment, version: MembershipVersion) -> dict[str, Any]:
    return {"segment": str(segment.pk), "name": segment.name, "version": version.number}


def _rows(segment: Segment, version: MembershipVersion, moves: Moves) -> pa.Table:
    customers = pa.concat_arrays([pa.array(people.to_array(), pa.int64()) for _, people in moves.parts()])
    names = pa.concat_arrays([pa.repeat(pa.scalar(name), len(people)) for name, people in moves.parts()])
    size = len(customers)
    props = msgspec.json.encode(_props(segment, version)).decode()
    return pa.table(
        {
            "key": pc.binary_join_element_wise(f"segment-{version.pk}", customers.cast(pa.string()), "-"),
            "customer": customers,
            "name": names,
            "at": pa.repeat(pa.scalar(now().replace(tzinfo=None), pa.timestamp("us")), size),
            "props": pa.repeat(pa.scalar(props), size),
        }
    )
