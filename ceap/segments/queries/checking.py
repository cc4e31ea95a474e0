"""Rules checked against what this installation has: fields, segments, campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from ceap.accounts.contracts import SYSTEM, Actor
from ceap.customers import queries as customers
from ceap.customers.contracts import Field
from ceap.kit.problem import invalid
from ceap.segments import references, sources, validation
from ceap.segments.conditions import Asked, CheckedRule, Known
from ceap.segments.contracts import campaign_names
from ceap.segments.models import Segment
from ceap.segments.queries.segments import visible_to
from ceap.segments.rules import Rule

_ONE_AT_A_TIME = 7_230_013
HIDDEN = "one that you may not see"


def checked(
    rule: Any,
    actor: Actor | None = None,
    *,
    seen_by: Actor | None = None,
    fields: Mapping[str, Field] | None = None,
    asked: Asked | None = None,
) -> CheckedRule:
    """The checked rule of JSON `rule`.

    Args:
        actor: who writes it: the limits hold, and it names only fields and segments that they may see, the segments
            not archived. None: a rule as it is stored, which still runs under limits that came later.
        seen_by: who reads a stored rule: segments and campaigns that they may not see have no name.
        fields: the live fields, by column, of a caller who has many stored rules to check.
        asked: how values are read (`Known`), of the same.

    Raises:
        Invalid: something is wrong; every error with its path.
    """
    shape = validation.parse(rule)
    known = _known(shape, actor, actor or seen_by or SYSTEM, asked or customers.asking())
    live = sources.fields(actor) if fields is None else fields
    return validation.check(shape, live, sources.limits() if actor else None, known)


def _known(shape: Rule, author: Actor | None, reader: Actor, asked: Asked) -> Known:
    """The segments and campaigns that `author` may name in a rule, or that a stored one names."""
    kinds = {one.kind for group in shape.groups for one in group.conditions}
    segments: dict[UUID, str | None] = {}
    archived: frozenset[UUID] = frozenset()
    if "segment" in kinds:
        rows = visible_to(author or SYSTEM).filter(pk__in=references.segments_of(shape.stored()))
        found = list(rows.only("name", "archived_at"))
        seen = set(visible_to(reader).filter(pk__in=[row.pk for row in found]).values_list("pk", flat=True))
        segments = {row.pk: row.name if row.pk in seen else None for row in found}
        archived = frozenset(row.pk for row in found if author and row.archived_at)
    campaigns: dict[str, str | None] = {}
    if "campaign" in kinds:
        campaigns = dict.fromkeys(campaign_names(SYSTEM)) | campaign_names(reader)
    return Known(segments, archived, campaigns, asked)


def refuse_circle(actor: Actor, segment: UUID, rule: Any) -> None:
    """Refuse a stored-form rule that would make `segment` refer to itself, inside the transaction that saves it.

    Raises:
        Invalid: it would; the sentence names the circle as far as `actor` may see it.
    """
    if not references.segments_of(rule):
        return
    if connection.vendor == "postgresql":  # two edits at once could close a circle; SQLite has one writer anyway
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
    rules = dict(Segment.objects.exclude(rule={}).values_list("pk", "rule"))
    if back := references.way_back(segment, rule, rules):
        path, circle = back
        names = dict(visible_to(actor).filter(pk__in=circle).values_list("pk", "name"))
        words = " → ".join(f"“{names[key]}”" if key in names else HIDDEN for key in circle)
        raise invalid(f"{path}.segment", f"These segments would refer to each other: {words}. Choose another segment.")
