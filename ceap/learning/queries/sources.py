"""The customers that a model learns from and scores, and what else is known of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ceap.accounts import queries as accounts
from ceap.core.learning import lifecycle, purchases
from ceap.core.learning.lifecycle import Data
from ceap.core.learning.roles import Roles
from ceap.core.learning.scored import Known
from ceap.core.learning.table import Sheet
from ceap.events import queries as events
from ceap.kit.clock import now
from ceap.kit.problem import Conflict
from ceap.learning.queries.bought import LINES, gathered, local
from ceap.learning.queries.files import files
from ceap.learning.queries.people import keys_of, matched


@dataclass(frozen=True)
class Source:
    """One row a customer. name: "purchases", or that of a file. as_of: what the data know until then."""

    data: Data
    known: Known
    name: str
    as_of: datetime

    def of(self, customers: NDArray[np.int64]) -> Source:
        """With who each row is (0: no customer), and how old."""
        people = pa.array(customers, mask=customers == 0)
        born = ages()
        at = pc.index_in(people.cast(pa.string()), born["customer"].combine_chunks())
        return replace(self, known=replace(self.known, customers=people, ages=born["age"].combine_chunks().take(at)))


def of_purchases(before: Roles | None = None, customer: int | None = None) -> Source:
    """Every customer with purchases (or one of them), with the categories of a training, where there was one.

    Days are those of the organisation's zone; ages are taken from dates of birth.

    Raises:
        Conflict: there are no purchases.
    """
    warehouse = events.warehouse()
    if customer is None:
        warehouse.sync()
    as_of = warehouse.as_of
    every = warehouse.table("purchases")
    every = every.filter(every.customer.notnull(), every.amount > 0)
    zone = accounts.organisation().time_zone
    if customer is None:
        data = gathered(warehouse, every, zone, ages(), before)
    else:
        lines = warehouse.run(every.filter(every.customer == customer).select(*LINES.values(), "outlet"))
        if not lines.num_rows:
            raise Conflict("There are no purchases to learn from: import purchases first.")
        lines = lines.set_column(lines.column_names.index("at"), "at", local(lines["at"], zone))
        until = local(warehouse.run(every.aggregate(at=every["at"].max()))["at"], zone)[0].as_py().date()
        data = lifecycle.bought(Sheet(lines), LINES, before, ages(customer), until)
    found = data.sheet.table
    customers = found["customer"].combine_chunks().cast(pa.int64())
    return Source(data, Known(customers, last=found["last"].combine_chunks()), purchases.SOURCE, as_of)


def of_file(id: str, before: Roles | None = None, *, people: bool = True) -> Source:
    """The rows of a kept file, with the columns of a training, where there was one.

    Args:
        people: find the customers that the rows name as well.

    Raises:
        NotFound, Unreadable, Invalid: the file or its columns.
    """
    kept = files()
    about = kept.about(id)
    data = kept.like(id, before) if before else kept.data(id)
    table = data.sheet.table
    keys = keys_of(table[data.roles.id]) if data.roles.id else pa.nulls(table.num_rows, pa.string())
    last = table["last"].combine_chunks() if data.roles.source == purchases.SOURCE else None
    source = Source(
        data, Known(pa.nulls(len(keys), pa.int64()), keys, last), about.name, datetime.fromisoformat(about.at)
    )
    return source.of(matched(about.match, keys)) if people else source


def ages(customer: int | None = None) -> pa.Table:
    """Of each customer with a date of birth, the age in years on the organisation's today: `customer` (text), `age`."""
    warehouse = events.warehouse()
    people = warehouse.table("customers")
    people = people.filter(people.date_of_birth.notnull())
    if customer is not None:
        people = people.filter(people.id == customer)
    born = warehouse.run(people.select("id", "date_of_birth"))
    today = now().astimezone(ZoneInfo(accounts.organisation().time_zone)).date()
    day = born["date_of_birth"].cast(pa.date32())
    birthday = pc.add(pc.multiply(pc.month(day), 100), pc.day(day))
    to_come = pc.greater(birthday, today.month * 100 + today.day).cast(pa.int64())
    age = pc.subtract(pc.subtract(today.year, pc.year(day)), to_come)
    return pa.table({"customer": born["id"].cast(pa.string()), "age": age})
