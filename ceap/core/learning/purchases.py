"""Purchases, one row a line bought, brought together to one row a customer: the shape that models learn from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ceap.core.learning.amounts import MISSING, folded
from ceap.core.learning.cleaning import EXAMPLES, Finding, cells, spellings
from ceap.core.learning.roles import LOOKED_AT, Roles, outlet_column
from ceap.core.learning.table import Sheet, texts
from ceap.kit.problem import invalid

MOST_CATEGORIES = 12  # the rest is "other"
SOURCE = "purchases"
REPEATED = 1.5  # lines a customer from which on a table is one of purchases
_COLUMNS = {
    "customer": re.compile(r"^(customer|client|household|member)[\s_]?(id|no|number|key)?$"),
    "order": re.compile(r"^(order|invoice|transaction|receipt|basket)[\s_]?(id|no|number|key)?$"),
    "category": re.compile(r"^(product[\s_])?(category|department)$"),
    "amount": re.compile(r"^(line[\s_])?(amount|total|sales?|sales[\s_]value|revenue|spend)$"),
    "quantity": re.compile(r"^(quantity|qty|units)$"),
    "price": re.compile(r"^(unit[\s_]?)?price$"),
    "at": re.compile(r"^(at|date|day|time|timestamp)$|date$|time$|timestamp$"),
    "age": re.compile(r"^age$"),
}
_DATES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")
_AMBIGUOUS = (("%d/%m/%Y", "%m/%d/%Y"), ("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"))


@dataclass(frozen=True)
class Gathered:
    """One row a customer, the columns' roles, and what was left out of the lines."""

    sheet: Sheet
    roles: Roles
    findings: tuple[Finding, ...]


def columns(table: pa.Table) -> dict[str, str]:
    """The columns of purchases by what they are; {} when this is not a table of purchases."""
    found: dict[str, str] = {}
    for key, way in _COLUMNS.items():
        named = [name for name in table.column_names if way.search(name.strip().casefold())]
        if named:
            found[key] = named[0]
    priced = "amount" in found or {"quantity", "price"} <= set(found)
    if not priced or not {"customer", "at"} <= set(found):
        return {}
    who = table[found["customer"]]
    return found if table.num_rows >= REPEATED * max(1, pc.count_distinct(who).as_py()) else {}


def gather(
    sheet: Sheet,
    found: dict[str, str],
    categories: Sequence[str] = (),
    ages: pa.Table | None = None,
    until: date | None = None,
) -> Gathered:
    """Bring the lines of each customer together.

    Left out and counted: lines without a customer, a readable positive amount or a date. Recency counts days back from
    `until`, else the last day in the table.

    Args:
        categories: those of training, in order; (): the `MOST_CATEGORIES` largest. ages: `customer` (text) and `age` in
            years, when they are known from elsewhere.

    Returns:
        Besides the columns with roles, `last`: the day of the last purchase.

    Raises:
        Invalid: the dates cannot be read, or could be read in two ways.
    """
    table = sheet.table
    findings: list[Finding] = []
    good = np.ones(table.num_rows, bool)
    good[list(sheet.broken)] = False

    def leave_out(column: str, what: str, bad: NDArray[np.bool_]) -> None:
        rows = np.flatnonzero(bad & good)
        good[rows] = False
        if len(rows):
            shown = tuple((int(row) + 1, str(table[column][row].as_py())) for row in rows[:EXAMPLES])
            findings.append(Finding(column, what, "line left out", len(rows), shown))

    who = texts(table[found["customer"]]).combine_chunks()
    nobody = pc.is_in(pc.utf8_lower(pc.utf8_trim_whitespace(pc.fill_null(who, ""))), pa.array(sorted(MISSING)))
    leave_out(found["customer"], "no customer", nobody.to_numpy(zero_copy_only=False))
    amount = _amounts(table, found, leave_out)
    day = _days(table[found["at"]], found["at"])
    leave_out(found["at"], "no date", np.isnat(day))
    if not good.any():
        raise invalid("input", "No line has a customer, an amount and a date.")
    kept = pa.array(np.flatnonzero(good))
    coded = who.take(kept).dictionary_encode()
    customer = coded.indices.to_numpy().astype(np.int64)
    n, amount, day = len(coded.dictionary), amount[good], day[good]
    made: dict[str, Any] = {"customer": coded.dictionary}
    if outlet := outlet_column(
        [name for name in table.column_names if name not in found.values()], table.slice(0, LOOKED_AT)
    ):
        made["outlet"] = _main(customer, spellings(table[outlet].take(kept)), amount)
    if "category" in found:
        names = spellings(table[found["category"]].take(kept))
        sums, new = _sums(names, customer, amount, n, categories)
        if new.any():
            shown = tuple((int(kept[int(at)].as_py()) + 1, str(names[at])) for at in np.flatnonzero(new)[:EXAMPLES])
            what = "a category that was not in training"
            findings.append(Finding(found["category"], what, "not counted as spend", int(new.sum()), shown))
    else:
        sums = {"all": np.bincount(customer, amount, n).astype(float)}
    made |= {f"{name}_sales": values for name, values in sums.items()}
    last = np.full(n, np.datetime64(0, "D"))
    np.maximum.at(last, customer, day)
    made["last"] = pa.array(last)
    made["recency"] = ((np.datetime64(until, "D") if until else day.max()) - last).astype(float)
    order = texts(table[found["order"]]).take(kept) if "order" in found else pa.chunked_array([pa.array(day)])
    distinct = (
        pa.table({"customer": customer, "order": order}).group_by("customer").aggregate([("order", "count_distinct")])
    )
    made["frequency"] = distinct.sort_by("customer")["order_count_distinct"].to_numpy().astype(float)
    made["basket"] = np.sum([*sums.values()], axis=0) / np.maximum(made["frequency"], 1)
    numbers = ["recency", "frequency", "basket"]
    if "age" in found:
        age = cells(table[found["age"]].take(kept))[0]
        count = np.bincount(customer, np.isfinite(age), n)
        made["age"] = np.bincount(customer, np.nan_to_num(age), n) / np.where(count > 0, count, np.nan)
        numbers.append("age")
    elif ages is not None and ages.num_rows:
        at = pc.index_in(coded.dictionary, ages["customer"].combine_chunks())
        made["age"] = ages["age"].take(at).cast(pa.float64())
        numbers.append("age")
    roles = Roles(
        "customer", "outlet" if "outlet" in made else None, None, {name: f"{name}_sales" for name in sums},
        {name: name for name in numbers}, source=SOURCE,
    )  # fmt: skip
    return Gathered(Sheet(pa.table(made)), roles, tuple(findings))


def _amounts(table: pa.Table, found: dict[str, str], leave_out: Any) -> NDArray[np.float64]:
    """The money of each line; cancelled and unreadable ones are left out."""
    names = [found["amount"]] if "amount" in found else [found["quantity"], found["price"]]
    value = np.ones(table.num_rows)
    for name in names:
        part, wrong, _ = cells(table[name])
        for reason in sorted(set(wrong.values())):
            bad = np.zeros(len(part), bool)
            bad[[row for row, why in wrong.items() if why == reason]] = True
            leave_out(name, reason, bad)
        leave_out(name, "is zero", part == 0)
        value = value * part
    return value


def _days(column: pa.ChunkedArray, name: str) -> NDArray[np.datetime64]:
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        return np.asarray(column.cast(pa.timestamp("us")).to_numpy().astype("datetime64[D]"))
    text = pc.utf8_trim_whitespace(texts(column))
    text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)

    def read(way: str) -> pa.ChunkedArray | None:
        got = pc.strptime(text, way, "s", error_is_null=True)
        return got if got.null_count <= text.null_count + 0.05 * len(text) else None

    for way in _DATES:
        if (got := read(way)) is not None:
            return np.asarray(got.to_numpy().astype("datetime64[D]"))
    for ways in _AMBIGUOUS:
        both = [got for way in ways if (got := read(way)) is not None]
        both = [got for got in both if got.null_count == min(one.null_count for one in both)]
        if len(both) == 1:
            return np.asarray(both[0].to_numpy().astype("datetime64[D]"))
        if both:
            raise invalid("input", f"The dates in {name!r} can be read in two ways: write them as 2026-11-20.")
    raise invalid("input", f"The dates in {name!r} cannot be read: write them as 2026-11-20.")


def _main(customer: NDArray[np.int64], outlet: NDArray[np.object_], amount: NDArray[np.float64]) -> pa.Array:
    """The outlet where each customer spends most."""
    lines = pa.table({"customer": customer, "outlet": pa.array(outlet, pa.string()), "amount": amount})
    sums = lines.group_by(["customer", "outlet"]).aggregate([("amount", "sum")])
    ordered = sums.sort_by([("customer", "ascending"), ("amount_sum", "descending"), ("outlet", "ascending")])
    who = ordered["customer"].to_numpy()
    first = np.flatnonzero(np.append(True, who[1:] != who[:-1]))
    return ordered["outlet"].take(pa.array(first)).combine_chunks()


def _sums(
    names: NDArray[np.object_], customer: NDArray[np.int64], amount: NDArray[np.float64], n: int, wanted: Sequence[str]
) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.bool_]]:
    """Money by category and customer, and which lines belong to none of the `wanted` categories.

    Without `wanted`, what is beyond the largest is "other".
    """
    coded = pa.array(names, pa.string()).fill_null("other").dictionary_encode()
    words = [str(word) for word in coded.dictionary.to_pylist()]
    code = coded.indices.to_numpy()
    size = np.bincount(code, amount, len(words))
    largest = np.argsort(-size, kind="stable")[: MOST_CATEGORIES - (len(words) > MOST_CATEGORIES)]
    chosen = list(wanted) or [words[at].casefold() for at in largest]
    known = {folded(name): name for name in chosen}
    which = [known.get(folded(word), "other") for word in words]
    if not wanted and "other" in which and "other" not in chosen:
        chosen.append("other")
    made = {}
    for name in chosen:
        mine = np.array([one == name for one in which])[code]
        made[name] = np.bincount(customer[mine], amount[mine], n).astype(float)
    return made, np.array([one not in made for one in which])[code]
