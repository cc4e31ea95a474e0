"""Shapes that several parts of the wire answer with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from ceap.accounts.contracts import Actor
from ceap.customers import queries as customers
from ceap.segments import queries
from ceap.segments.models import MembershipVersion, Segment, SegmentDay

PARTLY = "You see a part of these segments: only customers you own. Counts are of that part."


def people(me: Actor, found: Iterable[Any]) -> list[dict[str, Any]]:
    """Customers in a table; what the role may not see is empty."""
    hidden = customers.hidden_from(me)
    return [_person(one, hidden) for one in found]


def _person(customer: Any, hidden: set[str]) -> dict[str, Any]:
    row = {
        "id": customer.pk, "name": customer.full_name or customer.customer_id or f"#{customer.pk}",
        "source": customer.source, "email": customer.email, "last_activity_at": customer.last_activity_at,
        "added_by": customer.added_by,
    }  # fmt: skip
    return row | {key: None if key == "last_activity_at" else "" for key in hidden & row.keys()}


def user(user: Any) -> dict[str, Any] | None:
    return {"id": user.pk, "name": user.name} if user else None


def percent(part: int | None, whole: int | None) -> float:
    return round(100 * part / whole, 1) if part and whole else 0.0


def waterfall(found: queries.Waterfall) -> dict[str, Any]:
    return found.__dict__ | {"steps": [step.__dict__ for step in found.steps]}


def verdict(me: Actor, found: queries.Verdict) -> dict[str, Any]:
    groups = [[one.__dict__ for one in group] for group in found.groups]
    return found.__dict__ | {"groups": groups, "customer": people(me, [found.customer])[0]}


def error(me: Actor, segment: Segment, said: str) -> str:
    """Why a calculation failed; what a rule on a hidden field was told stays with those who may see the field."""
    return queries.RULE_HIDDEN if said and queries.hides(me, segment.rule) else said


def version(
    me: Actor, segment: Segment, version: MembershipVersion | None, missed: Mapping[UUID | None, datetime]
) -> dict[str, Any] | None:
    """A membership version, as the segment's page shows it; `missed`: what `queries.missed` knows of its run."""
    if version is None:
        return None
    names = (
        "number", "state", "size", "total", "entered", "left", "data_as_of", "rule_version", "created_at", "ready_at",
    )  # fmt: skip
    found = {name: getattr(version, name) for name in names} | {"missed_at": missed.get(version.run_id)}
    return found | {"id": version.pk, "error": error(me, segment, version.error)}


def page(me: Actor, found: queries.Page) -> dict[str, Any]:
    """Some members, with the actual size and what the asker cannot see of it."""
    hidden = found.seen < found.size
    note = f"You see {found.seen:,} of {found.size:,}: only customers you own." if hidden else ""
    items = people(me, found.items)
    return {"items": items, "next": found.next, "total": found.size, "seen": found.seen, "note": note}


def day(row: SegmentDay) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("day", "size", "total", "entered", "left")}
