"""What rows of a file say about single channels: consent given or taken back there, with evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ceap.core import consents
from ceap.core.consents import MARKETING
from ceap.core.optout import opt_out, withdraw
from ceap.core.sql import id_list, id_rows
from ceap.customers.contracts import CHANNEL_CONSENT

KEPT_WITHDRAWN = "consent was withdrawn before; an import does not turn it on again"
LONGEST_WORD = 60  # of what stood in a column of consent


@dataclass
class Told:
    """What came of it: customers who changed, and (row, field) whose yes was left out."""

    changed: set[int] = field(default_factory=set)
    left_out: list[tuple[int, str]] = field(default_factory=list)
    rows: set[int] = field(default_factory=set)  # that changed something


@dataclass
class Records:
    """Records on their way into the store: those that only add are written together, withdrawals each by itself.

    dry: all of it is taken back, so the journal of opt-outs, which stays, is not written.
    """

    cursor: Any
    vendor: str
    source: str
    by: str
    at: datetime
    dry: bool
    waiting: dict[tuple[str, bool, str], list[int]] = field(default_factory=dict)

    def add(self, customer: int, channel: str, granted: bool, word: str) -> None:
        self.waiting.setdefault((channel, granted, word.strip()[:LONGEST_WORD]), []).append(customer)

    def write(self) -> None:
        for (channel, granted, word), customers in self.waiting.items():
            rows = [(customer, granted, self.at) for customer in customers]
            consents.record(
                self.cursor, self.vendor, rows, source="import", evidence=self._evidence(word), channel=channel
            )
        self.waiting.clear()

    def withdraw(self, customer: int, channel: str, word: str) -> None:
        self.write()
        about: dict[str, Any] = {"customer_id": customer, "channel": channel, "source": "import", "at": self.at}
        about["evidence"] = self._evidence(word.strip()[:LONGEST_WORD])
        if self.dry:
            withdraw(self.cursor, self.vendor, **about)
        else:
            opt_out(self.cursor, self.vendor, sync=False, **about)

    def _evidence(self, word: str) -> dict[str, str]:
        return {"import": self.source, "by": self.by, "at": self.at.isoformat(), "word": word}


def answer(key: str, value: bool | None) -> bool | None:
    """What a cell of the field `key` says about consent: not having opted out is no consent."""
    if CHANNEL_CONSENT[key].opts_out:
        return False if value else None
    return value


def tell(
    records: Records,
    rows: Sequence[tuple[int, int]],
    said: Mapping[str, tuple[Sequence[bool | None], Sequence[Any]]],
) -> Told:
    """Record what rows say, in their order, in the caller's transaction; what is on record already changes nothing.

    A yes never overrules a withdrawal, on this channel or on all: it is left out.

    Args:
        rows: (row, customer).
        said: by field key, what every row says and the words it says it with.
    """
    told, people = Told(), {customer for _, customer in rows}
    known = consents.said_by(records.cursor, records.vendor, people)
    opted = _fields(records.cursor, records.vendor, people)
    for row, customer in rows:
        for key, (values, words) in said.items():
            granted, channel = answer(key, values[row]), CHANNEL_CONSENT[key].channel
            before = consents.answer(known.get(customer, ()), opted.get(customer), channel, MARKETING)
            if granted is None or granted == before:
                continue
            if granted and before is False:
                told.left_out.append((row, key))
                continue
            if before:
                records.withdraw(customer, channel, str(words[row]))
            else:
                records.add(customer, channel, granted, str(words[row]))
            known.setdefault(customer, []).append(consents.Said(channel, MARKETING, granted))
            told.changed.add(customer)
            told.rows.add(row)
    records.write()
    return told


def _fields(cursor: Any, vendor: str, people: set[int]) -> dict[int, bool | None]:
    """The field of marketing on every channel, of each customer."""
    cursor.execute(
        f"SELECT id, marketing_opt_in FROM customers_customer WHERE id IN {id_rows(vendor)}", [id_list(vendor, people)]
    )
    return {key: None if value is None else bool(value) for key, value in cursor.fetchall()}
