"""Amounts of other currencies in the organisation's: by the rate of their day, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ceap.accounts.queries import organisation
from ceap.events.contracts import PRICED
from ceap.events.models import Rate

LARGEST = Decimal(10) ** 14  # what a column of the warehouse holds
_AMOUNT = PRICED.field("amount").type
_RATE = pa.decimal128(19, 12)


class Rates:
    """The organisation's rates as they are now. own: its currency."""

    def __init__(self, own: str, zone: str, found: Mapping[str, list[tuple[date, Decimal]]]):
        """found: of each currency its rates, by day."""
        self.own, self.zone = own, ZoneInfo(zone)
        self._days = {c: np.array([day for day, _ in them], "datetime64[D]") for c, them in found.items()}
        self._rates = {c: pa.array([None, *(rate for _, rate in them)], _RATE) for c, them in found.items()}

    @classmethod
    def now(cls) -> Rates:
        """Those in the store."""
        home = organisation()
        found: dict[str, list[tuple[date, Decimal]]] = {}
        rows = Rate.objects.filter(into=home.currency).order_by("day").values_list("currency", "day", "rate")
        for currency, day, rate in rows:
            found.setdefault(currency, []).append((day, rate))
        return cls(home.currency, home.time_zone, found)

    def priced(self, rows: pa.Table) -> pa.Table:
        """Purchases with "original", their amount as it was said, and "amount" in the organisation's currency.

        A line's rate is the newest one of its day, or before; days are those of the organisation's zone. "amount" is
        rounded to 4 places, half to even; without a rate it is null. A line without a currency is in the
        organisation's.
        """
        original = rows["amount"].combine_chunks()
        currency = pc.fill_null(rows["currency"].combine_chunks(), self.own)
        amount = original
        for other in pc.unique(currency).to_pylist():
            if other != self.own:
                mine = pc.equal(currency, other)
                amount = pc.if_else(mine, self._converted(original, rows["at"].combine_chunks(), other), amount)
        place = rows.column_names.index("amount")
        return rows.set_column(place, rows.schema.field("amount"), amount).append_column(
            PRICED.field("original"), original
        )

    def _converted(self, amount: pa.Array, at: pa.Array, currency: str) -> pa.Array:
        if currency not in self._days:
            return pa.nulls(len(amount), _AMOUNT)
        local = pc.local_timestamp(pc.assume_timezone(at, "UTC").cast(pa.timestamp("us", str(self.zone))))
        days = local.cast(pa.date32()).to_numpy(zero_copy_only=False)
        places = np.searchsorted(self._days[currency], days.astype("datetime64[D]"), side="right")
        found = pc.round(pc.multiply(amount, self._rates[currency].take(pa.array(places))), 4)
        fits = pc.less(pc.abs(found), pa.scalar(LARGEST, found.type))
        return pc.if_else(fits, found, None).cast(_AMOUNT)
