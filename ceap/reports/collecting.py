"""Gathers what a report says, as its maker may see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pyarrow as pa

from ceap.accounts.contracts import SYSTEM, Actor, Level
from ceap.accounts.queries import organisation
from ceap.consent import queries as consent
from ceap.customers import queries as customers
from ceap.kit.clock import now
from ceap.kit.problem import Conflict
from ceap.measurement import queries as measurement
from ceap.reports.contracts import CampaignReport, Heading, Point, SegmentReport, WaterfallStep
from ceap.reports.rules import AGES, SEXES, age_band, in_order, last_of_each_day, ranked, sex
from ceap.segments import queries as segments

CHUNK = 2_000
HISTORY = 1_000
LISTED = 10_000  # members at a time
# Column of the workbook, width, field of the customer.
MEMBERS = (
    ("Key", 9, "pk"), ("Customer ID", 16, "customer_id"), ("Name", 28, "full_name"), ("Email", 32, "email"),
    ("Phone", 18, "phone"), ("City", 18, "city"), ("Province", 18, "province"), ("Source", 16, "source"),
    ("Status", 14, "status"), ("Sex", 10, "sex"), ("Date of birth", 14, "date_of_birth"),
    ("Last activity", 18, "last_activity_at"), ("Added by", 22, "added_by"),
)  # fmt: skip
KINDS = {"pk": pa.int64(), "date_of_birth": pa.date32(), "last_activity_at": pa.timestamp("ms")}
Columns = list[tuple[str, int]]
Step = Callable[[int, int, str], None]


def heading(actor: Actor, *, title: str, description: str, as_of: datetime | None, number: int) -> Heading:
    """The top of a report made now."""
    mine = organisation()
    zone = ZoneInfo(mine.time_zone)
    return Heading(
        organisation=mine.name, zone=mine.time_zone, synthetic=mine.synthetic, title=title, description=description,
        made_at=now().astimezone(zone), made_by=actor.name, data_as_of=as_of and as_of.astimezone(zone), number=number,
    )  # fmt: skip


def segment_report(actor: Actor, segment_id: UUID, number: int, step: Step) -> SegmentReport:
    """What a report of a segment says; `step(done, total, message)` hears how far it is.

    Raises:
        NotFound: there is no such segment, or `actor` may not see it.
        Conflict: it is not ready yet.
    """
    segment = segments.get(actor, segment_id)
    version = _serving(segment_id)
    everyone = segments.members(version)
    zone = ZoneInfo(organisation().time_zone)
    today = now().astimezone(zone).date()
    by: dict[str, Counter[str]] = {name: Counter() for name in ("source", "province", "age", "sex")}
    total, done = len(everyone), 0
    keys = iter(everyone)
    while chunk := list(islice(keys, CHUNK)):
        found = customers.visible_to(SYSTEM).filter(pk__in=chunk)
        rows = list(found.values_list("source", "province", "date_of_birth", "sex"))
        for source, province, born, gender in rows:
            by["source"][source or "Other"] += 1
            by["province"][province or "Unknown"] += 1
            by["age"][age_band(born, today)] += 1
            by["sex"][sex(gender)] += 1
        gone = len(chunk) - len(rows)  # merged or erased since
        for name, label in (("source", "Other"), ("province", "Unknown"), ("age", AGES[-1]), ("sex", SEXES[-1])):
            by[name][label] += gone
        done += len(chunk)
        step(done, total, "Counting")
    gate = consent.gate(everyone, channel="email", at=now())
    words, problem = segments.words(segment, actor)
    hidden = customers.hidden_from(actor)
    history = [
        Point((old.data_as_of or old.created_at).astimezone(zone).date(), old.size)
        for old in reversed(segments.versions(segment, HISTORY))
        if old.size is not None
    ]
    return SegmentReport(
        heading=heading(
            actor, title=segment.name, description=segment.description, as_of=version.data_as_of, number=number
        ),
        rule=words or problem,
        size=len(everyone),
        total=version.total or len(everyone),
        reach=[WaterfallStep(one.label, one.count) for one in gate.steps],
        history=last_of_each_day(history),
        charts=[
            chart
            for key, chart in (
                ("source", ranked("Source", by["source"], "Other")),
                ("province", ranked("Province", by["province"], "Unknown")),
                ("date_of_birth", in_order("Age", by["age"], AGES)),
                ("sex", in_order("Sex", by["sex"], SEXES)),
            )
            if key not in hidden
        ],
        members_note=members_note(actor),
    )


def members_note(actor: Actor) -> str:
    """Why the workbook lists fewer customers than the segment has; "" when it lists all."""
    if not actor.may("customers_export", Level.ALL):
        return "The maker of this report may not export customers, so none are listed."
    if actor.level("customers_view") is Level.DISABLED:
        return "The maker of this report may not see customers, so none are listed."
    if actor.level("customers_view") is Level.OWNED:
        return f"Only the customers owned by {actor.name} are listed; the size above is the actual size."
    return ""


def columns(actor: Actor) -> Columns:
    """The columns of the members of a workbook, with their widths: what `actor` may see."""
    return [(title, width) for title, width, key in MEMBERS if key not in customers.hidden_from(actor)]


def members(actor: Actor, segment_id: UUID, step: Step) -> Iterator[pa.Table]:
    """Tables of `columns`: the members that `actor` may see and export, by key."""
    if not actor.may("customers_export", Level.ALL) or not actor.may("customers_view"):
        return
    everyone = segments.members(_serving(segment_id))
    zone = ZoneInfo(organisation().time_zone)
    hidden = customers.hidden_from(actor)
    keys = [key for _, _, key in MEMBERS if key not in hidden]
    ids, done = iter(everyone), 0
    while chunk := list(islice(ids, LISTED)):
        rows = customers.visible_to(actor).filter(pk__in=chunk).order_by("pk").values_list(*keys)
        found = dict(zip(keys, [*zip(*rows, strict=True)] or [()] * len(keys), strict=True))
        if "source" in found:
            found["source"] = tuple(one or "Other" for one in found["source"])
        if "last_activity_at" in found:
            local = (at and at.astimezone(zone).replace(tzinfo=None) for at in found["last_activity_at"])
            found["last_activity_at"] = tuple(local)
        yield pa.table({key: pa.array(values, KINDS.get(key, pa.string())) for key, values in found.items()})
        done += len(chunk)
        step(done, len(everyone), "Writing the members")


def _serving(segment_id: UUID) -> Any:
    """The membership version that serves."""
    version = segments.current(segment_id)
    if version is None:
        raise Conflict(segments.NOT_READY)
    return version


def campaign_report(actor: Actor, campaign_id: UUID, number: int, step: Step) -> CampaignReport:
    """What a report of a campaign says.

    Raises:
        NotFound: there is no such campaign, or `actor` may not see it.
        Conflict: what it was worth cannot be said now.
    """
    step(0, 1, "Reading the campaign")
    found = measurement.campaign_report(actor, campaign_id)
    if found["revenue"] is None:
        raise Conflict("What campaigns were worth is being worked out again; try again in a few minutes.")
    zone = ZoneInfo(organisation().time_zone)
    timeline: dict[str, list[Point]] = {}
    for name in ("sent", "opened", "clicked", "unsubscribed"):
        points = [
            Point(datetime.fromisoformat(point["at"]).astimezone(zone).replace(tzinfo=None), point[name])
            for point in found["timeline"]["points"]
            if name in point
        ]
        if points:
            timeline[name.capitalize()] = points
    return CampaignReport(
        heading=heading(
            actor, title=found["name"], description=found["objective"],
            as_of=datetime.fromisoformat(found["as_of"]), number=number,
        ),
        status=found["status"],
        segment=found["segment"],
        waterfall=[WaterfallStep(one["label"], one["count"]) for one in found["waterfall"]],
        planned=found["planned"],
        states=list(found["states"].items()),
        opened=found["opened"],
        clicked=found["clicked"],
        unsubscribed=found["unsubscribed"],
        converted=found["converted"],
        revenue=Decimal(found["revenue"]),
        cost=Decimal(found["cost"]),
        roi=found["roi"],
        currency=found["currency"],
        apart=found["apart"],
        timeline=timeline,
    )  # fmt: skip
