"""The customers that a model learns from and scores, and what else is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from ceap.accounts import queries as accounts
from ceap.core.learning import lifecycle, purchases
from ceap.core.learning.lifecycle import Data
from ceap.core.learning.roles import Roles
from ceap.core.learning.scored import Known
from ceap.core.learning.table import Sheet
from ceap.events import queries as events
from ceap.kit.clock import now
from ceap.kit.problem import Conflict

LINES = {name: name for name in ("customer", "category", "amount", "at")} | {"order": "order_id"}


@dataclass(frozen=True)
class Source:
    """One row a customer. name: "purchases", or that of a file. as_of: what the data know until then."""

    data: Data
    known: Known
    name: str
    as_of: datetime


def of_purchases(before: Roles | None = None) -> Source:
    """Every customer with purchases, with the categories of a training, where there was one.

    Days are those of the organisation's zone; ages are taken from dates of birth.

    Raises:
        Conflict: there are no purchases.
    """
    warehouse = events.warehouse()
    warehouse.sync()
    as_of = warehouse.as_of
    bought = warehouse.table("purchases")
    bought = bought.filter(bought.customer.notnull(), bought.amount > 0)
    lines = warehouse.run(bought.select(*LINES.values(), "outlet").order_by("customer", "at", "order_id", "category"))
    if not lines.num_rows:
        raise Conflict("There are no purchases to learn from: import purchases first.")
    zone = accounts.organisation().time_zone
    at = pc.local_timestamp(pc.assume_timezone(lines["at"], "UTC").cast(pa.timestamp("us", zone)))
    lines = lines.set_column(lines.column_names.index("at"), "at", at)
    data = lifecycle.bought(Sheet(lines), LINES, before, ages())
    found = data.sheet.table
    customers = found["customer"].combine_chunks().cast(pa.int64())
    return Source(data, Known(customers, last=found["last"].combine_chunks()), purchases.SOURCE, as_of)


def ages() -> pa.Table:
    """Of each customer with a date of birth, the age in years on the organisation's today: `customer` (text), `age`."""
    warehouse = events.warehouse()
    people = warehouse.table("customers")
    born = warehouse.run(people.filter(people.date_of_birth.notnull()).select("id", "date_of_birth"))
    today = now().astimezone(ZoneInfo(accounts.organisation().time_zone)).date()
    day = born["date_of_birth"].cast(pa.date32())
    birthday = pc.add(pc.multiply(pc.month(day), 100), pc.day(day))
    to_come = pc.greater(birthday, today.month * 100 + today.day).cast(pa.int64())
    age = pc.subtract(pc.subtract(today.year, pc.year(day)), to_come)
    return pa.table({"customer": born["id"].cast(pa.string()), "age": age})
