"""The retail scenario: the UCI Online Retail purchases, moved in time so that they end yesterday."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ceap.kit.clock import now
from ceap.kit.problem import Conflict
from ceap.web.demo import cast, past
from ceap.web.demo.people import SEED, Buyer, people

FILE = Path(__file__).resolve().parents[3] / "demo" / "online_retail.parquet"
# The first word found in the description says the category.
CATEGORIES = (
    ("Christmas", "CHRISTMAS XMAS ADVENT SANTA REINDEER SNOWFLAKE BAUBLE"),
    ("Bags", "BAG SHOPPER JUMBO SATCHEL PURSE"),
    (
        "Kitchen",
        "CAKE LUNCH BOWL PLATE MUG CUP TEA KITCHEN JAM BAKING CUTLERY BOTTLE JAR SPOON TEAPOT NAPKIN COASTER BAKE",
    ),
    ("Lighting", "LIGHT LANTERN CANDLE LAMP T-LIGHT HOLDER"),
    ("Stationery", "CARD PAPER PEN PENCIL NOTEBOOK WRAP STICKER STAMP TAPE TISSUE RIBBON RIBBONS"),
    ("Garden", "GARDEN PLANT FLOWER WATERING BIRD PARASOL"),
    ("Toys", "TOY GAME DOLL PUZZLE CHILDRENS DOLLY SKITTLES PLAYHOUSE SPACEBOY CHILDS"),
    ("Jewellery", "NECKLACE BRACELET EARRINGS RING BROOCH"),
    ("Home", "CUSHION CLOCK FRAME SIGN MIRROR DRAWER HOOK DOORMAT CABINET WICKER HEART CRATE TIN BOX RUG"),
)
ZONE = "Europe/London"
VOUCHERS = Decimal(5)  # pounds a message, see `past.Past.cost`
FIELDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Interests", "multiple", ("Baking", "Gardening", "Vintage", "Christmas", "Kids", "Stationery")),
    ("Wholesale", "boolean", ()),
    ("Satisfaction", "number", ()),
    ("Last call", "date", ()),
    ("Shop website", "url", ()),
    ("Preferred contact", "dropdown", ("Email", "WhatsApp", "Phone")),
)
FEES = "POSTAGE MANUAL CARRIAGE DOTCOM DISCOUNT COMMISSION FEES ADJUST SAMPLES"


def _category(description: str) -> str:
    words = f"' ' || regexp_replace(upper(coalesce({description}, '')), '[^A-Z-]+', ' ', 'g') || ' '"
    fee = " OR ".join(f"contains({words}, ' {word}')" for word in FEES.split())
    branches = [f"WHEN {fee} THEN 'Fees'"]
    for name, found in CATEGORIES:
        tests = " OR ".join(f"contains({words}, ' {w} ') OR contains({words}, ' {w}S ')" for w in found.split())
        branches.append(f"WHEN {tests} THEN '{name}'")
    return f"CASE {' '.join(branches)} ELSE 'Other gifts' END"


class Retail:
    """The scenario's tables as of `today`; every line of the file is there, cancellations and anonymous ones too."""

    def __init__(self, today: date, file: Path = FILE):
        self.today = today
        self.db = duckdb.connect(":memory:", config={"threads": 2})
        self.db.execute(
            f"CREATE TABLE lines AS SELECT *, row_number() OVER () AS line, {_category('Description')} AS category "
            f"FROM read_parquet('{file}')"
        )
        last: datetime = self.db.execute("SELECT max(InvoiceDate) FROM lines").fetchone()[0]  # type: ignore[index]
        self.shift = (today - timedelta(days=1)) - last.date()

    def _shifted(self, column: str) -> str:
        return f"{column} + INTERVAL {self.shift.days} DAY"

    def buyers(self) -> list[Buyer]:
        """What is known of every customer number, in order."""
        rows = self.db.execute(
            f"SELECT CustomerID, mode(Country), {self._shifted('min(InvoiceDate)')}, "
            f"{self._shifted('max(InvoiceDate)')}, count(DISTINCT InvoiceNo) FILTER (NOT starts_with(InvoiceNo, 'C')), "
            "sum(Quantity * UnitPrice) "
            "FROM lines WHERE CustomerID IS NOT NULL GROUP BY 1 ORDER BY 1"
        ).fetchall()
        return [Buyer(*row) for row in rows]

    def items(self) -> pa.Table:
        """One row per stock code, with its most frequent description and price."""
        return self.db.execute(
            "SELECT StockCode AS key, coalesce(mode(Description) FILTER (Description = upper(Description)), StockCode) "
            "AS name, mode(category) AS category, CAST(median(UnitPrice) FILTER (UnitPrice > 0) AS DECIMAL(18, 4)) "
            "AS price FROM lines GROUP BY 1 ORDER BY 1"
        ).to_arrow_table()

    def purchases(self) -> pa.Table:
        """All lines."""
        return self.db.execute(
            "SELECT InvoiceNo AS order_id, CAST(CustomerID AS VARCHAR) AS customer, StockCode AS item, "
            f"trim(Description) AS item_name, category, Quantity AS quantity, "
            f"CAST(UnitPrice AS DECIMAL(18, 4)) AS unit_price, {self._shifted('InvoiceDate')} AS at, "
            "Country AS outlet FROM lines ORDER BY line"
        ).to_arrow_table()

    def events(self) -> pa.Table:
        """Made-up visits around real orders: viewed, put in the basket, left, asked by WhatsApp."""
        chance = random.Random(SEED)
        rows = self.db.execute(
            f"SELECT CAST(CustomerID AS VARCHAR), {self._shifted('InvoiceDate')}, StockCode FROM lines "
            "WHERE CustomerID IS NOT NULL AND Quantity > 0 AND line % 9 = 0 ORDER BY line"
        ).fetchall()
        found: list[tuple[str, str, datetime, str]] = []
        for customer, at, item in rows:
            seen = at - timedelta(minutes=chance.randrange(2, 2_000))
            found.append((customer, "product_viewed", seen, item))
            if chance.random() < 0.5:
                found.append((customer, "basket_added", seen + timedelta(seconds=chance.randrange(20, 400)), item))
            if chance.random() < 0.06:
                found.append((customer, "basket_left", seen + timedelta(hours=1), item))
            if chance.random() < 0.02:
                found.append((customer, "support_asked", at + timedelta(days=chance.randrange(1, 9)), item))
        midnight = datetime.combine(self.today, datetime.min.time())
        found = [row for row in found if row[2] < midnight]
        names = ("customer", "name", "at", "item")
        table = pa.table({name: [row[i] for row in found] for i, name in enumerate(names)})
        return table.append_column("origin", pa.array(["synthetic"] * len(found)))


def fill(_: int, say: Callable[[str], None]) -> None:
    """Fill an empty home with the gift house's customers and purchases."""
    from ceap.accounts.actions import change_organisation
    from ceap.accounts.contracts import SYSTEM
    from ceap.customers.actions import add_field
    from ceap.events.queries import warehouse

    say("Organisation and users")
    change_organisation(
        SYSTEM, name="Gift House (demo)", time_zone=ZONE, currency="GBP",
        settings={"default_region": "GB", "postal_address": "Gift House Ltd\n12 Market Street\nLeeds LS1 4AB"},
    )  # fmt: skip
    by_role = cast.users()
    today = now().astimezone(ZoneInfo(ZONE)).date()
    say("Made-up people for 4,372 real customer numbers")
    data = Retail(today)
    for label, kind, options in FIELDS:
        add_field(SYSTEM, label, kind, options=options)
    owners = [login.email for login in cast.LOGINS if login.role == "agent"]
    _bring("customers", "people.parquet", people(data.buyers(), owners, today), {})
    say("Items")
    _bring("items", "items.parquet", data.items(), {})
    say("541,909 purchases")
    _bring("purchases", "online_retail.parquet", data.purchases(), {"chunk": 200_000, "no_customer": "anonymous"})
    say("Visits (synthetic)")
    _bring("events", "visits.parquet", data.events(), {"chunk": 200_000}, {"origin": "prop:origin"})
    say("Warehouse")
    warehouse().sync()
    say("Sender, templates and segments")
    cast.sender("Gift House", "hello@gifthouse.test")
    _starters(by_role, say)


def _bring(
    target: str, name: str, table: pa.Table, options: Mapping[str, object], renamed: Mapping[str, str] | None = None
) -> None:
    """Import a table as a file that somebody uploaded."""
    from ceap.accounts.contracts import SYSTEM
    from ceap.connectors import actions
    from ceap.connectors.queries import get
    from ceap.jobs.actions import run

    out = io.BytesIO()
    pq.write_table(table, out)
    row = actions.upload(SYSTEM, target, name, [out.getvalue()])
    mapping = {column: (renamed or {}).get(column, column) for column in table.column_names}
    row = actions.start(SYSTEM, row.pk, mapping, options)
    run(str(row.job_id))
    row = get(SYSTEM, row.pk)
    if row.state != "done" or row.rejected:
        raise Conflict(f"{name}: {row.state}, {row.rejected} rows were rejected. {row.message}")


def _starters(by_role: Mapping[str, int], say: Callable[[str], None]) -> None:
    """Two emails and segments, two campaigns that lie behind and the draft of a third, by the marketing manager."""
    from ceap.accounts.contracts import SYSTEM
    from ceap.accounts.queries import actor_of, user
    from ceap.campaigns import actions as campaigns
    from ceap.content import actions as content
    from ceap.segments import actions as segments

    manager = actor_of(user(SYSTEM, by_role["marketing_manager"]))
    offer = past.with_products(manager, content.create(manager, name="Spring offer", starter_key="offer"))
    back = content.create(manager, name="We miss you", starter_key="win-back").versions.get().pk
    content.create(manager, name="Welcome", starter_key="welcome")
    bought = {"kind": "behaviour", "behaviour": "purchased", "comparison": "at_least"}
    window = {"count": 365, "unit": "days"}
    source = {"kind": "field", "field": "source", "operator": "is", "value": "WhatsApp"}
    loyal = segments.create(
        manager, name="Loyal WhatsApp buyers", description="At least three orders in a year, came by WhatsApp",
        rule=_rule(source, {**bought, "times": 3, "window": window}),
    )  # fmt: skip
    once = segments.create(
        manager, name="Bought once, a while ago", description="One order ever, none in the last 180 days",
        rule=_rule(
            {**bought, "comparison": "exactly", "times": 1},
            {**bought, "comparison": "exactly", "times": 0, "window": {"count": 180, "unit": "days"}},
        ),
    )  # fmt: skip
    segments.build_pending(None, lambda done, total, message: None)
    say("Two campaigns of the last weeks, sent to the mail sink")
    administrator = actor_of(user(SYSTEM, by_role["administrator"]))
    behind = (
        past.Past(
            "We miss you", "retention", "Bring back who bought once", once.pk, back, 24, 0.34, 0.06, 0.011, VOUCHERS
        ),
        past.Past(
            "Offer for loyal buyers",
            "retention",
            "One more order a month",
            loyal.pk,
            offer,
            9,
            0.47,
            0.14,
            0.004,
            VOUCHERS,
        ),
    )
    past.send(manager, administrator, behind, SEED)
    campaigns.create(
        manager, name="Spring offer, second wave", type="retention", segment_id=loyal.pk, channel="email",
        objective="Remind loyal buyers who did not order", content_version_id=offer, cost_per_message=VOUCHERS,
    )  # fmt: skip


def _rule(*conditions: Mapping[str, object]) -> dict[str, object]:
    return {"join": "and", "groups": [{"join": "and", "conditions": [dict(c) for c in conditions]}]}
