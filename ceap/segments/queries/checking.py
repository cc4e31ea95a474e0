"""Rules checked against what this installation has: fields, segments, campaigns."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection

from ceap.accounts.contracts import SYSTEM, Actor
from ceap.kit.problem import invalid
from ceap.segments import references, sources, validation
from ceap.segments.conditions import CheckedRule, Known
from ceap.segments.contracts import campaign_names
from ceap.segments.models import Segment
from ceap.segments.queries.segments import visible_to

_ONE_AT_A_TIME = 7_230_013


def checked(rule: Any, actor: Actor | None = None) -> CheckedRule:
    """The checked rule of JSON `rule`.

    Args:
        actor: who writes it: the limits hold, and it names only segments that they may see and that are not
            archived. None: a rule as it is stored, which still runs under limits that came later.

    Raises:
        Invalid: something is wrong; every error with its path.
    """
    shape = validation.parse(rule)
    kinds = {one.kind for group in shape.groups for one in group.conditions}
    names = references.segments_of(shape.stored()) if "segment" in kinds else set()
    rows = (visible_to(actor or SYSTEM).filter(pk__in=names) if names else Segment.objects.none()).only(
        "name", "archived_at"
    )
    found = list(rows)
    known = Known(
        {row.pk: row.name for row in found},
        frozenset(row.pk for row in found if actor and row.archived_at),
        campaign_names(SYSTEM) if "campaign" in kinds else {},
    )
    return validation.check(shape, sources.fields(), sources.limits() if actor else None, known)


def refuse_circle(segment: UUID, rule: Any) -> None:
    """Refuse a stored-form rule that would make `segment` refer to itself, inside the transaction that saves it.

    Raises:
        Invalid: it would; the sentence names the circle.
    """
    if not references.segments_of(rule):
        return
    if connection.vendor == "postgresql":  # two edits at once could close a circle; SQLite has one writer anyway
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
    rules = dict(Segment.objects.exclude(rule={}).values_list("pk", "rule"))
    if back := references.way_back(segment, rule, rules):
        path, circle = back
        names = dict(Segment.objects.filter(pk__in=circle).values_list("pk", "name"))
        words = " → ".join(f"“{names.get(key, key)}”" for key in circle)
        raise invalid(f"{path}.segment", f"These segments would refer to each other: {words}. Choose another segment.")
