"""Rows as rates of currencies."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
from django.db import transaction

from ceap.accounts.contracts import Actor
from ceap.connectors.contracts import Options, Target
from ceap.connectors.targets.fields import FIELDS, Outcome, Row
from ceap.core.values import numbers, text
from ceap.customers.queries import read_columns, reading
from ceap.events.actions import set_rates
from ceap.events.contracts import NewRate
from ceap.events.queries import faults_of_rates, rates


def take_rates(actor: Actor, given: pa.Table, options: Options, dry: bool) -> Outcome:
    """Keep a rate per row, in place of that of the same day and currency; of two in the file the later row counts.

    Raises:
        Forbidden: without "settings_manage".
    """
    days = [f for f in FIELDS[Target.RATES] if f.key == "day"]
    read = read_columns(given.select(["day"]), days, reading(dates=options.dates))
    refused = {p.row: Row(p.row, "day", p.value, p.reason) for p in read.problems}
    rows = given.append_column("read", read.table["day"]).to_pylist()
    said: dict[int, NewRate] = {}
    for row, values in enumerate(rows):
        if row not in refused:
            one = _rate(row, values, options)
            if isinstance(one, Row):
                refused[row] = one
            else:
                said[row] = one
    for row, fault in faults_of_rates(said):
        refused.setdefault(row, Row(row, fault.field, str(rows[row][fault.field]), fault.message))
        said.pop(row, None)
    known = {(one.currency, one.day): one.rate for one in rates(actor)}
    last = {(one.currency, one.day): one for one in said.values()}
    created = len(last.keys() - known.keys())
    with transaction.atomic():
        changed = set_rates(actor, list(last.values()))
        if dry:
            transaction.set_rollback(True)
    lines = [refused[row] for row in sorted(refused)]
    return Outcome(created, changed - created, len(said) - changed, len(refused), lines)


def _rate(row: int, values: dict[str, Any], options: Options) -> NewRate | Row:
    day, currency, rate = values["read"], text.visible(str(values["currency"] or "")).upper(), values["rate"]
    for name, value in (("day", day), ("currency", currency), ("rate", rate)):
        if value in (None, ""):
            return Row(row, name, "", "is empty")
    try:  # of more places than a number of a customer has
        found = numbers.number(rate, options.numbers) if isinstance(rate, str) else Decimal(str(rate))
    except ValueError as wrong:
        return Row(row, "rate", str(rate), str(wrong))
    return NewRate(day, currency, found)
