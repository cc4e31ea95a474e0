"""Building memberships: many segments in one scan of the warehouse."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection

from ceap.core import bitmaps
from ceap.events.contracts import WarehouseNotReady
from ceap.kit.problem import Invalid
from ceap.segments import expressions, queries, sources
from ceap.segments.actions import membership
from ceap.segments.actions.membership import LEASE, Membership
from ceap.segments.conditions import CheckedRule
from ceap.segments.models import MembershipVersion

log = logging.getLogger("ceap.segments")
AT_ONCE = 100  # segments in one scan
Step = Callable[[int, int, str], None]


def _silent(done: int, total: int, message: str) -> None:
    pass


def build_pending(segment_id: UUID | str | None = None, step: Step = _silent) -> dict[str, int]:
    """Build every waiting version (of one segment, or of all), `AT_ONCE` in a scan.

    Returns:
        How many became "ready", "failed", and "dropped" (superseded while they were built).
    """
    ended = {"ready": 0, "failed": 0, "dropped": 0}
    while True:
        token, taken = membership.take(AT_ONCE, segment_id)
        if not taken:
            return ended
        done = sum(ended.values())
        step(done, done + len(taken), f"Recalculating {len(taken)} segments")
        with _kept(token):
            try:
                for state in _build(token, taken):
                    ended[state] += 1
                    step(sum(ended.values()), done + len(taken), "Saving memberships")
            except BaseException:
                membership.release(token)
                raise


@contextmanager
def _kept(token: str) -> Iterator[None]:
    """Extend the lease in the background while the block runs."""
    stop = threading.Event()

    def keep() -> None:
        while not stop.wait(LEASE.total_seconds() / 4):
            try:
                membership.beat(token)
            except Exception:  # the next beat, or whoever takes the lease over, deals with it
                log.exception("heartbeat of recalculation %s failed", token)
        connection.close()

    thread = threading.Thread(target=keep, daemon=True, name=f"segments-{token}")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _build(token: str, taken: list[MembershipVersion]) -> Iterator[str]:
    """Build what was taken; yields the end of each: ready, failed or dropped."""
    checked: list[tuple[MembershipVersion, CheckedRule]] = []
    for version in taken:
        try:
            checked.append((version, queries.checked(version.rule)))
        except Invalid as wrong:
            reason = "; ".join(f"{e.field}: {e.message}" for e in wrong.errors)
            yield "failed" if membership.fail(version.pk, token, reason) else "dropped"
    if not checked:
        return
    sources.warehouse().sync()
    try:
        found = _scan([rule for _, rule in checked])
    except WarehouseNotReady:
        raise
    except Exception as error:
        if len(checked) == 1:
            log.exception("recalculating segment %s failed", checked[0][0].segment_id)
            reason = f"The warehouse could not evaluate this rule: {type(error).__name__}: {error}"
            yield "failed" if membership.fail(checked[0][0].pk, token, reason) else "dropped"
            return
        log.warning("one of %d segments cannot be evaluated; trying each by itself", len(checked))
        for version, _ in checked:
            yield from _build(token, [version])
        return
    for (version, _), people in zip(checked, found, strict=True):
        yield "ready" if membership.publish(version.pk, token, people) else "dropped"


def _scan(rules: list[CheckedRule]) -> list[Membership]:
    """The members of each rule, from one scan of the customers."""
    warehouse = sources.warehouse()
    as_of = warehouse.as_of
    scan = expressions.scan(warehouse, rules, sources.context())
    table = warehouse.run(expressions.flags(scan, expressions.reachable(scan.table)))
    ids = table.column("id").to_numpy()
    email, whatsapp = (bitmaps.where(ids, table.column(name)) for name in ("email_ok", "whatsapp_ok"))

    def membership_of(n: int) -> Membership:
        bitmap: Any = bitmaps.where(ids, table.column(f"m{n}"))
        return Membership(bitmap, len(ids), bitmap.intersection_cardinality(email),
                          bitmap.intersection_cardinality(whatsapp), as_of)  # fmt: skip

    return [membership_of(n) for n in range(len(rules))]
