"""Events in: whose they are, whether they were seen before, and one commit for all of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import structs

from ceap.core import changelog
from ceap.core.orders import line_keys
from ceap.core.sql import Vendor, moment, statement
from ceap.edge import people
from ceap.edge.keys import Caller
from ceap.edge.wire import MAX_ERRORS, Accepted, Event, Who, refused
from ceap.kit.problem import Conflict, FieldError

KEPT = timedelta(days=7)  # how long the answer to an Idempotency-Key is remembered


@dataclass(frozen=True, slots=True)
class Batch:
    """One request's events. `who`: whose each is; `repeat`: its Idempotency-Key, "" without one."""

    events: list[Event]
    who: list[Who | None]
    caller: Caller
    repeat: str
    body: bytes
    at: datetime


def accept(cursor: Any, vendor: Vendor, batch: Batch) -> Accepted:
    """Store a batch in the caller's transaction; the answer is true once that is committed.

    Raises:
        Conflict: its Idempotency-Key was used with another body.
        Invalid: a customer is not known and the key may not make customers, or a browser wrote for somebody else.
    """
    if batch.repeat and (answer := _earlier(cursor, vendor, batch)):
        return answer
    whose = _customers(cursor, vendor, batch)
    entries = [_entry(event, whose[index], batch) for index, event in enumerate(batch.events)]
    seqs = changelog.append(cursor, entries, vendor)
    answer = Accepted(sum(seq is not None for seq in seqs), sum(seq is None for seq in seqs))
    if batch.repeat:
        cursor.execute(
            statement(vendor, "UPDATE events_receipt SET accepted = %s, duplicates = %s WHERE key = %s"),
            [answer.accepted, answer.duplicates, _receipt(batch)],
        )
    return answer


def forget(cursor: Any, vendor: Vendor, now: datetime) -> None:
    """Drop the remembered answers that are older than `KEPT`."""
    cursor.execute(statement(vendor, "DELETE FROM events_receipt WHERE at < %s"), [moment(vendor, now - KEPT)])


def _receipt(batch: Batch) -> str:
    return f"{batch.caller.key.id}:{batch.repeat}"


def _earlier(cursor: Any, vendor: Vendor, batch: Batch) -> Accepted | None:
    """The answer given to this Idempotency-Key before; else the key is taken for this batch."""
    body = hashlib.sha256(batch.body).hexdigest()
    cursor.execute(
        statement(
            vendor,
            "INSERT INTO events_receipt (key, body, accepted, duplicates, at) VALUES (%s, %s, 0, 0, %s) "
            "ON CONFLICT (key) DO NOTHING",
        ),
        [_receipt(batch), body, moment(vendor, batch.at)],
    )
    if cursor.rowcount > 0:
        return None
    cursor.execute(
        statement(vendor, "SELECT body, accepted, duplicates FROM events_receipt WHERE key = %s"), [_receipt(batch)]
    )
    known, accepted, duplicates = cursor.fetchone()
    if known != body:
        raise Conflict("This Idempotency-Key was used with another body; use a new key for new events.")
    return Accepted(accepted, duplicates)


def _customers(cursor: Any, vendor: Vendor, batch: Batch) -> list[int | None]:
    """The customer of each event; unknown ones are made when the key may."""
    only = batch.caller.only
    known = people.resolve(cursor, vendor, {one for one in (*batch.who, only) if one})
    errors: list[FieldError] = []
    for index, one in enumerate(batch.who):
        if one is None:
            continue
        field = f"[{index}].customer.{one[0]}"
        if only and (known[one] != known.get(only) if one in known else one != only):
            errors.append(FieldError(field, "A browser key writes only for the customer of its token."))
        elif one in known:
            continue
        elif one[0] == "id":
            errors.append(FieldError(field, "This customer is not known."))
        elif not batch.caller.may("customers:write"):
            errors.append(
                FieldError(
                    field,
                    "This customer is not known. Import or create the customer first, "
                    "or use a key with the scope customers:write.",
                )
            )
        elif not errors:
            by = f"key {batch.caller.key.name}"
            known[one] = people.create(cursor, vendor, *one, added_by=by, at=batch.at)
        if len(errors) >= MAX_ERRORS:
            break
    if errors:
        raise refused(errors)
    return [known[one] if one else None for one in batch.who]


def _entry(event: Event, customer: int | None, batch: Batch) -> changelog.NewEntry:
    # A browser's ids have a room of their own, so that nobody can take a server's event id beforehand.
    room = f"browser:{customer}:" if batch.caller.only else ""
    props = event.properties or None
    if event.kind == "purchase":
        assert event.order_id
        lines: list[dict[str, Any]] = [
            {
                key: value
                for key, value in (
                    ("item", line.item), ("item_name", line.item_name), ("category", line.category),
                    ("quantity", line.quantity), ("unit_price", line.unit_price), ("amount", line.amount),
                )
                if value not in (None, "")
            }
            for line in event.lines
        ]  # fmt: skip
        if room:
            keys = line_keys([(event.order_id, line.item) for line in event.lines], {}, room)
            lines = [{"key": key, **line} for key, line in zip(keys, lines, strict=True)]
        dedupe = f"{room}event:{event.event_id}" if event.event_id else f"{room}order:{_version(event, customer)}"
        return changelog.purchase(
            event.order_id, customer, lines, at=event.at or batch.at, currency=event.currency, outlet=event.outlet,
            props=props, dedupe=dedupe,
        )  # fmt: skip
    assert event.event
    return changelog.event(
        event.event, customer, at=event.at or batch.at, item=event.item, amount=event.amount, props=props,
        dedupe=f"{room}event:{event.event_id}" if event.event_id else None,
    )  # fmt: skip


def _version(event: Event, customer: int | None) -> str:
    """One text for each thing that was ever said of an order: said again it counts once, said anew it is an update."""
    said = msgspec.json.encode([customer, structs.replace(event, customer=None)])
    return hashlib.blake2b(said, digest_size=16).hexdigest()
