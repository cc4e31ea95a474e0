"""What the processes of the crash test do; each function runs in a fork of its own (tests/crash/forks.py)."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

SEGMENTS, CUSTOMERS, STRIDE = 6, 2_000, 41
SOURCES = ["WhatsApp", "Web", "Store", "Import", ""]
PAST = datetime(2020, 1, 1, tzinfo=UTC)


def say(what: Any) -> None:
    print(what if isinstance(what, str) else json.dumps(what), flush=True)  # noqa: T201


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


# What is right


def rule(n: int) -> dict[str, Any]:
    condition = {"kind": "field", "field": "source", "operator": "is", "value": SOURCES[n % 4]}
    more = {"kind": "field", "field": "full_name", "operator": "contains", "value": str(n)}
    return {"join": "and", "groups": [{"join": "or", "conditions": [condition, more]}]}


def touched(edit: int) -> range:
    """The customers whom an edit gives the source after theirs; they have the keys 1 … CUSTOMERS."""
    return range(1 + edit % STRIDE, CUSTOMERS + 1, STRIDE)


def after(edits: int) -> list[str]:
    """Everybody's source after so many edits, by key - 1."""
    found = [k % 5 for k in range(1, CUSTOMERS + 1)]
    for edit in range(edits):
        for k in touched(edit):
            found[k - 1] = (found[k - 1] + 1) % 5
    return [SOURCES[n] for n in found]


def expected(n: int, sources: list[str]) -> set[int]:
    """Whom segment n holds while these are the customers' sources."""
    return {k for k in range(1, CUSTOMERS + 1) if sources[k - 1] == SOURCES[n % 4] or str(n) in f"Person {k}"}


# What happens


def prepare() -> None:
    """Customers and segments, built once; the first memberships are noted in first.json."""
    from ceap.core.changelog import customers_changed
    from ceap.customers.models import Customer
    from ceap.kit.clock import now
    from ceap.kit.home import Home
    from ceap.segments import queries
    from ceap.segments.models import Segment

    moments = {"created_at": now(), "updated_at": now()}
    people = (
        Customer(pk=k, full_name=f"Person {k}", source=SOURCES[k % 5], **moments) for k in range(1, CUSTOMERS + 1)
    )
    with transaction.atomic():
        Customer.objects.bulk_create(people, batch_size=2000)
        with connection.cursor() as cursor:
            customers_changed(cursor, range(1, CUSTOMERS + 1), connection.vendor)
        Segment.objects.bulk_create(Segment(name=f"Segment {n}", rule=rule(n), **moments) for n in range(SEGMENTS))
    build()
    follow()
    first = {s.name: sorted(queries.members(s.current)) for s in Segment.objects.all() if s.current}
    (Home.load().path / "first.json").write_text(json.dumps(first))


def edit(number: int) -> None:
    """Change some customers, as the product does: rows and log entry in one transaction."""
    from ceap.core.changelog import customers_changed
    from ceap.customers.models import Customer

    sources = after(number + 1)
    with transaction.atomic():
        for source in SOURCES:
            Customer.objects.filter(pk__in=[k for k in touched(number) if sources[k - 1] == source]).update(
                source=source
            )
        with connection.cursor() as cursor:
            customers_changed(cursor, touched(number), connection.vendor)


def time_passes() -> None:
    """The leases of the dead end."""
    from ceap.segments.models import Lease, MembershipVersion

    Lease.objects.update(until=PAST)
    MembershipVersion.objects.filter(state="building").update(lease_until=PAST)


def everything_shows() -> None:
    """Wait until the log gives out all it holds: on PostgreSQL, until no older transaction is open in the cluster."""
    from ceap.events import queries
    from ceap.events.models import Entry

    while queries.last_seq() < (Entry.objects.aggregate(last=Max("seq"))["last"] or 0):
        time.sleep(0.01)


def build(plant: str = "") -> None:
    """Queue and build every segment."""
    from ceap.segments.actions import build_pending, queue
    from ceap.segments.models import Segment

    PLANTED.get(plant, lambda: None)()
    time_passes()
    everything_shows()
    say("at work")
    with transaction.atomic():
        for segment in Segment.objects.select_for_update():
            queue(segment)
    build_pending()
    say("done")


def follow(plant: str = "") -> None:
    """Build what waits, then let memberships follow the log to its end."""
    from ceap.events import queries as events
    from ceap.segments.actions import build_pending, incremental

    PLANTED.get(plant, lambda: None)()
    time_passes()
    everything_shows()
    say("at work")
    build_pending()
    last = events.last_seq()
    while (events.position("segments") or 0) < last:
        incremental.follow()
    say("done")


# What is wrong


def check(edits: int, ended: bool) -> None:
    """What is wrong, in words. A version that is ready holds whom it should have held after some of the edits."""
    from ceap.events.queries import warehouse
    from ceap.kit.home import Home
    from ceap.segments import queries
    from ceap.segments.models import MembershipVersion, Segment

    wrong: list[str] = []
    states = [after(n) for n in range(edits + 1)]
    segments = {s.name: s for s in Segment.objects.select_related("current")}
    for name, segment in segments.items():
        n = int(name.split()[1])
        right = [expected(n, sources) for sources in (states[-1:] if ended else reversed(states))]
        serving = [segment.current] if segment.current else []
        ready = serving if ended else MembershipVersion.objects.filter(segment=segment, state="ready")
        for version in ready:
            people = set(queries.members(version))
            if people not in right:
                wrong.append(f"{name} v{version.number} holds {len(people)} and should hold {len(right[0])}")
            if version.size != len(people):
                wrong.append(f"{name} v{version.number} says {version.size} and holds {len(people)}")
        if not serving or serving[0].state != "ready":
            wrong.append(f"{name} serves nothing that is ready")
    if ended:
        everything_shows()
        house = warehouse()
        house.sync()
        table = house.table("events")
        moves = house.run(table.filter(table.name.isin(["segment_entered", "segment_left"]))).to_pylist()
        first = json.loads((Home.load().path / "first.json").read_text())
        told: dict[str, list[tuple[int, str, int]]] = {name: [] for name in segments}
        for move in moves:
            props = json.loads(move["props"])
            told[props["name"]].append((props["version"], move["name"], move["customer"]))
        for name, segment in segments.items():
            assert segment.current
            wrong += _told(name, set(first[name]), told[name], set(queries.members(segment.current)))
    say({"wrong": wrong})


def _told(name: str, people: set[int], moves: list[tuple[int, str, int]], now: set[int]) -> list[str]:
    """What is wrong with published moves: they lead from the first membership to that of now, each once."""
    again = 0
    for _, event, customer in sorted(moves):
        came = event == "segment_entered"
        again += (customer in people) is came
        (people.add if came else people.discard)(customer)
    wrong = [f"{name}: {again} moves were told twice"] if again else []
    return wrong + ([f"{name}: {len(people ^ now)} moves were never told"] if people != now else [])


# Planted defects. Each dies at the moment that shows it, so that nothing hangs on luck.


def ready_in_two_steps() -> None:
    """Ready is said before everything is written."""
    from dataclasses import replace

    from ceap.segments.actions import membership, publishing
    from ceap.segments.models import Segment

    def publish(token: str, built: Any) -> Iterator[bool]:
        from pyroaring import BitMap

        for version, found in built:
            half = replace(found, bitmap=BitMap(list(found.bitmap)[::2]))
            membership.held(token).filter(pk=version.pk).update(**half.columns())
            Segment.objects.filter(versions=version.pk).update(current=version.pk)
            die()
            yield True

    publishing.publish = publish


def moves_told_first() -> None:
    """Moves are told in a transaction before that of the memberships."""
    from ceap.segments import memory
    from ceap.segments.actions import moves, publishing

    def publish_changes(token: str, changed: Any) -> Iterator[bool]:
        for serving, found in changed:
            before = memory.bitmaps_of([serving.pk])[serving.pk]
            serving.number += 1
            with transaction.atomic():
                moved = moves.Moves(found.bitmap - before, before - found.bitmap)
                moves.write([(serving.segment, serving, moved)])
            die()
            yield True

    publishing.publish_changes = publish_changes


def position_first() -> None:
    """The log is ticked off before the memberships have followed it."""
    from ceap.events import actions, queries
    from ceap.segments.actions import publishing

    def publish_changes(token: str, changed: Any) -> Iterator[bool]:
        for _ in changed:
            actions.advance("segments", queries.last_seq())
            die()
            yield True

    publishing.publish_changes = publish_changes


PLANTED: dict[str, Callable[[], None]] = {
    "ready in two steps": ready_in_two_steps,
    "moves told first": moves_told_first,
    "position first": position_first,
}
