"""What a log entry says as rows of the warehouse; the keys of lines that came without one."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from ceap.accounts.contracts import CURRENCIES
from ceap.core.orders import line_keys
from ceap.events.contracts import Entry, NewRate
from ceap.kit.problem import FieldError

log = logging.getLogger("ceap.events")
_MONEY, _QUANTITY = Decimal("0.0001"), Decimal("0.001")


def event_row(entry: Entry) -> dict[str, Any]:
    """The row of table "events" that an entry of kind "event" says."""
    said = entry.payload
    return {
        "seq": entry.seq,
        "key": entry.dedupe or f"#{entry.seq}",
        "customer": entry.customer,
        "name": entry.name or None,
        "at": _moment(said.get("at"), entry),
        "item": _text(said.get("item")),
        "amount": _decimal(said.get("amount"), _MONEY, entry),
        "campaign": _text(said.get("campaign")),
        "props": _json(said.get("props")),
    }


def purchase_rows(entry: Entry) -> list[dict[str, Any]]:
    """The rows of table "purchases" (one for each line) that an entry of kind "purchase" says."""
    said = entry.payload
    order, lines = _text(said.get("order")), said.get("lines") or ()
    keys = line_keys([(order, _text(line.get("item"))) for line in lines], {})
    rows = []
    for n, (key, line) in enumerate(zip(keys, lines, strict=True)):
        quantity = _decimal(line.get("quantity"), _QUANTITY, entry)
        price = _decimal(line.get("unit_price"), _MONEY, entry)
        amount = _decimal(line.get("amount"), _MONEY, entry)
        if amount is None and quantity is not None and price is not None:
            amount = _decimal(quantity * price, _MONEY, entry)
        rows.append(
            {
                "key": _text(line.get("key")) or key or f"{entry.dedupe or f'#{entry.seq}'}:{n}",
                "order_id": order,
                "customer": entry.customer,
                "item": _text(line.get("item")),
                "item_name": _text(line.get("item_name")),
                "category": _text(line.get("category")),
                "outlet": _text(said.get("outlet")),
                "quantity": quantity,
                "unit_price": price,
                "amount": amount,
                "currency": _text(said.get("currency")),
                "at": _moment(said.get("at"), entry),
                "props": _json(said.get("props")),
            }
        )
    return rows


def keys_of(table: str, rows: pa.Table) -> pa.Array:
    """A key for each row of a file that has none: of a line its order and item, else its content."""
    if table != "purchases":
        return content_keys(rows)
    lines = zip(rows["order_id"].to_pylist(), rows["item"].to_pylist(), strict=True)
    keys = pa.array(line_keys(lines, {}), pa.string())
    return pc.coalesce(keys, content_keys(rows)) if keys.null_count else keys


def content_keys(rows: pa.Table, seen: dict[str, int] | None = None) -> pa.Array:
    """A key for each row: a hash of its content, and its occurrence number among rows with this content.

    The same file therefore gets the same keys again. Pass one `seen` through all parts of a file, so that counting
    goes on across them.
    """
    seen = {} if seen is None else seen
    names = sorted(set(rows.column_names) - {"key"})
    keys = []
    for batch in rows.select(names).to_batches(max_chunksize=50_000):
        texts = [pc.fill_null(column.cast(pa.string()), "\0") for column in batch.columns]
        for text in pc.binary_join_element_wise(*texts, "\x1f").to_pylist():
            content = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
            n = seen[content] = seen.get(content, 0) + 1
            keys.append(f"{content}-{n}")
    return pa.array(keys, pa.string())


def rate_faults(one: NewRate, own: str, today: date) -> list[FieldError]:
    """What is wrong with a rate; `own` is the organisation's currency."""
    found = []
    if one.currency not in CURRENCIES:
        found.append(FieldError("currency", f"“{one.currency[:20]}” is no ISO 4217 currency like IDR."))
    elif one.currency == own:
        found.append(FieldError("currency", f"{own} is the organisation's own currency; it needs no rate."))
    if not date(1970, 1, 1) <= one.day <= today + timedelta(days=1):
        found.append(FieldError("day", "A day from 1970 until tomorrow is needed."))
    if one.rate is not None and not (
        one.rate.is_finite() and 0 < one.rate < 10**7 and one.rate == round(one.rate, 12)
    ):  # fmt: skip
        found.append(FieldError("rate", "A number above 0 and below 10,000,000, of at most 12 decimal places."))
    return found


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


def _json(value: Mapping[str, Any] | None) -> str | None:
    return msgspec.json.encode(value).decode() if value else None


def _moment(value: Any, entry: Entry) -> datetime:
    moment = entry.at
    if value:
        try:
            moment = datetime.fromisoformat(value)
        except (ValueError, TypeError):
            log.warning("entry %d: %r is no moment; the time it was accepted is used", entry.seq, value)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _decimal(value: Any, step: Decimal, entry: Entry) -> Decimal | None:
    """`value` exactly to `step`; None (and a line in the log) when it is no number of at most 18 digits."""
    if value is None or value == "":
        return None
    try:
        number = Decimal(str(value)).quantize(step)
        if number.is_finite() and len(number.as_tuple().digits) <= 18:
            return number
    except InvalidOperation:
        pass
    log.warning("entry %d: %.60r is no amount of at most 18 digits; it is left empty", entry.seq, value)
    return None
