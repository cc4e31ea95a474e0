"""Everything about one segment."""

from __future__ import annotations

from typing import Any

from ceap.accounts.contracts import Actor
from ceap.segments import queries
from ceap.segments.api import rows
from ceap.segments.contracts import NO_COPY, NO_RECALCULATION, SegmentStatus
from ceap.segments.models import Segment


def allowed(me: Actor, segment: Segment, *, hidden: bool) -> dict[str, Any]:
    """What `me` may do with it, and why not what the role alone would let; `hidden`: its rule is, from `me`."""
    manage = me.owns("customers_segment_manage", segment.created_by_id)
    role = {"edit": manage, "recalculate": manage, "duplicate": me.may("customers_segment_add")}
    against = {
        "edit": queries.RULE_HIDDEN if hidden else "",
        "recalculate": NO_RECALCULATION.get(segment.kind, ""),
        "duplicate": queries.RULE_HIDDEN if hidden else NO_COPY.get(segment.kind, ""),
    }
    return {
        "archive": me.owns("customers_segment_archived", segment.created_by_id),
        **{verb: may and not against[verb] for verb, may in role.items()},
        "reasons": {verb: why for verb, why in against.items() if why and role[verb]},
    }


def _reach(count: int | None, size: int | None) -> dict[str, Any] | None:
    return None if count is None else {"count": count, "percent": rows.percent(count, size)}


def detail(me: Actor, segment: Segment) -> dict[str, Any]:
    """Everything about a segment that its page shows."""
    version, newest = queries.current(segment), queries.latest(segment)
    state = queries.status(newest.state, newest.data_as_of) if newest else SegmentStatus.QUEUED
    hidden = queries.hides(me, segment.rule)
    words, problem = queries.words(segment, me)
    error = rows.error(me, segment, newest.error if newest else "")
    archived = segment.archived_at is not None
    reason = queries.unready(state, error, archived=archived) or ("" if version else queries.NOT_READY)
    missed = queries.missed(version, newest)
    size, total = (version.size, version.total) if version else (None, None)
    return {
        "id": segment.pk, "name": segment.name, "kind": segment.kind, "description": segment.description,
        "rule": {"groups": []} if hidden else segment.rule,
        "rule_version": segment.rule_version, "sentence": words, "problem": problem, "status": state,
        "ready": not reason, "reason": reason, "error": error, "archived": archived,
        "size": size, "total": total, "percent": rows.percent(size, total) if version else None,
        "email": _reach(version.email, size) if version and not archived else None,
        "whatsapp": _reach(version.whatsapp, size) if version and not archived else None,
        "data_as_of": version.data_as_of if version else None, "last_updated": version.ready_at if version else None,
        "created_by": rows.user(segment.created_by), "created_at": segment.created_at,
        "updated_by": rows.user(segment.updated_by), "updated_at": segment.updated_at,
        "version": rows.version(me, segment, version, missed), "latest": rows.version(me, segment, newest, missed),
        "allowed": allowed(me, segment, hidden=hidden),
    }  # fmt: skip
