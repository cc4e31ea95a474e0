"""The memberships of other segments that a rule reads: which versions serve, and why they cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from ceap.segments.contracts import Build
from ceap.segments.models import MembershipVersion, Segment

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
            return "A segment that this one refers to could not be recalculated."
        if version is None:
            return "A segment that this one refers to has no members yet."
    return ""


def versions(children: Iterable[str], read: Read) -> dict[str, str]:
    """The versions that serve, by segment."""
    return {child: version for child in children if child in read and (version := read[child][0])}
