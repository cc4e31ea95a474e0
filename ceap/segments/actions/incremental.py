"""The incremental pass: customers who changed are evaluated anew, and memberships follow within about a second.

It reads the change log as consumer "segments". A membership becomes (old − looked at) ∪ matched, which is right for
any set of customers that holds everybody whose answer may have changed; so a pass that died half way is repeated.
A segment takes part while its newest version is the one that serves: what waits or failed needs a full build.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from pyroaring import BitMap

from ceap.core import bitmaps
from ceap.customers import queries as customers
from ceap.events import actions as event_actions
from ceap.events import queries as events
from ceap.events.contracts import Entry, WarehouseNotReady
from ceap.kit.clock import now
from ceap.kit.problem import Invalid
from ceap.segments import dependencies, expressions, queries, sources
from ceap.segments.actions import children, lease, membership, moves
from ceap.segments.actions.keeping import kept
from ceap.segments.actions.membership import Membership
from ceap.segments.conditions import CheckedRule
from ceap.segments.contracts import RESERVED, Build, Kind
from ceap.segments.models import Following, MembershipVersion, Segment

log = logging.getLogger("ceap.segments")
CONSUMER = "segments"
ENTRIES = 20_000  # of the log, in one pass
MANY = 100_000  # changed customers, from which on everybody is evaluated
HOURS_EVERY = timedelta(minutes=5)  # how old an answer about a window in hours may grow
EVERYBODY = None


@dataclass
class Changes:
    """What some entries of the log say. `tables`: those that got a file of bulk data."""

    ids: BitMap = field(default_factory=BitMap)
    doers: dict[str, BitMap] = field(default_factory=lambda: {"events": BitMap(), "purchases": BitMap()})
    tables: set[str] = field(default_factory=set)
    moved: bool = False

    def add(self, entries: Iterable[Entry]) -> None:
        """Note whom `entries` are about."""
        for entry in entries:
            if entry.kind == "customers":
                for first, last in entry.payload["ids"]:
                    self.ids.add_range(first, last + 1)
            elif entry.name in RESERVED or entry.name == moves.LABEL:
                self.moved = True
            elif entry.kind == "batch":
                self.tables.add(entry.payload["table"])
            elif entry.kind in ("event", "purchase") and entry.customer is not None:
                self.doers[f"{entry.kind}s"].add(entry.customer)

    def of(self, tables: Iterable[str]) -> BitMap | None:
        """Whose answer may have changed for a rule that counts `tables`; None: anybody's."""
        if self.tables & set(tables):
            return EVERYBODY
        found = self.ids.copy()
        for table in tables:
            found |= self.doers[table]
        return EVERYBODY if len(found) > MANY else found


@dataclass(frozen=True)
class Found:
    """What one scan said of the customers it looked at."""

    present: BitMap
    email: BitMap
    whatsapp: BitMap
    matched: list[BitMap]


def follow() -> int:
    """Bring all memberships up to the change log; returns how many versions were published.

    Does nothing while a full build or another pass holds the lease.
    """
    due = _hours_due()
    entries = events.read(CONSUMER, ENTRIES)
    if not entries and not due and events.position(CONSUMER) is not None:
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
    _follow_merges(changes)
    warehouse = sources.warehouse()
    warehouse.sync()
    known = None if first else Following.objects.first()
    look = EVERYBODY if known is None else changes.of(())
    people = _people(warehouse, known, look)
    published = 0
    for level in _levels(first or due or changes.moved or bool(entries)):
        published += _level(level, token, changes, people, due, first)
    with transaction.atomic():
        if not lease.extend(token):
            return published
        if last is not None:
            event_actions.advance(CONSUMER, last)
        if due or known is None or look:
            _keep(people, started if due or known is None else known.hours_at)
    return published


def _follow_merges(changes: Changes) -> None:
    """Who was merged away did what the survivor did."""
    for ids in (changes.ids, *changes.doers.values()):
        if 0 < len(ids) <= MANY:
            ids |= _today(ids)


def _today(ids: BitMap) -> BitMap:
    """Who these customers are after all merges."""
    listed, found = list(ids), BitMap()
    for start in range(0, len(listed), 10_000):
        found |= BitMap(customers.redirected(listed[start : start + 10_000]).values())
    return found


def _people(warehouse: sources.Warehouse, known: Following | None, look: BitMap | None) -> Found:
    """Everybody, and who can be reached, as of now; `known` is right but for `look`."""
    if known is None or look is EVERYBODY:
        return _scan(warehouse, [], EVERYBODY)
    everyone, email, whatsapp = (bitmaps.unpack(b) for b in (known.everyone, known.email, known.whatsapp))
    if not look:
        return Found(everyone, email, whatsapp, [])
    fresh = _scan(warehouse, [], look)
    return Found(
        (everyone - look) | fresh.present, (email - look) | fresh.email, (whatsapp - look) | fresh.whatsapp, []
    )


def _keep(people: Found, hours_at: datetime) -> None:
    columns = {"everyone": people.present, "email": people.email, "whatsapp": people.whatsapp}
    packed: dict[str, Any] = {name: bitmaps.pack(bitmap) for name, bitmap in columns.items()}
    Following.objects.update_or_create(pk=1, defaults=packed | {"hours_at": hours_at})


def _levels(wanted: bool) -> list[list[Segment]]:
    """The active segments whose newest version serves, children before parents."""
    if not wanted:
        return []
    rows = {str(s.pk): s for s in Segment.objects.filter(archived_at=None).exclude(current=None)}
    graph = {key: dependencies.children(segment.rule) for key, segment in rows.items()}
    return [[rows[key] for key in level] for level in dependencies.levels(graph)]


@dataclass
class Work:
    """One segment of a pass: its version that serves, and whom to look at (None: everybody)."""

    serving: MembershipVersion
    look: BitMap | None
    rule: CheckedRule | None = None
    children: dict[str, str] = field(default_factory=dict)


def _level(
    segments: list[Segment], token: str, changes: Changes, people: Found, due: bool, first: bool
) -> int:  # fmt: skip
    """Evaluate and publish segments that do not refer to each other; how many versions were published."""
    works = [w for segment in segments if (w := _work(segment, changes, due, first))]
    rules = [w for w in works if w.rule]
    warehouse = sources.warehouse()
    found: dict[UUID, BitMap] = {}
    some = [w for w in rules if w.look is not EVERYBODY]
    union = BitMap()
    for work in some:
        union |= work.look or BitMap()
    if len(union) > MANY:
        some, union = [], BitMap()
    for work in some:
        work.look = union
    for part, look in ((some, union), ([w for w in rules if w not in some], EVERYBODY)):
        found |= _matched(warehouse, part, look)
    known = [work for work in works if not work.rule or work.serving.pk in found]
    return sum(_settle(work, token, people, found.get(work.serving.pk)) for work in known)


def _work(segment: Segment, changes: Changes, due: bool, first: bool) -> Work | None:
    """What must be done about a segment; None for nothing."""
    newest = segment.versions.exclude(state=Build.SUPERSEDED).order_by("-number").first()
    if newest is None or newest.pk != segment.current_id or newest.state != Build.READY:
        return None
    if segment.kind == Kind.STATIC:
        return Work(newest, changes.of(())) if first or changes.of(()) is EVERYBODY or changes.ids else None
    rule = newest.rule
    read = children.serving([dependencies.children(rule)])
    if newest.rule_version != segment.rule_version or children.trouble(dependencies.children(rule), read):
        return None
    look = changes.of(dependencies.tables(rule))
    if first or (due and dependencies.in_hours(rule)):
        look = EVERYBODY
    now_read = children.versions(dependencies.children(rule), read)
    for child in now_read.keys() & newest.children.keys():
        if look is not EVERYBODY and now_read[child] != newest.children[child]:
            moved = _moved(newest.children[child], now_read[child])
            look = EVERYBODY if moved is EVERYBODY else look | moved
    if look is not EVERYBODY and not look:
        return None
    try:
        return Work(newest, look, queries.checked(rule), now_read)
    except Invalid:  # the daily run says so
        return None


def _moved(old: str, new: str) -> BitMap | None:
    """Who is in one of two versions of a child; None when the older one is gone."""
    rows = dict(MembershipVersion.objects.filter(pk__in=[old, new]).values_list("pk", "bitmap"))
    if len(rows) < 2 or None in rows.values():
        return EVERYBODY
    one, other = (bitmaps.unpack(bitmap) for bitmap in rows.values() if bitmap is not None)
    return one ^ other


def _matched(warehouse: sources.Warehouse, works: list[Work], look: BitMap | None) -> dict[UUID, BitMap]:
    """Who of those looked at each rule selects, by version that serves.

    Rules that cannot be evaluated are left out, so that the others go on; the daily run says what is wrong with them.
    """
    if not works:
        return {}
    if look is not EVERYBODY and not look:
        return {work.serving.pk: BitMap() for work in works}
    try:
        found = _scan(warehouse, [work.rule for work in works if work.rule], look).matched
    except WarehouseNotReady:
        raise
    except Exception:
        if len(works) == 1:
            log.exception("segment %s cannot follow the changes", works[0].serving.segment_id)
            return {}
        one_by_one = [_matched(warehouse, [work], look) for work in works]
        return {key: people for each in one_by_one for key, people in each.items()}
    return {work.serving.pk: people for work, people in zip(works, found, strict=True)}


def _scan(warehouse: sources.Warehouse, rules: list[CheckedRule], look: BitMap | None) -> Found:
    scan = expressions.scan(warehouse, rules, sources.context(), look)
    table = warehouse.run(expressions.flags(scan, expressions.reachable(scan.table)))
    ids = table.column("id").to_numpy()

    def people(name: str) -> BitMap:
        return bitmaps.where(ids, table.column(name))

    return Found(
        bitmaps.of(ids), people("email_ok"), people("whatsapp_ok"), [people(f"m{n}") for n in range(len(rules))]
    )


def _settle(work: Work, token: str, people: Found, matched: BitMap | None) -> bool:
    """Publish what differs from the version that serves."""
    old = bitmaps.unpack(work.serving.bitmap or b"")
    if matched is None:  # static: who is no customer any more leaves; the survivor of a merge takes the place
        gone = old - people.present
        new = (old - gone) | (_today(gone) & people.present)
    else:
        new = matched if work.look is EVERYBODY else _patched(old, work.look, matched)
    if new == old:
        if work.children != work.serving.children:
            MembershipVersion.objects.filter(pk=work.serving.pk).update(children=work.children)
        return False
    found = Membership(
        new, len(people.present), new.intersection_cardinality(people.email),
        new.intersection_cardinality(people.whatsapp), now(), work.children,
    )  # fmt: skip
    return membership.publish_changes(work.serving, token, found) is not None


def _patched(old: BitMap, look: BitMap, matched: BitMap) -> BitMap:
    """A membership after `look` were evaluated anew."""
    return (old - look) | matched
