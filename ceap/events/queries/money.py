"""Rates of currencies, and what cannot be converted by them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from ceap.accounts.contracts import Actor, Level
from ceap.accounts.queries import organisation
from ceap.events import expressions
from ceap.events.contracts import PRICED, Apart, NewRate
from ceap.events.models import Rate
from ceap.events.queries.reading import warehouse
from ceap.events.rates import Rates

REMEDY = "Enter a rate of {currency} for {first} or before: `ceap rates import FILE`, or PUT /api/events/rates."


def rates(actor: Actor, currency: str = "") -> list[NewRate]:
    """The rates to the organisation's currency, the newest first.

    Raises:
        Forbidden: without "settings_manage".
    """
    actor.require("settings_manage", Level.ALL)
    rows = Rate.objects.filter(into=organisation().currency).order_by("-day", "currency")
    if currency:
        rows = rows.filter(currency=currency)
    return [NewRate(row.day, row.currency, row.rate) for row in rows]


def apart(actor: Actor) -> list[Apart]:
    """The lines of purchases that no amount holds, for want of a rate, by currency.

    Raises:
        Forbidden: without "settings_manage".
        WarehouseNotReady: it is being filled.
    """
    actor.require("settings_manage", Level.ALL)
    house = warehouse()
    every = house.table("purchases")
    lines = every.filter(expressions.apart(every))
    found = lines.group_by("currency").aggregate(lines=_.count(), first=_["at"].min(), last=_["at"].max())
    rows: list[dict[str, Any]] = house.run(found.order_by("currency")).to_pylist()
    return [Apart(row["currency"], row["lines"], row["first"].date(), row["last"].date()) for row in rows]


def unpriced(lines: pa.Table) -> list[int]:
    """The places of those purchases (`at`, `currency`, null: the organisation's) whose day has no rate."""
    ones = pa.repeat(pa.scalar(1, PRICED.field("amount").type), lines.num_rows)
    rows = Rates.now().priced(lines.select(["at", "currency"]).append_column(PRICED.field("amount"), ones))
    return list(pc.indices_nonzero(pc.is_null(rows["amount"])).to_pylist())


def remedy(one: Apart) -> str:
    """What to do about lines that are kept apart, in a sentence."""
    return REMEDY.format(currency=one.currency, first=one.first)
