"""The grocery scenario: a synthetic chain of 20 outlets in Sri Lanka, and a model that finds its planted segments."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ceap.core.learning.grocery import CATEGORIES, FIRST_ID, OUTLETS, Chain, chain
from ceap.kit.clock import now
from ceap.web.demo import cast, lanka, past, shelves

ZONE = ZoneInfo("Asia/Colombo")
VOUCHERS = Decimal(25)  # rupees a message, see `past.Past.cost`
SIZE = 100_000
SIZES = (1_000, 5_000_000)
SEED = 7
AT_ONCE = 50_000  # customers whose rows and purchases are in memory at a time
SOURCE = "Synthetic grocery chain"
Say = Callable[[str], None]


def fill(customers: int, say: Say) -> None:
    """Fill an empty home with the chain's customers and two years of purchases, then train, deploy and publish."""
    from ceap.accounts.actions import change_organisation
    from ceap.accounts.contracts import SYSTEM
    from ceap.events.queries import warehouse

    say("Organisation and users")
    change_organisation(
        SYSTEM, name=lanka.BUSINESS, time_zone=ZONE.key, currency="LKR",
        settings={"default_region": "LK", "postal_address": "Octave Fresh (Pvt) Ltd\n48 Galle Road\nColombo 03"},
    )  # fmt: skip
    by_role = cast.users()
    cast.sender("Octave Fresh", "hello@octavefresh.test")
    _catalogue()
    made, today = chain(customers, SEED), now().astimezone(ZONE).date()
    _customers(made, today, say)
    _purchases(made, today, say)
    say("Warehouse")
    warehouse().sync()
    _model(say)
    say("Templates, segments and a campaign")
    _starters(by_role, say)


def _catalogue() -> None:
    from ceap.accounts.contracts import SYSTEM
    from ceap.catalog.actions import upsert_many
    from ceap.catalog.contracts import NewItem

    items = [NewItem("outlet", name, f"Octave Fresh {name}", "Outlets") for name in OUTLETS]
    for category in CATEGORIES:
        shelf = shelves.SHELVES[category]
        rows = zip(shelf.keys, shelf.names, shelf.prices, strict=True)
        items += [NewItem("product", key, name, category, price) for key, name, price in rows]
    upsert_many(SYSTEM, items, SOURCE)


def _parts(made: Chain) -> list[slice]:
    return [slice(start, min(start + AT_ONCE, len(made))) for start in range(0, len(made), AT_ONCE)]


def _customers(made: Chain, today: date, say: Say) -> None:
    from ceap.accounts.contracts import SYSTEM
    from ceap.customers.actions import How, upsert_many

    cities = np.array(OUTLETS)[made.outlet]
    agents = [login.email for login in cast.LOGINS if login.role == "agent"]
    for part in _parts(made):
        say(f"Customers: {part.start:,} of {len(made):,}")
        rows = lanka.people(made.ids[part], cities[part], made.age[part], made.away[part] + 1, today)
        owner = [agents[n % len(agents)] if n % 3 == 0 else "" for n in range(rows.num_rows)]
        upsert_many(SYSTEM, rows.append_column("owner", pa.array(owner)), How(source=SOURCE))


def _purchases(made: Chain, today: date, say: Say) -> None:
    """Bulk batches of the archive, one for each part of the customers."""
    from django.db import transaction

    from ceap.customers.actions import active
    from ceap.customers.queries import named_by
    from ceap.events.actions import write_batch

    done = 0
    for part, lines in zip(_parts(made), made.purchases(today, AT_ONCE), strict=True):
        say(f"Purchases: {done:,} lines of {part.start:,} customers")
        known = named_by("customer_id", [str(number) for number in made.ids[part]])
        dense = np.array([known[str(number)] for number in made.ids[part]], np.int64)
        rows = shelves.put_in(lines, SEED + part.start)
        whose = dense[rows["customer"].to_numpy() - FIRST_ID - part.start]
        at = pc.subtract(rows["at"].cast(pa.timestamp("us")), pa.scalar(_ahead()))
        batch = pa.table(
            {
                "key": pc.binary_join_element_wise(rows["order"], rows["category"], "-"),
                "order_id": rows["order"],
                "customer": whose,
                "at": at,
                "currency": pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(whose), np.int32)), ["LKR"]),
                **{name: rows[name] for name in ("item", "item_name", "category", "outlet", "quantity", "unit_price")},
                "amount": rows["amount"],
            }
        )
        latest = batch.select(["customer", "at"]).group_by("customer").aggregate([("at", "max")]).to_pylist()
        with transaction.atomic():
            write_batch("purchases", batch)
            active({row["customer"]: row["at_max"].replace(tzinfo=UTC) for row in latest})
        done += batch.num_rows


def _ahead() -> timedelta:
    """How far the outlets' clocks are ahead of UTC; Sri Lanka has no summer time."""
    return now().astimezone(ZONE).utcoffset() or timedelta()


def _model(say: Say) -> None:
    """Train on the purchases, put the model to use, and fill its segments."""
    from ceap.accounts.contracts import SYSTEM
    from ceap.learning import actions as learning
    from ceap.learning.contracts import Training
    from ceap.segments import actions as segments

    say("Training on the purchases")
    found = learning.train(SYSTEM.name, Training())
    measured = found["metrics"]["neural"]
    say(
        f"Found {len(found['segments'])} segments (silhouette {measured['silhouette']:.2f}, "
        f"stability {measured['stability']:.2f}): scoring every customer"
    )
    learning.deploy(SYSTEM, found["version"])
    segments.discover()
    segments.build_pending()


def _starters(by_role: dict[str, int], say: Say) -> None:
    """Templates, two segments by rule, two campaigns that lie behind and the draft of a third, by the manager."""
    from ceap.accounts.contracts import SYSTEM
    from ceap.accounts.queries import actor_of, user
    from ceap.campaigns import actions as campaigns
    from ceap.content import actions as content
    from ceap.segments import actions as segments

    manager = actor_of(user(SYSTEM, by_role["marketing_manager"]))
    offer = past.with_products(manager, content.create(manager, name="Fresh of the week", starter_key="offer"))
    back = content.create(manager, name="We miss you", starter_key="win-back").versions.get().pk
    content.create(manager, name="Welcome", starter_key="welcome")
    bought = {"kind": "behaviour", "behaviour": "purchased"}
    city = {"kind": "field", "field": "city", "operator": "is", "value": "Nuwara Eliya"}
    often = bought | {"comparison": "at_least", "times": 3, "window": {"count": 90, "unit": "days"}}
    hills = segments.create(
        manager, name="Hill country regulars", description="Nuwara Eliya, at least three orders in 90 days",
        rule=_rule(city, often),
    )  # fmt: skip
    unseen = segments.create(
        manager, name="Not seen for two months", description="Bought before, nothing in the last 60 days",
        rule=_rule(
            bought | {"comparison": "at_least", "times": 1},
            bought | {"comparison": "exactly", "times": 0, "window": {"count": 60, "unit": "days"}},
        ),
    )  # fmt: skip
    segments.build_pending()
    say("Two campaigns of the last weeks, sent to the mail sink")
    administrator = actor_of(user(SYSTEM, by_role["administrator"]))
    behind = (
        past.Past(
            "We miss you", "retention", "Bring back who stayed away", unseen.pk, back, 24, 0.31, 0.05, 0.012, VOUCHERS
        ),
        past.Past(
            "Fresh of last week", "retention", "One more visit a week", hills.pk, offer, 8, 0.44, 0.12, 0.004, VOUCHERS
        ),
    )
    past.send(manager, administrator, behind, SEED)
    campaigns.create(
        manager, name="Fresh of the week, hill country", type="retention", segment_id=hills.pk, channel="email",
        objective="Bring regulars of Nuwara Eliya in once more a week",
        content_version_id=offer, cost_per_message=VOUCHERS,
    )  # fmt: skip


def _rule(*conditions: dict[str, Any]) -> dict[str, object]:
    return {"join": "and", "groups": [{"join": "and", "conditions": list(conditions)}]}
