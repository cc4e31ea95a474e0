"""Rows of customers on their way in: how they are brought in, their values, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from django.db import connection

from ceap.accounts.contracts import Actor
from ceap.core import addresses
from ceap.customers.actions import values
from ceap.customers.contracts import CHANNEL_CONSENT, IDENTITY_FIELDS, Field, Policy, RowProblem
from ceap.customers.queries.fields import reading
from ceap.customers.rules import columns
from ceap.customers.rules.values import Context
from ceap.kit.problem import Invalid, invalid


@dataclass(frozen=True)
class How:
    """How rows are brought in.

    `match`: identity fields a row is recognised by, the first that names a customer wins. `leave_out`: a wrong value is
    left out and reported, instead of rejecting its row. `source`: in words, kept as "added by" and as consent evidence.
    """

    match: tuple[str, ...] = ("customer_id",)
    policy: Policy = Policy.BOTH
    leave_out: bool = False
    source: str = "import"
    dry: bool = False


class Batch:
    """Rows on their way in: columns of parameters, what became of each row so far."""

    def __init__(self, given: dict[str, list[Any]], size: int, how: How, actor: Actor, words: list[Any]):
        self.given, self.size, self.how, self.actor, self.words = given, size, how, actor, words
        self.vendor = connection.vendor
        self.problems: list[RowProblem] = []
        self.open = [True] * size
        self.said: dict[str, tuple[list[Any], list[Any]]] = {}  # of single channels: field → answers, words
        self.same: set[int] = set()  # rows that say nothing new about a customer
        self.about: list[tuple[int, int]] = []  # (row, customer); -1, -2 … are those created, in order
        self.withdrawn: set[int] = set()  # customers who took consent back on some channel
        self.created = self.updated = self.unchanged = 0
        empty = [None] * size
        self.names = {kind: given.get(kind, empty) for kind in IDENTITY_FIELDS}
        if "email" in given:
            self.names["email"] = [value and addresses.email(value) for value in given["email"]]

    def reject(self, row: int, field: str, value: Any, reason: str) -> None:
        self.open[row] = False
        self.problems.append(RowProblem(row, field, "" if value is None else str(value), reason))

    def keep(self, row: int) -> None:
        """Count a row that changes nothing of the customer's fields."""
        self.unchanged += 1
        self.same.add(row)

    def note(self, row: int, field: str, value: Any, reason: str) -> None:
        self.problems.append(RowProblem(row, field, str(value), reason, rejected=False))

    def row(self, row: int) -> dict[str, Any]:
        """The given values of one row, by parameter name; what was not given is left out."""
        return {name: column[row] for name, column in self.given.items() if column[row] is not None}


@dataclass(frozen=True)
class Rows:
    """Rows whose values were read already, which needs no store and may be done ahead in another thread.

    `words`: what stood in the column of consent, by row: it is the evidence; [] without such a column. `channels`: the
    same of columns that speak of one channel, by field.
    """

    read: columns.Read
    fields: list[Field]
    words: list[Any]
    channels: dict[str, list[Any]] = field(default_factory=dict)


def unknown_field(key: str) -> Invalid:
    """A column is no field that can be written – or none that the actor may see, which is the same to the actor."""
    return invalid(key, f"There is no field “{key}” that can be written.")


class Reader:
    """Reads tables of rows by the fields there are now; made once for many tables."""

    def __init__(self, context: Context | None = None):
        self.known, self.context = values.writable(consent=True), context or reading()

    def read(self, rows: pa.Table) -> Rows:
        """The rows' values, and what is wrong with them.

        Raises:
            Invalid: a column is no writable field.
        """
        unknown = [name for name in rows.column_names if name not in self.known]
        if unknown:
            raise unknown_field(unknown[0])
        fields = [self.known[name] for name in rows.column_names]
        asked = "marketing_opt_in" in self.known and "marketing_opt_in" in rows.column_names
        words = rows.column("marketing_opt_in").to_pylist() if asked else []
        channels = {key: rows.column(key).to_pylist() for key in rows.column_names if key in CHANNEL_CONSENT}
        return Rows(columns.read(rows, fields, self.context), fields, words, channels)
