"""What became of a segment over time, and who its members are."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query

from ceap.accounts.authentication import actor
from ceap.customers import queries as customers
from ceap.kit.pagination import MAX_PAGE_SIZE, PAGE_SIZE
from ceap.segments import queries, schemas
from ceap.segments.api import rows
from ceap.segments.api.router import router

# distribution -> the field that it counts by; one that the role may not see is empty
COUNTED = {"source": "source", "province": "province", "age": "date_of_birth", "gender": "sex"}


@router.get("/{segment_id}/history", response=schemas.SegmentHistoryOut)
def history(request: HttpRequest, segment_id: UUID) -> Any:
    """Size, entered and left per day; every change of the rule with what differs."""
    me = actor(request)
    found = queries.history(me, segment_id)
    rules = [one.row.rule for one in found.changes]
    # What differs is between two rules, so one hidden field anywhere in the history hides what the rules said.
    hidden = any(queries.hides(me, rule) for rule in rules)
    changes = [
        {
            "id": one.row.pk, "rule_version": one.row.rule_version, "name": one.row.name,
            "description": one.row.description, "day": one.day, "changed_at": one.row.changed_at,
            "changed_by": rows.user(one.row.changed_by), "sentence": queries.RULE_HIDDEN if hidden else one.sentence,
            "differences": [] if hidden else [each.__dict__ for each in one.differences], "renamed": one.renamed,
            "described": one.described, "first": one.first, "upload": one.row.upload or None,
        }
        for one in found.changes
    ]  # fmt: skip
    return {"days": [rows.day(one) for one in found.days], "changes": changes, "today": found.today}


@router.get("/{segment_id}/days/{day}/members", response=schemas.DayMembersOut)
def day_members(
    request: HttpRequest,
    segment_id: UUID,
    day: date,
    cursor: str | None = None,
    limit: int = Query(PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE),
) -> Any:
    """Who was in the segment at the end of a local date of the organisation, as far as one may see them."""
    me = actor(request)
    version = queries.version_on(queries.get(me, segment_id), day)
    page = queries.members_page(me, version, cursor=cursor, limit=limit)
    return rows.page(me, page) | {"day": day, "version": version.number, "data_as_of": version.data_as_of}


@router.get("/{segment_id}/performance", response=schemas.SegmentPerformanceOut)
def performance(request: HttpRequest, segment_id: UUID, days: int | None = None) -> Any:
    """Size over time (`days`: 7 or 30; left out: all time) and who the members are."""
    me = actor(request)
    found = queries.performance(me, segment_id, days)
    hidden = customers.hidden_from(me)
    slices = {
        name: [] if key in hidden else [one.__dict__ for one in getattr(found, name)] for name, key in COUNTED.items()
    }
    return found.__dict__ | slices | {"days": [rows.day(one) for one in found.days]}
