"""Building memberships: many segments in one scan of the warehouse."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import UUID

from ceap.core import bitmaps
from ceap.customers import queries as customers
from ceap.events.contracts import Interrupted, WarehouseNotReady
from ceap.jobs.contracts import Cancelled
from ceap.kit.problem import Invalid
from ceap.segments import dependencies, queries, sources
from ceap.segments.actions import children, lease, membership, publishing
from ceap.segments.actions.keeping import kept
from ceap.segments.actions.looking import scan
from ceap.segments.actions.publishing import Membership
from ceap.segments.changes import EVERYBODY
from ceap.segments.conditions import CheckedRule
from ceap.segments.contracts import Kind
from ceap.segments.models import MembershipVersion

log = logging.getLogger("ceap.segments")
AT_ONCE = 100  # segments in one scan
PAUSE = 0.1  # seconds between two looks at a lease that somebody else holds
CYCLE = "This segment refers to itself through other segments; change its rule."
Step = Callable[[int, int | None, str], None]
Work = tuple[MembershipVersion, CheckedRule | None]  # without a rule: a list of customers


def _silent(done: int, total: int | None, message: str) -> None:
    pass


def build_pending(
    segment_id: UUID | str | None = None, step: Step = _silent, *, cancelled: Callable[[], bool] = lambda: False
) -> dict[str, int]:
    """Build every waiting version, children before parents, `AT_ONCE` in a scan; wait for another build or pass.

    A scan all of whose versions were superseded or cancelled meanwhile is interrupted.

    Args:
        segment_id: return once nothing of this segment waits (the others are built beside it).
        cancelled: whether somebody wants the run stopped; asked while a scan runs, from another thread.

    Returns:
        How many became "ready", "failed", and "dropped" (superseded or cancelled while they were built).

    Raises:
        Cancelled: the run was stopped. What waits of the segment (of all) is then cancelled.
    """
    try:
        return _build_pending(segment_id, step, cancelled)
    except Cancelled:
        if cancelled():  # else this run has lost its job to another one
            membership.cancel(segment_id)
        raise


def _build_pending(segment_id: UUID | str | None, step: Step, cancelled: Callable[[], bool]) -> dict[str, int]:
    ended = {"ready": 0, "failed": 0, "dropped": 0}
    while membership.waiting(segment_id).exists():
        with lease.hold("build") as token:
            if token:
                _build_all(token, ended, step, cancelled)
        if not token:
            step(sum(ended.values()), None, "Waiting for another recalculation")
            time.sleep(PAUSE)
    return ended


def _build_all(token: str, ended: dict[str, int], step: Step, cancelled: Callable[[], bool]) -> None:
    while waiting := list(membership.waiting().select_related("segment").order_by("created_at", "pk")):
        if stuck := not (free := _free(waiting)):
            free = waiting  # a cycle, which saving refuses: each of them fails
        taken = membership.take(token, free[:AT_ONCE])
        done, total = sum(ended.values()), sum(ended.values()) + len(waiting)
        with kept(lambda: membership.beat(token)):
            try:
                step(done, total, f"Recalculating {len(taken)} segments")
                for state in _refused(token, taken, CYCLE) if stuck else _build(token, taken, cancelled):
                    ended[state] += 1
                    step(sum(ended.values()), total, "Saving memberships")
            except BaseException:
                membership.release(token)
                raise
        membership.queue_recovered()


def _free(waiting: list[MembershipVersion]) -> list[MembershipVersion]:
    """Those that refer to no segment that waits as well."""
    theirs = {str(version.segment_id) for version in waiting}
    return [version for version in waiting if not dependencies.children(version.rule) & theirs]


def _refused(token: str, taken: list[MembershipVersion], reason: str) -> Iterator[str]:
    for version in taken:
        yield "failed" if membership.fail(version.pk, token, reason) else "dropped"


def _build(token: str, taken: list[MembershipVersion], cancelled: Callable[[], bool]) -> Iterator[str]:
    """Build what was taken; yields the end of each: ready, failed or dropped.

    Raises:
        Cancelled: somebody wants the run stopped.
    """
    read = children.serving(dependencies.children(v.rule) for v in taken)
    checked: list[Work] = []
    check = functools.partial(queries.checked, fields=sources.fields(), asked=customers.asking())
    for version in taken:
        if version.segment.kind != Kind.RULE:
            checked.append((version, None))
            continue
        if reason := children.trouble(dependencies.children(version.rule), read):
            yield from _refused(token, [version], reason)
            continue
        try:
            checked.append((version, check(version.rule)))
        except Invalid as wrong:
            reason = "; ".join(f"{e.field}: {e.message}" for e in wrong.errors)
            yield from _refused(token, [version], reason)
    if not checked:
        return
    sources.warehouse().sync()
    try:
        found = _scan(
            checked,
            lambda: cancelled() or membership.unwanted(token, [version for version, _ in checked]),
        )
    except Interrupted:
        if cancelled():
            raise Cancelled from None
        yield from ("dropped" for _ in checked)
        return
    except WarehouseNotReady:
        raise
    except Exception as error:
        if len(checked) == 1:
            log.exception("recalculating segment %s failed", checked[0][0].segment_id)
            reason = f"The warehouse could not evaluate this rule: {type(error).__name__}: {error}"
            yield from _refused(token, [checked[0][0]], reason)
            return
        log.warning("one of %d segments cannot be evaluated; trying each by itself", len(checked))
        for version, _ in checked:
            yield from _build(token, [version], cancelled)
        return
    whole = [
        (version, replace(people, children=children.versions(dependencies.children(version.rule), read)))
        for (version, _), people in zip(checked, found, strict=True)
    ]
    yield from ("ready" if done else "dropped" for done in publishing.publish(token, whole))


def _scan(works: list[Work], unwanted: Callable[[], bool]) -> list[Membership]:
    """The members of each rule, from one scan of the customers; of a list, those who are customers.

    Raises:
        Interrupted: nobody wants them any more.
    """
    warehouse = sources.warehouse()
    as_of = warehouse.as_of
    found = scan(warehouse, [rule for _, rule in works if rule], EVERYBODY, unwanted)
    matched = iter(found.matched)

    def membership_of(version: MembershipVersion, rule: CheckedRule | None) -> Membership:
        if rule is None:
            bitmap = membership.still_customers(bitmaps.unpack(version.bitmap or b""), found.present)
        else:
            bitmap = next(matched)
        return Membership(bitmap, len(found.present), bitmap.intersection_cardinality(found.email),
                          bitmap.intersection_cardinality(found.whatsapp), as_of)  # fmt: skip

    return [membership_of(*work) for work in works]
