"""Rates of currencies, and what cannot be converted by them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db.models import QuerySet
from ibis import _

from ceap.accounts.contracts import Actor, Level
from ceap.accounts.queries import organisation
from ceap.events import expressions
from ceap.events.contracts import PRICED, Apart, NewRate
from ceap.events.models import Rate
from ceap.events.queries.reading import warehouse
from ceap.events.rates import Rates
from ceap.events.rules import rate_faults
from ceap.kit.clock import now
from ceap.kit.pagination import PAGE_SIZE, page
from ceap.kit.problem import FieldError

REMEDY = (
    "Enter a rate of {currency} for {first} or before: Settings › Exchange rates, an import of the target rates, "
    "or PUT /api/events/rates."
)


def rates(actor: Actor, currency: str = "") -> list[NewRate]:
    """The rates to the organisation's currency, the newest first.

    Raises:
        Forbidden: without "settings_manage".
    """
    rows = _visible_to(actor, currency).order_by("-day", "currency")
    return [NewRate(row.day, row.currency, row.rate) for row in rows]


def rates_page(
    actor: Actor, currency: str = "", *, cursor: str | None = None, limit: int = PAGE_SIZE
) -> tuple[list[NewRate], str | None, int]:
    """One page of `rates`, the cursor of the next, and how many there are.

    Raises:
        Forbidden: without "settings_manage".
        Invalid: the cursor is damaged.
    """
    rows = _visible_to(actor, currency)
    found, following = page(rows, "-day", cursor=cursor, limit=limit)
    return [NewRate(row.day, row.currency, row.rate) for row in found], following, rows.count()


def _visible_to(actor: Actor, currency: str) -> QuerySet[Rate]:
    actor.require("settings_manage", Level.ALL)
    rows = Rate.objects.filter(into=organisation().currency)
    return rows.filter(currency=currency.strip().upper()) if currency.strip() else rows


def faults_of_rates(given: Mapping[int, NewRate]) -> list[tuple[int, FieldError]]:
    """What is wrong with rates, by their number: `set_rates` would refuse all of them for that."""
    own, today = organisation().currency, now().date()
    return [(n, fault) for n, one in given.items() for fault in rate_faults(one, own, today)]


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
