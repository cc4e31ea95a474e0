"""F-16: what a person waits for on the pages of segments: suggestions while a rule is written, the Performance tab, and
the list and one segment's page among 200 segments."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import Any

from benchmarks.f14_page import EMAIL, PASSWORD
from benchmarks.frame import Result, Scale
from benchmarks.segments_home import NOW, SEGMENTS, fill, queue_all, rules, size

ID = "F-16"
WORK = (
    "pages of segments, 5 M customers: suggestions < 100 ms; Performance tab < 500 ms; pages with 200 segments < 200 ms"
)
FEW = ("source", "city", "c_note0", "item")  # fields whose values are listed
MANY = ("full_name", "email", "phone")  # fields with too many of them
LIMITS = {"first question": 100, "later questions": 100, "searches without hits": 100, "Performance tab": 500,
          "pages": 200}  # fmt: skip


def run(scale: Scale) -> Result:
    customers = size(scale)
    fill(customers)
    _more_segments()
    from django.conf import settings
    from django.test import Client

    from ceap.accounts.actions import create_user
    from ceap.accounts.authentication import session_cookie
    from ceap.accounts.contracts import SYSTEM
    from ceap.events import queries as events
    from ceap.kit import clock
    from ceap.segments.actions import build_pending
    from ceap.segments.models import Segment

    client = Client()
    times: dict[str, list[float]] = defaultdict(list)

    def ask(part: str, path: str) -> Any:
        started = time.perf_counter()
        answer = client.get(f"/api/segments{path}", headers={"host": "127.0.0.1"})
        times[part].append((time.perf_counter() - started) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.content[:300]!r}")
        return answer.json()

    def without_hits(on: str, part: str) -> None:
        if ask(part, f"/suggestions?on={on}&search=zzqqx"):
            raise RuntimeError(f"{on} has a value that nobody made")

    with clock.frozen(NOW):
        user = create_user(SYSTEM, email=EMAIL, name="Bench", role="administrator", password=PASSWORD)
        client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
        client.cookies[settings.SESSION_COOKIE_NAME] = session_cookie(client.session.session_key or "")
        events.warehouse().sync()
        queue_all()
        build_pending()
        client.get("/api/segments/suggestions?on=sex", headers={"host": "127.0.0.1"})  # the first request of all
        for on in (*FEW, *MANY):
            ask("first question", f"/suggestions?on={on}")
            for typed in ("9", "a", "1"):
                if on in FEW or typed != "a":
                    ask("later questions", f"/suggestions?on={on}&search={typed}")
            without_hits(on, "searches without hits at once")
        time.sleep(10)  # what the fields are made of is read in the background from the first question on
        for on in (*FEW, *MANY):
            without_hits(on, "searches without hits")
        for segment in Segment.objects.order_by("-current__size")[:10]:
            ask("Performance tab", f"/{segment.pk}/performance")
            ask("pages", f"/{segment.pk}")
            ask("pages", f"/{segment.pk}/history")
        for path in ("?limit=50", "?limit=200", "?search=Segment+1", "/menu"):
            ask("pages", path)
    worst = {part: max(found) for part, found in times.items()}
    at_once = worst["searches without hits at once"]
    told = ", ".join(f"{part} {worst[part]:.0f} ms of {limit}" for part, limit in LIMITS.items())
    slowest = max(LIMITS, key=lambda part: worst[part] / LIMITS[part])
    return Result(
        ID, scale, worst[slowest], "ms", reached=all(worst[part] < limit for part, limit in LIMITS.items()),
        n=sum(map(len, times.values())), limit=float(LIMITS[slowest]), ratio_limit=LIMITS[slowest] / worst[slowest],
        note=f"the slowest of each part, nothing asked before: {told} (in the seconds after a field's first question, "
        f"before what it is made of has been read, {at_once:.0f} ms); the value is that of {slowest}; {customers:,} × "
        f"40 fields, as many purchases, {2 * SEGMENTS} segments, answered in the process, without a network; limit: "
        "the time allowed",
    )  # fmt: skip


def _more_segments() -> None:
    """Another hundred."""
    from ceap.segments.models import Segment

    Segment.objects.bulk_create(
        Segment(name=f"Segment {n}", rule=rule, created_at=NOW, updated_at=NOW)
        for n, rule in enumerate(rules(), start=SEGMENTS)
    )
