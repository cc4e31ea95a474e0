"""What became of a segment over time: its days, the changes of its rule, its members on a date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from ceap.accounts.contracts import Actor
from ceap.kit.clock import now
from ceap.kit.problem import Invalid, NotFound, invalid
from ceap.segments import sentences, sources
from ceap.segments.contracts import Build
from ceap.segments.differences import Difference, differences
from ceap.segments.models import MembershipVersion, RuleChange, Segment, SegmentDay
from ceap.segments.queries.checking import checked as check
from ceap.segments.queries.segments import get


@dataclass(frozen=True)
class Changed:
    """One save of a segment: who, when (and on which local date), what it was from then on, and what differs.

    `differences` are those of the rule; `renamed` is the name before, `described` whether the description changed.
    """

    row: RuleChange
    day: date
    sentence: str
    differences: list[Difference]
    renamed: str
    described: bool
    first: bool


@dataclass(frozen=True)
class History:
    """The days that a membership was published, oldest first; the changes, newest first."""

    days: list[SegmentDay]
    changes: list[Changed]
    today: date


def history(actor: Actor, segment_id: UUID | str) -> History:
    """How a segment changed.

    Raises:
        NotFound: there is no such segment, or `actor` may not see it.
    """
    segment = get(actor, segment_id)
    zone = sources.zone()
    users = sources.context().users
    found: list[Changed] = []
    before: RuleChange | None = None

    def say(condition: Mapping[str, Any]) -> str:
        return _condition(condition, users, actor)

    for row in segment.changes.select_related("changed_by").order_by("changed_at", "rule_version", "pk"):
        found.append(
            Changed(
                row, row.changed_at.astimezone(zone).date(), _sentence(row.rule, users, actor),
                differences(before.rule, row.rule, say) if before else [],
                before.name if before and before.name != row.name else "",
                before is not None and before.description != row.description, before is None,
            )
        )  # fmt: skip
        before = row
    days = list(SegmentDay.objects.filter(segment=segment).order_by("day"))
    return History(days, found[::-1], now().astimezone(zone).date())


def _condition(condition: Mapping[str, Any], users: Mapping[int, str], actor: Actor) -> str:
    """A condition in words, also one that can no longer be evaluated."""
    try:
        checked = check({"groups": [{"conditions": [dict(condition)]}]}, seen_by=actor)
        return sentences.sentence(checked, users)
    except Invalid:
        parts = (
            condition.get("field") or condition.get("behaviour"),
            condition.get("operator"),
            condition.get("value"),
        )
        return " ".join(str(part) for part in parts if part not in (None, ""))


def _sentence(rule: Any, users: Mapping[int, str], actor: Actor) -> str:
    try:
        return sentences.sentence(check(rule, seen_by=actor), users)
    except Invalid:
        return ""


def version_on(segment: Segment, day: date) -> MembershipVersion:
    """The membership that served at the end of a local date of the organisation.

    Raises:
        Invalid: the date is to come.
        NotFound: there was no membership yet.
    """
    zone = sources.zone()
    if day > now().astimezone(zone).date():
        raise invalid("day", "This date is to come; choose a past one, or today.")
    end = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    rows = segment.versions.filter(state=Build.READY, ready_at__lt=end)
    found = rows.order_by("-number").first()
    if found is None:
        raise NotFound(f"On {day:%d %B %Y} nothing had been calculated for this segment yet.")
    return found
