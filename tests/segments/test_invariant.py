"""One number everywhere: preview = size = list = charts = export = audience of a campaign, for whoever asks (S-14)."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

import pyarrow.compute as pc
import pytest
from django.db import connection
from pyroaring import BitMap

from ceap.accounts.contracts import SYSTEM, Actor, Level
from ceap.accounts.queries import actor_of
from ceap.campaigns import queries as campaigns
from ceap.campaigns.models import Campaign
from ceap.channels.models import Delivery
from ceap.core import changelog
from ceap.customers import actions as customer_actions
from ceap.customers import queries as customer_queries
from ceap.kit.clock import now
from ceap.reports import collecting
from ceap.segments import actions, queries
from ceap.segments.models import Segment
from ceap.segments.queries import people as people_of
from tests import actors
from tests.campaigns import setting
from tests.channels import people as sending
from tests.segments.people import customers, on

performance_of = import_module("ceap.segments.queries.performance")  # the name is a function of the package, too
pytestmark = [pytest.mark.django_db, pytest.mark.req("S-5", "S-12", "S-13", "S-14")]
SOURCES = ["", "WhatsApp", "whatsapp", "Web", "Other", "Unknown"]
CITIES = ["", "Galle", "Kandy", "100%"]


class World:
    """Customers with random values, some of whom bought things, owned by nobody or one of two agents."""

    def __init__(self, luck: random.Random, size: int):
        self.luck = luck
        self.boss = actors.user()
        self.agents = [actors.user(name, customers_view=Level.OWNED) for name in ("Bea", "Cy")]
        self.ids = customers(*(self._customer() for _ in range(size)))
        line = {"quantity": 1, "unit_price": 5, "item": "tea"}
        bought = [
            changelog.purchase(f"o{n}", luck.choice(self.ids), [line], at=now() - timedelta(days=luck.randrange(60)))
            for n in range(size)
        ]
        with connection.cursor() as cursor:
            changelog.append(cursor, bought, connection.vendor)

    def actors(self) -> list[Actor]:
        return [actor_of(one) for one in (self.boss, *self.agents)]

    def _customer(self) -> dict[str, Any]:
        pick, ago = self.luck.choice, timedelta(days=self.luck.randrange(30_000))
        return {
            "source": pick(SOURCES), "city": pick(CITIES), "province": pick(["", "Western", "western"]),
            "sex": pick(["", "Male", "female", "x"]), "date_of_birth": pick([None, now().date() - ago]),
            "email": pick(["", "a@b.example", "no address"]), "marketing_opt_in": pick([None, True, True, False]),
            "owner": pick([None, *self.agents]), "balance_available": pick([None, 0, 12.5]),
        }  # fmt: skip

    def _condition(self, known: list[Segment]) -> dict[str, Any]:
        pick = self.luck.choice
        kinds: list[Callable[[], dict[str, Any]]] = [
            lambda: on("source", pick(["is", "is_not"]), pick(["whatsapp", "web", "other"])),
            lambda: on("city", pick(["is_empty", "is_not_empty"])),
            lambda: on("balance_available", pick(["greater", "less", "equals"]), pick([0, 5, 12.5])),
            lambda: on("date_of_birth", pick(["before", "after"]), pick(["1970-01-01", "2005-06-30"])),
            lambda: on("marketing_opt_in", pick(["is_true", "is_false", "is_empty"])),
            lambda: {"kind": "behaviour", "behaviour": "purchased", "comparison": pick(["at_least", "at_most"]),
                     "times": pick([1, 2]), "window": pick([None, {"count": 20, "unit": "days"}])},
        ]  # fmt: skip
        if known:
            kinds.append(
                lambda: {"kind": "segment", "segment": str(pick(known).pk), "operator": pick(["in", "not_in"])}
            )
        return pick(kinds)()

    def rule(self, known: list[Segment]) -> dict[str, Any]:
        joins = ("and", "or")
        groups = [
            {"join": self.luck.choice(joins), "conditions": [self._condition(known) for _ in range(n)]}
            for n in self.luck.choices([1, 2, 3], k=self.luck.choice([1, 2]))
        ]
        return {"join": self.luck.choice(joins), "groups": groups}


def pages(actor: Actor, segment: Segment) -> Iterator[queries.Page]:
    """All pages of the list of members."""
    version, cursor = queries.require_ready(segment), None
    while True:
        yield (page := queries.members_page(actor, version, cursor=cursor, limit=7))
        if (cursor := page.next) is None:
            return


def planned(actor: Actor, segment: Segment) -> set[int]:
    """Whom a campaign to the segment, launched by `actor`, has a row for, whatever the gate says."""
    made = setting.launched(actor, [], segment_id=segment.pk)
    Campaign.objects.filter(pk=made.pk).update(status="completed")
    return set(Delivery.objects.filter(source_id=made.pk).values_list("customer_id", flat=True))


def compare(actor: Actor, segment: Segment) -> int:
    """Ask everything that tells how large a segment is; returns that number."""
    everyone = queries.members(queries.require_ready(segment))
    own = everyone & BitMap(customer_queries.visible_to(actor).values_list("pk", flat=True))
    size = len(everyone)
    preview = queries.preview(actor, segment.rule)
    shown = queries.performance(actor, segment.pk)
    report = collecting.segment_report(actor, segment.pk, 1, lambda *_: None)
    audience: Any = campaigns.audience(actor, segment.pk, [], "email")
    assert {
        "segment": shown.size, "report": report.size,
        "waterfall": queries.waterfall_of_segment(actor, segment.pk).steps[0].count,
        "audience": audience["steps"][0].count,
        **{name: sum(one.count for one in getattr(shown, name)) for name in ("source", "province", "age", "gender")},
        **{chart.title: sum(one.count for one in chart.shares) for chart in report.charts},
    } == dict.fromkeys(
        ("segment", "report", "waterfall", "audience", "source", "province", "age", "gender",
         *(chart.title for chart in report.charts)), size,
    )  # fmt: skip
    free = queries.waterfall_of_rule(actor, segment.rule).steps[0].count
    assert (preview.matched, free) == (len(own), len(own))  # a rule that is not saved counts whom the asker may see
    listed = list(pages(actor, segment))
    assert [one.pk for page in listed for one in page.items] == list(own)
    assert {(page.size, page.seen) for page in listed} == {(size, len(own))}
    listed_in_workbook = collecting.members(actor, segment.pk, lambda *_: None)
    assert [key for part in listed_in_workbook for key in part["pk"].to_pylist()] == list(own)
    assert {one.pk for one in preview.sample} <= set(own)
    assert bool(preview.sample) is bool(own)
    if audience["will_receive"]:
        assert planned(actor, segment) == set(everyone)
    return size


def live(seed: int, size: int, rules: int) -> set[int]:
    """Random segments of random customers, asked by everybody; then some are merged or erased, and asked again."""
    world = World(random.Random(seed), size)
    made: list[Segment] = []
    for n in range(rules):
        made.append(actions.create(SYSTEM, name=f"S{n}", rule=world.rule(made)))
        if n % 3 == 2:
            actions.build_pending()
    actions.build_pending()
    actions.follow()
    seen = {compare(world.luck.choice(world.actors()), one) for one in made}
    customer_actions.merge(SYSTEM, world.ids[0], world.ids[1])
    customer_actions.erase(SYSTEM, world.ids[2])
    actions.follow()
    return seen | {compare(actor, made[n]) for n, actor in enumerate(world.actors())}


@pytest.fixture(autouse=True)
def _sender() -> None:
    sending.sender(default=True)


def test_every_place_tells_the_same_number_to_everybody() -> None:
    sizes = live(20_26, size=30, rules=9)
    assert len(sizes) > 4, "random rules select all sorts of sizes"


def all_are_seen(actor: Actor, everyone: BitMap) -> BitMap:
    return everyone


def empties_are_overlooked(listed: Any, empty: int, label: str = "") -> Any:
    return slices(listed, 0, label)


def some_are_not_exported(*args: Any) -> Any:
    return [part.filter(pc.not_equal(part["email"], "")) for part in exported(*args)]


slices, exported = performance_of._slices, collecting.members
DEFECTS = [
    (people_of, "seen", all_are_seen),
    (performance_of, "_slices", empties_are_overlooked),
    (collecting, "members", some_are_not_exported),
]


@pytest.mark.parametrize(("where", "name", "defect"), DEFECTS, ids=[str(one[2].__name__) for one in DEFECTS])
def test_a_planted_defect_is_found(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, defect: Any) -> None:
    monkeypatch.setattr(where, name, defect)
    with pytest.raises(AssertionError):
        live(7, size=20, rules=3)
