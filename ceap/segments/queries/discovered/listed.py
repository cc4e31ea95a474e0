"""The members of a discovered segment one by one, with what is known of each."""

from __future__ import annotations

from uuid import UUID

import numpy as np
import pyarrow as pa

from ceap.accounts.contracts import Actor
from ceap.segments.queries.discovered.counted import AGES_HIDDEN, count
from ceap.segments.queries.discovered.detail import row_of
from ceap.segments.queries.discovered.filters import Filters
from ceap.segments.queries.discovered.people import AMOUNT, EPOCH, UNITS, UNKNOWN


def listed(actor: Actor, segment_id: UUID | str, filters: Filters) -> pa.Table:
    """Those members who match and whom `actor` may see, by key.

    Columns: customer, outlet, age (left out when `actor` may not see ages), last (date), orders, spend and
    `amount:<category>`; null where it is not known.

    Raises:
        As `detail`.
    """
    counted = count(actor, filters)
    part = counted.found.bounds[row_of(segment_id, counted)]
    people = counted.found.people.take(part)
    if counted.mask is not None:
        people = people.take(counted.mask[part])
    outlets = pa.array([*counted.found.outlets, None], pa.string())
    day = (counted.today - EPOCH).days - people.days
    made = {
        "customer": pa.array(people.who),
        "outlet": outlets.take(pa.array(people.outlet.astype(np.int32))),
        "age": pa.array(people.age, mask=people.age == UNKNOWN),
        "last": pa.array(day.astype(np.int32), mask=people.days == UNKNOWN).cast(pa.date32()),
        "orders": pa.array(people.orders, mask=people.orders == 0),
        "spend": pa.array(people.spend / UNITS),
    }
    if counted.choices.no_age == AGES_HIDDEN:
        del made["age"]
    made |= {AMOUNT + name: pa.array(people.amounts[n] / UNITS) for n, name in enumerate(counted.found.categories)}
    return pa.table(made)


def check(actor: Actor, filters: Filters) -> None:
    """Refuse filters that name what is not there, or what the data or the role of `actor` do not have.

    Raises:
        Forbidden, Invalid: as `detail`.
    """
    count(actor, filters)
