"""A process of its own for the crash tests: `python crash_worker.py MODE` on $CEAP_HOME."""

from __future__ import annotations

import json
import sys
import time
from datetime import timedelta
from typing import Any

SEGMENTS, CUSTOMERS = 20, 20_000
SOURCES = ["WhatsApp", "Web", "Store", "Import", ""]


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def rule(n: int) -> dict[str, Any]:
    condition = {"kind": "field", "field": "source", "operator": "is", "value": SOURCES[n % 4]}
    more = {"kind": "field", "field": "full_name", "operator": "contains", "value": str(n)}
    return {"join": "and", "groups": [{"join": "or", "conditions": [condition, more]}]}


def expected(n: int) -> set[int]:
    """Whom segment n holds; customers have the keys 1 … CUSTOMERS."""
    return {k for k in range(1, CUSTOMERS + 1) if SOURCES[k % 5] == SOURCES[n % 4] or str(n) in f"Person {k}"}


def prepare() -> None:
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    from ceap.core.changelog import customers_changed
    from ceap.customers.models import Customer
    from ceap.kit.clock import now
    from ceap.segments.models import Segment

    moments = {"created_at": now(), "updated_at": now()}
    people = (
        Customer(pk=k, full_name=f"Person {k}", source=SOURCES[k % 5], **moments) for k in range(1, CUSTOMERS + 1)
    )
    Customer.objects.bulk_create(people, batch_size=2000)
    with connection.cursor() as cursor:
        customers_changed(cursor, range(1, CUSTOMERS + 1), connection.vendor)
    Segment.objects.bulk_create(Segment(name=f"Segment {n}", rule=rule(n), **moments) for n in range(SEGMENTS))


def queue_all() -> None:
    from django.db import transaction

    from ceap.segments.actions import queue
    from ceap.segments.models import Segment

    with transaction.atomic():
        for segment in Segment.objects.select_for_update():
            queue(segment)


def build(planted: bool) -> None:
    from ceap.events.queries import warehouse
    from ceap.segments.actions import build_pending, lease, membership

    lease.LENGTH = timedelta(seconds=1.5)
    if planted:
        membership.publish = in_two_steps  # type: ignore[assignment]
    warehouse().sync()
    queue_all()
    say("building")
    started = time.monotonic()
    ended = {"ready": 0, "failed": 0, "dropped": 0}
    while True:
        for state, count in build_pending().items():
            ended[state] += count
        if not waiting():
            break
        time.sleep(0.1)  # somebody's lease has yet to pass
    say(json.dumps(ended | {"seconds": time.monotonic() - started}))


def waiting() -> int:
    from ceap.segments.models import MembershipVersion

    return MembershipVersion.objects.filter(state__in=["queued", "building"]).count()


def in_two_steps(version_id: Any, token: str, found: Any) -> bool:
    """The planted defect: ready is said before everything is written."""
    from pyroaring import BitMap

    from ceap.core import bitmaps
    from ceap.kit.clock import now
    from ceap.segments.models import MembershipVersion, Segment

    half = BitMap(list(found.bitmap)[: len(found.bitmap) // 2])
    row = MembershipVersion.objects.filter(pk=version_id)
    row.update(
        state="ready", bitmap=bitmaps.pack(half), size=len(half), total=found.total, data_as_of=found.data_as_of,
        ready_at=now(), lease_token="", lease_until=None,
    )  # fmt: skip
    Segment.objects.filter(versions=version_id).update(current=version_id)
    time.sleep(0.2)
    row.update(bitmap=bitmaps.pack(found.bitmap), size=len(found.bitmap))
    return True


def check() -> None:
    """What is wrong with the versions that say they are ready, in words; and how many serve."""
    from ceap.segments import queries
    from ceap.segments.models import MembershipVersion, Segment

    wrong = []
    for segment in Segment.objects.all():
        n = int(segment.name.split()[1])
        whole = expected(n)
        for version in MembershipVersion.objects.filter(segment=segment, state="ready"):
            people = queries.members(version)
            if set(people) != whole or version.size != len(whole):
                wrong.append(f"{segment.name} v{version.number}: {len(people)} of {len(whole)}, size {version.size}")
        if segment.current and segment.current.state != "ready":
            wrong.append(f"{segment.name} serves a version that is {segment.current.state}")
    serving = Segment.objects.exclude(current=None).count()
    say(json.dumps({"wrong": wrong, "serving": serving, "waiting": waiting()}))


if __name__ == "__main__":
    import os

    os.environ["DJANGO_SETTINGS_MODULE"] = "ceap.web.settings"
    import django

    django.setup()
    modes = {"prepare": prepare, "check": check}
    mode = sys.argv[1]
    if mode in ("build", "planted"):
        build(mode == "planted")
    else:
        modes[mode]()
