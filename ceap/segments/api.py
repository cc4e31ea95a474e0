"""The wire of segments: parse, call, return."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from ninja import Status as Answer

from ceap.accounts.authentication import actor
from ceap.accounts.contracts import Actor
from ceap.kit.pagination import MAX_PAGE_SIZE, PAGE_SIZE
from ceap.kit.problem import Conflict, Problem
from ceap.segments import actions, queries, schemas, sentences, sources, validation
from ceap.segments.contracts import SegmentStatus
from ceap.segments.models import MembershipVersion, Segment
from ceap.segments.queries.suggestions import SUGGESTING
from ceap.segments.windows import Unit

router = Router(tags=["segments"])
BEHAVIOURS = (("purchased", "Purchased", validation.OF_PURCHASES), ("did", "Did the event", validation.OF_EVENTS))
COMPARISONS = (("at_least", "at least"), ("at_most", "at most"), ("exactly", "exactly"))


def _choice(key: str, label: str) -> dict[str, str]:
    return {"key": key, "label": label}


def person(customer: Any) -> dict[str, Any]:
    """A customer in a table."""
    return {
        "id": customer.pk, "name": customer.full_name or customer.customer_id or f"#{customer.pk}",
        "source": customer.source, "email": customer.email, "last_activity_at": customer.last_activity_at,
        "added_by": customer.added_by,
    }  # fmt: skip


def _user(user: Any) -> dict[str, Any] | None:
    return {"id": user.pk, "name": user.name} if user else None


def _percent(part: int | None, whole: int | None) -> float:
    return round(100 * part / whole, 1) if part and whole else 0.0


@router.get("/menu", response=schemas.RuleMenuOut)
def menu(request: HttpRequest) -> Any:
    """What a rule can be made of: fields with their operators, behaviours, limits."""
    found = queries.menu(actor(request))
    fields = [
        {
            "key": field.column, "label": field.label, "type": field.type, "group": field.group,
            "options": list(field.options), "suggests": field.type in SUGGESTING,
            "operators": [{"key": o.key, "label": o.label, "shape": o.shape} for o in known],
        }
        for field, known in found.fields
    ]  # fmt: skip
    behaviours = [
        {"key": key, "label": label, "narrowed_by": [_choice(one, one.capitalize()) for one in narrowed]}
        for key, label, narrowed in BEHAVIOURS
    ]
    return {
        "fields": fields, "behaviours": behaviours, "comparisons": [_choice(*one) for one in COMPARISONS],
        "units": list(Unit), "limits": {"conditions": found.limits.conditions, "groups": found.limits.groups},
    }  # fmt: skip


@router.get("/suggestions", response=list[schemas.RuleSuggestionOut])
def suggestions(request: HttpRequest, on: str, search: str = "") -> Any:
    """Values that exist: of a field, or of "event", "item", "category", "outlet", "campaign"."""
    return queries.suggestions(actor(request), on=on, search=search)


@router.post("/preview", response=schemas.RulePreviewOut)
def preview(request: HttpRequest, body: schemas.RuleIn) -> Any:
    """Exact counts of a rule, per condition and in all, and a few of the customers."""
    found = queries.preview(actor(request), body.rule)
    return found.__dict__ | {"sample": [person(one) for one in found.sample]}


@router.post("/waterfall", response=schemas.SegmentWaterfallOut)
def waterfall(request: HttpRequest, body: schemas.RuleIn) -> Any:
    """How many of those whom a rule selects could be emailed now, step by step."""
    return _waterfall(queries.waterfall_of_rule(actor(request), body.rule))


def _waterfall(found: queries.Waterfall) -> dict[str, Any]:
    return found.__dict__ | {"steps": [step.__dict__ for step in found.steps]}


@router.post("/sentence", response=schemas.RuleSentenceOut)
def sentence(request: HttpRequest, body: schemas.RuleIn) -> Any:
    """Check a rule and say it in words."""
    actor(request).require(queries.KEY)
    checked = validation.check(body.rule, sources.fields(), sources.limits())
    return {"sentence": sentences.sentence(checked, sources.context().users)}


@router.post("/why", response=schemas.RuleVerdictOut)
def why(request: HttpRequest, body: schemas.RuleWhyIn) -> Any:
    """Test one customer against a rule: each condition with the value seen."""
    return _verdict(queries.why(actor(request), body.rule, body.customer))


def _verdict(found: queries.Verdict) -> dict[str, Any]:
    groups = [[one.__dict__ for one in group] for group in found.groups]
    return {"matches": found.matches, "groups": groups, "customer": person(found.customer), "as_of": found.as_of}


@router.get("", response=schemas.SegmentList)
def index(
    request: HttpRequest,
    search: str = "",
    created_from: datetime | None = None,
    created_before: datetime | None = None,
    archived: bool = False,
    cursor: str | None = None,
    limit: int = Query(PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE),
) -> Any:
    """Segments, newest first, with their stored sizes."""
    filters = queries.Filters(search, created_from, created_before, archived)
    found = queries.listed(actor(request), filters, cursor=cursor, limit=limit)
    rows = [
        {
            "id": one.pk, "name": one.name, "status": queries.status(one.latest_state, one.latest_as_of),
            "size": one.size, "total": one.total, "as_of": one.as_of, "error": one.latest_error or "",
            "archived": one.archived_at is not None, "created_by": _user(one.created_by),
            "created_at": one.created_at,
        }
        for one in found.items
    ]  # fmt: skip
    return {"items": rows, "next": found.next, "total": found.total}


@router.post("", response={201: schemas.SegmentOut})
def create(request: HttpRequest, body: schemas.SegmentIn) -> Any:
    """Save a new segment; its membership is built right away."""
    me = actor(request)
    made = actions.create(me, name=body.name, description=body.description, rule=body.rule)
    return Answer(201, detail(me, made))


@router.get("/{segment_id}", response=schemas.SegmentOut)
def read(request: HttpRequest, segment_id: UUID) -> Any:
    """One segment with its state, size and reach."""
    return detail(actor(request), queries.get(actor(request), segment_id))


@router.put("/{segment_id}", response=schemas.SegmentOut)
def edit(request: HttpRequest, segment_id: UUID, body: schemas.SegmentChange) -> Any:
    """Change a segment; its membership is built anew."""
    me = actor(request)
    changed = actions.edit(
        me, segment_id, name=body.name, description=body.description, rule=body.rule, version=body.rule_version
    )
    return detail(me, changed)


@router.post("/{segment_id}/duplicate", response={201: schemas.SegmentOut})
def duplicate(request: HttpRequest, segment_id: UUID) -> Any:
    """A copy named "Copy of …"."""
    me = actor(request)
    return Answer(201, detail(me, actions.duplicate(me, segment_id)))


@router.post("/{segment_id}/archive", response=schemas.SegmentOut)
def archive(request: HttpRequest, segment_id: UUID) -> Any:
    """Take a segment out of the active lists."""
    return detail(actor(request), actions.archive(actor(request), segment_id))


@router.post("/{segment_id}/unarchive", response=schemas.SegmentOut)
def unarchive(request: HttpRequest, segment_id: UUID) -> Any:
    """Bring an archived segment back."""
    return detail(actor(request), actions.unarchive(actor(request), segment_id))


@router.post("/{segment_id}/recalculate", response=schemas.SegmentOut)
def recalculate(request: HttpRequest, segment_id: UUID) -> Any:
    """Build the membership anew now."""
    return detail(actor(request), actions.recalculate(actor(request), segment_id))


@router.get("/{segment_id}/waterfall", response=schemas.SegmentWaterfallOut)
def member_waterfall(request: HttpRequest, segment_id: UUID) -> Any:
    """How many members could be emailed now, step by step."""
    return _waterfall(queries.waterfall_of_segment(actor(request), segment_id))


@router.get("/{segment_id}/versions", response=schemas.MembershipVersionList)
def versions(request: HttpRequest, segment_id: UUID) -> Any:
    """The membership versions of a segment, newest first: size, entered and left over time."""
    found = queries.versions(queries.get(actor(request), segment_id))
    return {"items": [_version(one) for one in found], "total": len(found)}


@router.get("/{segment_id}/members", response=schemas.MemberList)
def members(
    request: HttpRequest,
    segment_id: UUID,
    cursor: str | None = None,
    limit: int = Query(PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE),
) -> Any:
    """The members that one may see, with the actual size of the segment."""
    me = actor(request)
    version = queries.current(queries.get(me, segment_id))
    if version is None:
        raise Conflict(queries.NOT_READY)
    page = queries.members_page(me, version, cursor=cursor, limit=limit)
    hidden = page.seen < page.size
    note = f"You see {page.seen:,} of {page.size:,}: only customers you own." if hidden else ""
    items = [person(one) for one in page.items]
    return {"items": items, "next": page.next, "total": page.size, "seen": page.seen, "note": note}


@router.get("/{segment_id}/customers/{customer_id}", response=schemas.MemberVerdictOut)
def member(request: HttpRequest, segment_id: UUID, customer_id: int) -> Any:
    """Why a customer is, or is not, in a segment."""
    me = actor(request)
    segment = queries.get(me, segment_id)
    found = queries.why(me, segment.rule, customer_id)
    version = queries.current(segment)
    return _verdict(found) | {"member": version is not None and customer_id in queries.members(version)}


def _version(version: MembershipVersion | None) -> dict[str, Any] | None:
    names = (
        "number", "state", "size", "total", "entered", "left", "data_as_of", "error", "rule_version", "created_at",
        "ready_at",
    )  # fmt: skip
    return {"id": version.pk} | {name: getattr(version, name) for name in names} if version else None


def _reason(segment: Segment) -> str:
    try:
        queries.require_ready(segment)
    except Problem as problem:
        return problem.detail
    return ""


def _reach(count: int | None, size: int | None) -> dict[str, Any] | None:
    return None if count is None else {"count": count, "percent": _percent(count, size)}


def detail(me: Actor, segment: Segment) -> dict[str, Any]:
    """Everything about a segment that its page shows."""
    version, newest = queries.current(segment), queries.latest(segment)
    state = queries.status(newest.state, newest.data_as_of) if newest else SegmentStatus.QUEUED
    words, problem = queries.words(segment)
    reason = _reason(segment)
    size, total = (version.size, version.total) if version else (None, None)
    archived = segment.archived_at is not None
    return {
        "id": segment.pk, "name": segment.name, "description": segment.description, "rule": segment.rule,
        "rule_version": segment.rule_version, "sentence": words, "problem": problem, "status": state,
        "ready": not reason, "reason": reason, "error": newest.error if newest else "", "archived": archived,
        "size": size, "total": total, "percent": _percent(size, total) if version else None,
        "email": _reach(version.email, size) if version and not archived else None,
        "whatsapp": _reach(version.whatsapp, size) if version and not archived else None,
        "data_as_of": version.data_as_of if version else None, "last_updated": version.ready_at if version else None,
        "created_by": _user(segment.created_by), "created_at": segment.created_at,
        "updated_by": _user(segment.updated_by), "updated_at": segment.updated_at,
        "version": _version(version), "latest": _version(newest),
        "allowed": {
            "edit": me.owns("customers_segment_manage", segment.created_by_id),
            "archive": me.owns("customers_segment_archived", segment.created_by_id),
            "duplicate": me.may("customers_segment_add"),
        },
    }  # fmt: skip
