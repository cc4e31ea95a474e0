"""Segments made from an uploaded list of ids (static ones), and the lists themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor
from ceap.connectors import actions as files
from ceap.connectors.contracts import Form
from ceap.core import bitmaps
from ceap.core.values import text
from ceap.customers import queries as customers
from ceap.jobs.actions import enqueue
from ceap.kit.clock import now
from ceap.kit.ids import uuid7
from ceap.kit.problem import Conflict
from ceap.segments import matching, queries
from ceap.segments.actions.define import checked, noted, requeue
from ceap.segments.actions.holding import locked
from ceap.segments.actions.membership import meant
from ceap.segments.changes import today
from ceap.segments.contracts import Cause, How, Kind
from ceap.segments.matching import Choice, Matched, See
from ceap.segments.models import IdList, Segment

KEPT = timedelta(days=7)
CHUNK = 10_000
LONG = 50_000  # rows; a longer list is matched by a job
BYTES_A_ROW = 12  # of a workbook, at least


def _seeing(actor: Actor) -> See:
    """Which of some customers `actor` may see: nobody learns from a list who else is a customer."""
    visible = customers.visible_to(actor)

    def see(ids: Iterable[int]) -> set[int]:
        listed, found = sorted(set(ids)), set[int]()
        for start in range(0, len(listed), CHUNK):
            found |= set(visible.filter(pk__in=listed[start : start + CHUNK]).values_list("pk", flat=True))
        return found

    return see


def upload_list(
    actor: Actor, name: str, blocks: Iterable[bytes], *, column: str = "", by: str = "", wait: bool = False
) -> IdList:
    """Keep a file of ids (CSV, XLSX, Parquet, or text with one id a line) for a week, and match it with the customers.

    A long one is matched by a job: it has `job_id`, and no `matched_at` yet.

    Args:
        wait: match a long one here and now, too.
        column: of the file, and `by`: kind of identity (customer_id, email, phone, username, an app's own, or "id" for
            the customer's number); what is left out is found out.

    Raises:
        Forbidden: the actor may neither create nor change segments, or not see customers.
        HiddenField: the actor may not see the field `by`.
        TooLarge, BadFile: the file cannot be read. Invalid: it has no such column, no rows or over a million.
    """
    queries.require_lists(actor)
    key = uuid7()
    name = text.file_name(name)
    path = queries.list_file(key)
    kept = files.keep(blocks, path, name, files.limit())
    expected = kept.rows
    try:
        choice = _chosen(actor, key, kept.form, column, by)
        row = IdList(id=key, file_name=name, expected=expected, created_by_id=actor.user_id, created_at=now())
        is_long = (kept.size // BYTES_A_ROW if expected is None else expected) > LONG
        return _match(actor, row, choice, is_long and not wait)
    except BaseException:
        path.unlink(missing_ok=True)
        files.forget(path)
        queries.missing_file(key).unlink(missing_ok=True)
        raise


def match_list(actor: Actor, list_id: UUID | str, *, column: str, by: str) -> IdList:
    """Match a list again, by another column or identity.

    Raises:
        NotFound: there is no such list. Invalid: it has no such column.
    """
    row = queries.get_list(actor, list_id)
    return _match(actor, row, _chosen(actor, row.pk, Form(**row.form), column, by), row.job_id is not None)


def _chosen(actor: Actor, key: UUID, form: Form, column: str, by: str) -> Choice:
    customers.require_seen(actor, by)
    kinds = [by] if by else queries.list_kinds(actor)
    return matching.choose(queries.list_file(key), form, kinds, _seeing(actor), column)


def _match(actor: Actor, row: IdList, choice: Choice, by_job: bool) -> IdList:
    """Match a list by `choice`, at once or by a job; a job for it that is still on the way has nothing to say then."""
    row.form, row.columns, row.column, row.by = asdict(choice.form), choice.columns, choice.column, choice.by
    if not by_job:
        _found(row, matching.match(queries.list_file(row.pk), choice, _seeing(actor), queries.missing_file(row.pk)))
        row.save()
        return row
    with transaction.atomic():
        row.matched_at = None
        row.save()
        row.job_id = enqueue(
            "segments.match",
            actor,
            subject=f"list:{row.pk}",
            list_id=str(row.pk),
            actor_kind=actor.kind,
            actor_id=actor.id,
        ).pk
        row.save(update_fields=["job_id"])
    return row


def _found(row: IdList, found: Matched) -> None:
    row.rows, row.found, row.duplicates = found.rows, len(found.members), found.duplicates
    row.missing, row.bitmap, row.matched_at = found.missing, bitmaps.pack(found.members), now()


def match_long(
    actor: Actor, list_id: UUID | str, job_id: UUID | str, progress: Callable[[int, int | None], None]
) -> dict[str, Any]:
    """What the job `job_id` does: match a list, with the rights that who sent it has now.

    Args:
        progress: called with (rows done, rows expected); may raise to stop.

    Returns:
        The counts of the list; {} when it is matched in another way by now.
    """
    row = queries.get_list(actor, list_id)
    choice = Choice(Form(**row.form), row.columns, row.column, row.by)
    customers.require_seen(actor, row.by)
    missing = queries.missing_file(row.pk)
    part = missing.with_suffix(f".{job_id}")
    try:
        found = matching.match(
            queries.list_file(row.pk), choice, _seeing(actor), part, lambda done: progress(done, row.expected)
        )
        with transaction.atomic():
            mine = IdList.objects.select_for_update().filter(pk=row.pk, job_id=job_id).first()
            if mine is None:
                return {}
            _found(mine, found)
            mine.save()
            part.replace(missing)
    finally:
        part.unlink(missing_ok=True)
    return {"rows": mine.rows, "found": mine.found, "duplicates": mine.duplicates, "missing": mine.missing}


def create_static(actor: Actor, *, name: str, list_id: UUID | str, description: str = "") -> Segment:
    """A segment of the customers that a list names.

    Raises:
        Forbidden: without the permission to create segments.
        Invalid: name or description is wrong. NotFound: there is no such list.
        Conflict: the list names nobody.
    """
    actor.require("customers_segment_add")
    name, description, _ = checked(actor, name, description, {}, Kind.STATIC)
    one = _used(actor, list_id)
    with transaction.atomic():
        segment = Segment.objects.create(
            name=name, description=description, kind=Kind.STATIC, created_by_id=actor.user_id, created_at=now(),
            updated_by_id=actor.user_id, updated_at=now(),
        )  # fmt: skip
        told = _told(one, How.REPLACE)
        audit(actor, "segments.create", "segment", segment.pk, name, after={"name": name, "upload": told})
        noted(actor, segment, told)
        requeue(actor, segment, Cause.UPLOAD, bitmaps.unpack(one.bitmap))
    return segment


def upload(
    actor: Actor, segment_id: UUID | str, *, list_id: UUID | str, how: How, version: int | None = None
) -> Segment:
    """Replace, add to or remove from the members of a static segment; they change as soon as that is published.

    Args:
        version: the `rule_version` that was looked at; another one in the store refuses the change.

    Raises:
        NotFound, Forbidden: as `edit`.
        Conflict: it has a rule, is archived, was changed meanwhile, or the list names nobody.
    """
    one = _used(actor, list_id)
    with transaction.atomic():
        segment = locked(actor, segment_id, "customers_segment_manage")
        if segment.kind != Kind.STATIC:
            raise Conflict("This segment has a rule; only one that was made from a list takes another list.")
        if segment.archived_at:
            raise Conflict("This segment is archived; unarchive it before you change it.")
        if version is not None and version != segment.rule_version:
            raise Conflict("Somebody else changed this segment meanwhile; load it again, then make your change.")
        given, before = bitmaps.unpack(one.bitmap), meant(segment)
        after = {How.REPLACE: given, How.ADD: before | given, How.REMOVE: today(before) - given}[how]
        segment.rule_version += 1
        segment.updated_by_id, segment.updated_at = actor.user_id, now()
        segment.save()
        told = _told(one, how)
        audit(actor, "segments.upload", "segment", segment.pk, segment.name, after=told)
        noted(actor, segment, told)
        requeue(actor, segment, Cause.UPLOAD, after)
    return segment


def _used(actor: Actor, list_id: UUID | str) -> IdList:
    one = queries.get_list(actor, list_id)
    if one.matched_at is None:
        raise Conflict(f"“{one.file_name}” is not matched with the customers yet; wait for it, or match it again.")
    if not one.found:
        raise Conflict(f"Nobody that “{one.file_name}” names was found, so there is nothing to save.")
    return one


def _told(one: IdList, how: How) -> dict[str, Any]:
    names = ("file_name", "by", "rows", "found", "duplicates", "missing")
    return {"how": str(how)} | {name: getattr(one, name) for name in names}


def sweep_lists() -> None:
    """Delete lists and their files after a week; those that name a customer under a legal hold stay."""
    if customers.everybody_is_held():
        return
    until = now() - KEPT
    order = customers.aged(until, customers.held_person())
    kept = set[str]()
    for row in IdList.objects.filter(created_at__lt=until):
        files = {queries.list_file(row.pk): {row.by: (row.column,)}, queries.missing_file(row.pk): {}}
        if any(order.spares(file, columns, row.form if columns else None) for file, columns in files.items()):
            kept |= {file.name for file in files}
        else:
            row.delete()
    for file in queries.list_file(uuid7()).parent.glob("*"):
        if file.stat().st_mtime < until.timestamp() and file.name not in kept:
            file.unlink(missing_ok=True)
