"""Create, edit, duplicate, archive and recalculate a segment."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from pyroaring import BitMap

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor
from ceap.jobs import actions as jobs
from ceap.kit.clock import now
from ceap.kit.problem import Conflict, FieldError, Forbidden, Invalid
from ceap.segments import queries, validation
from ceap.segments.actions import membership
from ceap.segments.actions.holding import hold, locked
from ceap.segments.actions.membership import KIND, queue
from ceap.segments.contracts import NO_COPY, NO_RULE, Cause, Kind
from ceap.segments.models import RuleChange, Segment
from ceap.segments.references import segments_of

NAME, DESCRIPTION = 60, 250


def _info(name: str, description: str) -> tuple[str, str, list[FieldError]]:
    name, description = name.strip(), description.strip()
    errors = []
    if not name:
        errors.append(FieldError("name", "Give the segment a name."))
    if len(name) > NAME:
        errors.append(FieldError("name", f"Use at most {NAME} characters; these are {len(name)}."))
    if len(description) > DESCRIPTION:
        errors.append(FieldError("description", f"Use at most {DESCRIPTION} characters; these are {len(description)}."))
    if "\0" in name + description:
        errors.append(FieldError("name", "This text holds a character that cannot be stored."))
    return name, description, errors


def checked(
    actor: Actor, name: str, description: str, rule: Any, kind: str = Kind.RULE
) -> tuple[str, str, dict[str, Any]]:
    """Info and rule as they are kept; other kinds than a rule have none.

    Raises:
        Invalid: every error of both.
    """
    name, description, errors = _info(name, description)
    stored: dict[str, Any] = {}
    if kind != Kind.RULE:
        if rule:
            errors.append(FieldError("rule", NO_RULE[kind]))
    else:
        try:
            stored = queries.checked(rule, actor).source.stored()
        except Invalid as wrong:
            errors += wrong.errors
    if errors:
        raise Invalid("; ".join(f"{e.field}: {e.message}" for e in errors), errors=errors)
    return name, description, stored


def requeue(
    actor: Actor, segment: Segment, cause: Cause = Cause.RULE, listed: BitMap | None = None, like: Segment | None = None
) -> None:
    """Build its membership anew, right after the commit.

    A rule that nobody has let count every customer is held when the actor may not see them all: the sizes of saved
    segments are whole (S-14), and whoever saves rules at will would spell out other owners' customers by them.

    Args:
        like: the segment that it is a copy of.
    """
    held = segment.kind == Kind.RULE and actor.customers_seen != "all" and not _is_let(segment, like or segment)
    queue(segment, cause=cause, listed=listed, held=held)
    if held:
        return
    jobs.enqueue(KIND, actor, subject=f"segment:{segment.pk}", segment=str(segment.pk))


def _is_let(segment: Segment, original: Segment) -> bool:
    """Whether the version that serves `original` was made of the rule that `segment` has."""
    serving = queries.current(original)
    return serving is not None and bool(serving.rule == segment.rule)


def noted(actor: Actor, segment: Segment, upload: dict[str, Any] | None = None) -> None:
    """Keep what the segment is from now on, for its history."""
    RuleChange.objects.create(
        segment=segment, rule_version=segment.rule_version, name=segment.name, description=segment.description,
        rule=segment.rule, upload=upload or {}, changed_by_id=actor.user_id, changed_at=segment.updated_at,
    )  # fmt: skip


def _named(rule: Any) -> set[UUID]:
    """The segments that a rule as it was sent names; none when it is no rule."""
    try:
        return segments_of(validation.parse(rule).stored())
    except Invalid:
        return set()


def create(actor: Actor, *, name: str, rule: Any, description: str = "") -> Segment:
    """Save a new segment; its membership is built right after the commit.

    Raises:
        Forbidden: without the permission to create segments.
        Invalid: name, description or rule is wrong; every error with its path.
    """
    actor.require("customers_segment_add")
    name, description, stored = checked(actor, name, description, rule)
    with transaction.atomic():
        hold(segments_of(stored))
        segment = Segment.objects.create(
            name=name, description=description, rule=stored, created_by_id=actor.user_id, created_at=now(),
            updated_by_id=actor.user_id, updated_at=now(),
        )  # fmt: skip
        after = {"name": name, "description": description, "rule": stored}
        audit(actor, "segments.create", "segment", segment.pk, name, after=after)
        noted(actor, segment)
        requeue(actor, segment)
    return segment


def edit(
    actor: Actor, segment_id: UUID | str, *, name: str, description: str, rule: Any, version: int | None = None
) -> Segment:
    """Change a segment; the build under way, if any, is superseded by a new one.

    Args:
        version: the `rule_version` that was edited; another one in the store refuses the change.

    Raises:
        NotFound, Invalid: as `create`.
        Forbidden: without the permission, or the rule uses a field that the actor's role may not see.
        Conflict: it is archived, or somebody else changed it meanwhile.
    """
    with transaction.atomic():
        segment = locked(actor, segment_id, "customers_segment_manage", _named(rule))
        if queries.hides(actor, segment.rule):
            raise Forbidden(queries.RULE_HIDDEN)
        name, description, stored = checked(actor, name, description, rule, segment.kind)
        queries.refuse_circle(actor, segment.pk, stored)
        if segment.archived_at:
            raise Conflict("This segment is archived; unarchive it before you edit it.")
        if version is not None and version != segment.rule_version:
            raise Conflict("Somebody else changed this segment meanwhile; load it again, then make your change.")
        new = {"name": name, "description": description, "rule": stored}
        before = {key: getattr(segment, key) for key in new}
        changed = [key for key in new if new[key] != before[key]]
        segment.name, segment.description, segment.rule = name, description, stored
        segment.rule_version += 1
        segment.updated_by_id, segment.updated_at = actor.user_id, now()
        segment.save()
        audit(
            actor, "segments.edit", "segment", segment.pk, name,
            before={key: before[key] for key in changed}, after={key: new[key] for key in changed},
        )  # fmt: skip
        noted(actor, segment)
        if segment.kind == Kind.RULE:
            requeue(actor, segment)
    return segment


def duplicate(actor: Actor, segment_id: UUID | str) -> Segment:
    """A copy named "Copy of …", cut to fit.

    Raises:
        NotFound, Forbidden: as `create`.
        Invalid: its rule could not be saved today (by this actor): a field was retired, a segment archived.
        Conflict: it has no rule.
    """
    original = queries.get(actor, segment_id)
    actor.require("customers_segment_add")
    if original.kind != Kind.RULE:
        raise Conflict(NO_COPY[original.kind])
    if queries.hides(actor, original.rule):
        raise Forbidden(queries.RULE_HIDDEN)
    name = f"Copy of {original.name}"[:NAME].rstrip()
    name, description, stored = checked(actor, name, original.description, original.rule)
    with transaction.atomic():
        hold(segments_of(stored))
        segment = Segment.objects.create(
            name=name, description=description, rule=stored,
            created_by_id=actor.user_id, created_at=now(), updated_by_id=actor.user_id, updated_at=now(),
        )  # fmt: skip
        after = {"name": segment.name, "copy_of": str(original.pk)}
        audit(actor, "segments.duplicate", "segment", segment.pk, segment.name, after=after)
        noted(actor, segment)
        requeue(actor, segment, like=original)
    return segment


def unarchive(actor: Actor, segment_id: UUID | str) -> Segment:
    """Bring an archived segment back; its membership is built anew.

    Raises:
        Conflict: it is not archived.
    """
    with transaction.atomic():
        segment = locked(actor, segment_id, "customers_segment_archived")
        if not segment.archived_at:
            raise Conflict("This segment is not archived.")
        segment.archived_at = None
        segment.save(update_fields=["archived_at"])
        audit(actor, "segments.unarchive", "segment", segment.pk, segment.name)
        requeue(actor, segment)
    return segment


def recalculate(actor: Actor, segment_id: UUID | str) -> Segment:
    """Build the membership anew now; what was held is let go, when `actor` sees every customer.

    Raises:
        Conflict: it is archived.
    """
    with transaction.atomic():
        segment = locked(actor, segment_id, "customers_segment_manage")
        if segment.archived_at:
            raise Conflict("This segment is archived; unarchive it first.")
        audit(actor, "segments.recalculate", "segment", segment.pk, segment.name)
        requeue(actor, segment, Cause.ASKED)
    return segment


def cancel(actor: Actor, segment_id: UUID | str) -> Segment:
    """Stop the recalculation that waits or runs; the version before goes on serving.

    Raises:
        Conflict: there is none.
    """
    with transaction.atomic():
        segment = locked(actor, segment_id, "customers_segment_manage")
        if not membership.cancel(segment.pk):
            raise Conflict("This segment is not being recalculated.")
        audit(actor, "segments.cancel", "segment", segment.pk, segment.name)
    return segment
