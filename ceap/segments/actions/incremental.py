"""The incremental pass: customers who changed are evaluated anew, and memberships follow within about a second.

It reads the change log as consumer "segments". A membership becomes (old − looked at) ∪ matched, which is right for
any set of customers that holds every customer whose result may have changed; so a pass that died half way is repeated.
A segment takes part while its newest version is the one that serves: what waits or failed needs a full build.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from pyroaring import BitMap

from ceap.core import bitmaps
from ceap.customers import queries as customers
from ceap.events import actions as event_actions
from ceap.events import queries as events
from ceap.events.contracts import WarehouseNotReady
from ceap.kit.clock import now
from ceap.kit.problem import Invalid, invalid
from ceap.segments import dependencies, memory, queries, sources
from ceap.segments.actions import children, lease, membership, publishing
from ceap.segments.actions.keeping import kept
from ceap.segments.actions.looking import People, scan
from ceap.segments.actions.publishing import Membership
from ceap.segments.changes import EVERYBODY, MANY, Changes, follow_merges, patched
from ceap.segments.conditions import CheckedRule
from ceap.segments.contracts import Build, Cause, Kind
from ceap.segments.models import Following, MembershipVersion, Segment

log = logging.getLogger("ceap.segments")
CONSUMER = "segments"
ENTRIES = 20_000  # of the log, in one pass
HOURS_EVERY = timedelta(minutes=5)  # how old an answer about a window in hours may grow


def follow() -> int:
    """Bring all memberships up to the change log; returns how many versions were published.

    Does nothing while a full build or another pass holds the lease.
    """
    due = _hours_due()
    if not events.read(CONSUMER, 1) and not due and events.position(CONSUMER) is not None:
        return 0
    with lease.hold("changes") as token:
        if token is None:
            return 0
        with kept(lambda: lease.extend(token)):
            return _pass(token)


def _hours_due() -> bool:
    row = Following.objects.values_list("hours_at", flat=True).first()
    return row is None or now() - row >= HOURS_EVERY


def _pass(token: str) -> int:
    started = now()
    due, first = _hours_due(), events.position(CONSUMER) is None
    entries = [] if first else events.read(CONSUMER, ENTRIES)  # read under the lease: nobody else has dealt with them
    last = events.last_seq() if first else entries[-1].seq if entries else None
    changes = Changes()
    changes.add(entries)
    follow_merges(changes)
    warehouse = sources.warehouse()
    warehouse.sync()
    known = None if first else Following.objects.first()
    people = People(known, changes.of(()))
    published = 0
    for level in _levels(first or due or changes.moved or bool(entries)):
        published += _level(level, token, changes, people, due, first)
    people.ask(warehouse)
    with transaction.atomic():
        if not lease.extend(token):
            return published
        if last is not None:
            event_actions.advance(CONSUMER, last)
        if due or people.changed:
            _keep(people, started if due or known is None else known.hours_at)
    return published


def _keep(people: People, hours_at: datetime) -> None:
    columns = {"everyone": people.present, "email": people.email, "whatsapp": people.whatsapp}
    packed: dict[str, Any] = {name: bitmaps.pack(bitmap) for name, bitmap in columns.items()}
    Following.objects.update_or_create(pk=1, defaults=packed | {"hours_at": hours_at})


def _levels(wanted: bool) -> list[list[Segment]]:
    """The active segments that have members, children before parents."""
    if not wanted:
        return []
    heavy = [f"current__{name}" for name in ("bitmap", "came", "went")]
    found = Segment.objects.filter(archived_at=None).exclude(current=None).select_related("current").defer(*heavy)
    rows = {str(segment.pk): segment for segment in found}
    graph = {key: dependencies.children(segment.rule) for key, segment in rows.items()}
    return [[rows[key] for key in level] for level in dependencies.levels(graph)]


@dataclass
class Work:
    """One segment of a pass: its version that serves, and whom to look at (None: everybody)."""

    segment: Segment
    serving: MembershipVersion
    look: BitMap | None
    rule: CheckedRule | None = None
    children: dict[str, str] = field(default_factory=dict)


def _level(
    segments: list[Segment], token: str, changes: Changes, people: People, due: bool, first: bool
) -> int:  # fmt: skip
    """Evaluate and publish segments that do not refer to each other; how many versions were published."""
    works = _works(segments, changes, due, first)
    rules = [w for w in works if w.rule]
    warehouse = sources.warehouse()
    some = [w for w in rules if w.look is not EVERYBODY]
    union = BitMap()
    for work in some:
        union |= work.look or BitMap()
    if len(union) > MANY:
        some, union = [], BitMap()
    for work in some:
        work.look = union
    found: dict[UUID, BitMap] = {}
    for part, look in ((some, union), ([w for w in rules if w not in some], EVERYBODY)):
        found |= _matched(warehouse, part, look, people)
    _build_in_full([work.segment for work in rules if work.serving.pk not in found])
    people.ask(warehouse)
    return _settle([work for work in works if not work.rule or work.serving.pk in found], token, people, found)


def _works(segments: list[Segment], changes: Changes, due: bool, first: bool) -> list[Work]:
    """What must be done about these segments; those about which nothing must be done are left out."""
    rows = MembershipVersion.objects.filter(segment__in=segments).exclude(state=Build.SUPERSEDED).order_by()
    newest = dict(rows.values_list("segment_id").annotate(Max("number")))
    read = children.serving(dependencies.children(segment.rule) for segment in segments)
    check = functools.partial(queries.checked, fields=sources.fields(), asked=customers.asking())
    works, broken = [], []
    for segment in segments:
        serving = segment.current
        if serving is None or newest[segment.pk] != serving.number:
            continue  # what waits, or failed, is for a full build
        try:
            if work := _work(segment, serving, changes, due, first, read, check):
                works.append(work)
        except Invalid:
            broken.append(segment)
    _build_in_full(broken)
    return works


def _work(
    segment: Segment,
    serving: MembershipVersion,
    changes: Changes,
    due: bool,
    first: bool,
    read: children.Read,
    check: Callable[[Any], CheckedRule],
) -> Work | None:
    """What must be done about a segment; None for nothing.

    Raises:
        Invalid: its rule cannot be evaluated any more.
    """
    if segment.kind != Kind.RULE:
        everybody = first or changes.of(()) is EVERYBODY or changes.ids
        return Work(segment, serving, changes.of(())) if everybody else None
    rule = serving.rule
    look = changes.of(dependencies.tables(rule))
    if first or (due and dependencies.in_hours(rule)):
        look = EVERYBODY
    now_read = children.versions(dependencies.children(rule), read)
    for child in now_read.keys() & serving.children.keys():
        if look is not EVERYBODY and now_read[child] != serving.children[child]:
            moved = _moved(serving.children[child], now_read[child])
            look = EVERYBODY if moved is EVERYBODY else look | moved
    if look is not EVERYBODY and not look:
        return None
    if reason := children.trouble(dependencies.children(rule), read):
        raise invalid("rule", reason)
    return Work(segment, serving, look, check(rule), now_read)


def _build_in_full(segments: list[Segment]) -> None:
    """Queue what could not follow; the build makes it right, or says what is wrong with it."""
    for segment in segments:
        log.warning("segment %s cannot follow the changes and is built in full", segment.pk)
        with transaction.atomic():
            locked = Segment.objects.select_for_update().filter(pk=segment.pk, archived_at=None).first()
            if locked is not None and locked.current_id == segment.current_id:
                membership.queue(locked, cause=Cause.CHANGES, supersede=False)
    if segments:
        membership.rescue()


def _moved(old: str, new: str) -> BitMap | None:
    """Who is in one of two versions of a child; None when the older one is gone."""
    found = memory.bitmaps_of([UUID(old), UUID(new)])
    if len(found) < 2:
        return EVERYBODY
    one, other = found.values()
    return one ^ other


def _matched(
    warehouse: sources.Warehouse, works: list[Work], look: BitMap | None, people: People
) -> dict[UUID, BitMap]:
    """Who of those looked at each rule selects, by version that serves; `people` learn from it.

    Rules that cannot be evaluated are left out, so that the others go on.
    """
    if not works:
        return {}
    if look is not EVERYBODY and not look:
        return {work.serving.pk: BitMap() for work in works}
    try:
        found = scan(warehouse, [work.rule for work in works if work.rule], look)
    except WarehouseNotReady:
        raise
    except Exception:
        if len(works) == 1:
            log.exception("segment %s cannot follow the changes", works[0].serving.segment_id)
            return {}
        one_by_one = [_matched(warehouse, [work], look, people) for work in works]
        return {key: people for each in one_by_one for key, people in each.items()}
    people.learn(look, found)
    return {work.serving.pk: matched for work, matched in zip(works, found.matched, strict=True)}


def _settle(works: list[Work], token: str, people: People, matched: Mapping[UUID, BitMap]) -> int:
    """Publish what differs from the versions that serve; how many."""
    changed: list[tuple[MembershipVersion, Membership]] = []
    known = memory.bitmaps_of(work.serving.pk for work in works)
    for work in works:
        old = known.get(work.serving.pk, BitMap())
        new = _new(work, old, people, matched.get(work.serving.pk))
        if new is not old and new != old:
            found = Membership(
                new, len(people.present), new.intersection_cardinality(people.email),
                new.intersection_cardinality(people.whatsapp), now(), work.children,
            )  # fmt: skip
            changed.append((work.serving, found))
        elif work.children != work.serving.children:
            MembershipVersion.objects.filter(pk=work.serving.pk).update(children=work.children)
    return sum(publishing.publish_changes(token, changed))


def _new(work: Work, old: BitMap, people: People, matched: BitMap | None) -> BitMap:
    if matched is None:  # static: who is no customer any more leaves; the survivor of a merge takes the place
        return membership.still_customers(old, people.present)
    return matched if work.look is EVERYBODY else patched(old, work.look, matched)
