"""The memberships of other segments that a rule reads: which versions serve, and why they cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db.models import Max

from ceap.segments import dependencies
from ceap.segments.contracts import Build
from ceap.segments.models import MembershipVersion, Segment

FAILED = "A segment that this one refers to could not be recalculated."
EMPTY = "A segment that this one refers to has no members yet."
Read = Mapping[str, tuple[str | None, str]]  # segment -> (version that serves, state of the newest)


def serving(asked: Iterable[Iterable[str]]) -> Read:
    """What is known of all the segments asked for, by id."""
    ids = {UUID(one) for some in asked for one in some}
    rows = Segment.objects.filter(pk__in=ids).values_list("pk", "current_id")
    newest: dict[str, str] = {}
    known = MembershipVersion.objects.exclude(state=Build.SUPERSEDED).filter(segment__in=ids)
    for segment, state in known.order_by("number").values_list("segment_id", "state"):
        newest[str(segment)] = state
    return {str(pk): (str(current) if current else None, newest.get(str(pk), Build.QUEUED)) for pk, current in rows}


def trouble(children: Iterable[str], read: Read) -> str:
    """Why a rule that refers to `children` cannot be evaluated now; "" when it can.

    Without names: whoever may see the segment may not see its children.
    """
    for child in sorted(children):
        if child not in read:
            return "A segment that this one refers to does not exist any more; change the rule."
        version, state = read[child]
        if state == Build.FAILED:
            return FAILED
        if version is None:
            return EMPTY
    return ""


def recovered() -> list[MembershipVersion]:
    """The newest versions that failed because of a child that can be read by now."""
    failed = MembershipVersion.objects.filter(
        state=Build.FAILED, error__in=[FAILED, EMPTY], segment__archived_at=None
    ).select_related("segment")  # fmt: skip
    rows = {row.segment_id: row for row in failed.defer("bitmap", "came", "went").order_by("number")}
    known = MembershipVersion.objects.filter(segment__in=rows).exclude(state=Build.SUPERSEDED).order_by()
    newest = dict(known.values_list("segment_id").annotate(Max("number")))
    last = [row for key, row in rows.items() if newest[key] == row.number]
    below = {row.pk: dependencies.children(row.segment.rule) for row in last}
    read = serving(below.values())
    return [row for row in last if not trouble(below[row.pk], read)]


def versions(children: Iterable[str], read: Read) -> dict[str, str]:
    """The versions that serve, by segment."""
    return {child: version for child in children if child in read and (version := read[child][0])}
