"""What each column of a ready-made table is: guessed from its name and cells, said, and overruled on request."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import pyarrow as pa

from ceap.core.learning.amounts import MISSING, amount, folded
from ceap.core.learning.table import texts
from ceap.kit.problem import invalid

LOOKED_AT = 5_000  # rows from the start whose cells are looked at
FEW = 20  # an amount has more different values than this, else it is a code
_ID = re.compile(
    r"(^|[\s_.-])(id|nr|no|number|key|code)$|^(customer|client|member|household|account|index|unnamed.*)?$"
)
_OUTLET = ("outlet", "store", "branch", "shop", "city", "town", "location", "region", "country")
_LABEL = re.compile(r"label|cluster|segment|class|target|group")
_MONEY = re.compile(r"(^|[\s_.-])(sales?|spend|spent|spending|amount|revenue|turnover|purchases?)([\s_.(-]|$)")
_CURRENCY = re.compile(r"\(.*?\)|\b(lkr|rs|inr|usd|eur|gbp)\b\.?")
_NUMBERS = {
    "recency": re.compile(r"recency|days[\s_]since|last[\s_](order|purchase|visit)"),
    "frequency": re.compile(r"frequency|^(n|number|no)[\s_](of[\s_])?(orders|visits|purchases)$|^(orders|visits)$"),
    "basket": re.compile(r"basket|average[\s_]order|order[\s_]value"),
    "age": re.compile(r"(^|[\s_])age($|[\s_])"),
}


@dataclass(frozen=True)
class Roles:
    """The columns by what they are, in a table of customers or one that was brought together from purchases.

    amounts: category → column. numbers: "recency", "frequency", "basket" or "age" → column. left_out: column → why.
    """

    id: str | None = None
    outlet: str | None = None
    label: str | None = None
    amounts: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    source: str = "customers"

    def json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Given:
    """What the caller says about the columns; None and (): guess."""

    id: str | None = None
    outlet: str | None = None
    label: str | None = None
    amounts: Sequence[str] = ()


def guess(table: pa.Table, given: Given) -> Roles:
    """The role of each column.

    Raises:
        Invalid: a given column is not in the table.
    """
    names = table.column_names
    told = {role: _named(names, getattr(given, role), role) for role in ("id", "outlet", "label")}
    chosen = [_named(names, one, "amount") or "" for one in given.amounts]
    free = [name for name in names if name not in (*told.values(), *chosen)]
    head = table.slice(0, LOOKED_AT)
    looks = {name: (name.strip().casefold(), texts(head[name]).drop_null().to_pylist()) for name in free}
    numeric = {name for name in free if _numeric(looks[name][1])}
    money = {name for name in numeric if _MONEY.search(looks[name][0])}
    id_ = told["id"] or next((name for name in free if _is_id(*looks[name], name in money)), None)
    outlet = told["outlet"] or _outlet(free, looks, (id_,))
    amounts, numbers, left = chosen, dict[str, str](), dict[str, str]()
    for name in free:
        low, cells = looks[name]
        known = next((key for key, way in _NUMBERS.items() if way.search(low) and key not in numbers), None)
        if name in (id_, outlet):
            continue
        if name not in numeric:
            left[name] = "holds no numbers"
        elif known and name not in money:
            numbers[known] = name
        elif name not in money and _LABEL.search(low):
            left[name] = "looks like a label: name it with --labels to learn it"
        elif given.amounts or (len(money) > 1 and name not in money):
            left[name] = "is not one of the columns of sales: name it with --amount to use it"
        elif name not in money and len(set(cells)) <= min(FEW, len(cells) // 2):
            left[name] = "has few different values: a code, not an amount"
        else:
            amounts.append(name)
    return Roles(id_, outlet, told["label"], _categories(amounts), numbers, left)


NUMBERS = tuple(_NUMBERS)
ROLES = ("id", "outlet", "label", "sales", *NUMBERS, "unused")


def told(found: Roles) -> dict[str, str]:
    """The role of each column by its name, as `chosen` takes it."""
    known: dict[str | None, str] = {found.id: "id", found.outlet: "outlet", found.label: "label"}
    known.update(dict.fromkeys(found.amounts.values(), "sales"))
    known.update({name: role for role, name in found.numbers.items()})
    known.update(dict.fromkeys(found.left_out, "unused"))
    return {name: role for name, role in known.items() if name is not None}


def chosen(table: pa.Table, columns: Mapping[str, str]) -> Roles:
    """The roles that a person gave to columns; those that are not named are not used.

    Raises:
        Invalid: a column is not in the table, a role is unknown or given twice, or nothing is sales.
    """
    for name, role in columns.items():
        if name not in table.column_names:
            raise invalid("columns", f"There is no column {name!r}; this file has {_list(table.column_names)}.")
        if role not in ROLES:
            raise invalid("columns", f"{name!r} cannot be {role!r}: choose one of {', '.join(ROLES)}.")
    of: dict[str, list[str]] = {}
    for name in table.column_names:
        of.setdefault(columns.get(name, "unused"), []).append(name)
    for role, names in of.items():
        if len(names) > 1 and role not in ("sales", "unused"):
            raise invalid("columns", f"Only one column can be {role!r}, not {_list(names)}: set the others to unused.")
    if not of.get("sales"):
        raise invalid("columns", "No column is sales: set at least one column to sales.")
    alone = {role: names[0] for role, names in of.items()}
    left = dict.fromkeys(of.get("unused", ()), "is not used")
    numbers = {role: alone[role] for role in NUMBERS if role in alone}
    return Roles(alone.get("id"), alone.get("outlet"), alone.get("label"), _categories(of["sales"]), numbers, left)


def like(table: pa.Table, before: Roles, given: Given) -> Roles:
    """The columns of `table` that the columns of training stand in, whatever their case and punctuation.

    Raises:
        Invalid: a category, or a given column, is missing.
    """
    names = table.column_names
    at = {folded(name): name for name in reversed(names)}
    plain = {category(name): name for name in reversed(names)}
    amounts: dict[str, str] = {}
    for n, (key, column) in enumerate(before.amounts.items()):
        said = given.amounts[n] if n < len(given.amounts) else None
        found = _named(names, said, "amount") or at.get(folded(column)) or plain.get(key)
        if not found:
            raise invalid(
                "input",
                f"There is no column {column!r}: the model was trained on {_list(before.amounts.values())}; "
                f"this file has {_list(names)}. Every category must be there.",
            )
        amounts[key] = found
    numbers = {key: found for key, column in before.numbers.items() if (found := at.get(folded(column)))}
    guessed = guess(table, Given(given.id, given.outlet))
    return Roles(
        _named(names, given.id, "id") or at.get(folded(before.id or "\0")) or guessed.id,
        _named(names, given.outlet, "outlet") or at.get(folded(before.outlet or "\0")) or guessed.outlet,
        _named(names, given.label, "labels") or at.get(folded(before.label or "\0")),
        amounts,
        numbers,
        source=before.source,
    )


def outlet_column(free: list[str], head: pa.Table) -> str | None:
    """The column that names outlets."""
    looks = {name: (name.strip().casefold(), texts(head[name]).drop_null().to_pylist()) for name in free}
    return _outlet(free, looks, ())


def category(column: str) -> str:
    """A category's name without the words that say that it is money: "luxury_sales" → "luxury"."""
    bare = _MONEY.sub(" ", _CURRENCY.sub(" ", column.strip().replace("_", " ").casefold()))
    return " ".join(bare.split()).strip(" .-()") or column


def _categories(columns: list[str]) -> dict[str, str]:
    short = [category(name) for name in columns]
    return {name if short.count(key) > 1 else key: name for key, name in zip(short, columns, strict=True)}


def _named(names: list[str], wanted: str | None, role: str) -> str | None:
    if wanted is None:
        return None
    if wanted in names:
        return wanted
    alike = [name for name in names if folded(name) == folded(wanted)]
    if len(alike) == 1:
        return alike[0]
    raise invalid(role, f"There is no column {wanted!r}; this file has {_list(names)}.")


def _list(names: Any) -> str:
    return ", ".join(map(str, names))


def _numeric(cells: list[str]) -> bool:
    """Whether most cells that say anything are amounts, signs and words among them aside."""
    said = [cell for cell in cells if cell.strip().casefold() not in MISSING]
    good = sum(amount(cell).value is not None or amount(cell).wrong in ("is negative", "is infinite") for cell in said)
    return bool(said) and good >= 0.7 * len(said)


def _is_id(low: str, cells: list[str], money: bool) -> bool:
    return bool(_ID.search(low)) and not money and len(set(cells)) > 0.5 * len(cells)


def _outlet(free: list[str], looks: dict[str, tuple[str, list[str]]], taken: tuple[str | None, ...]) -> str | None:
    for word in _OUTLET:
        for name in free:
            low, cells = looks[name]
            if word in low and name not in taken and not _MONEY.search(low) and len(set(cells)) <= len(cells) / 2 + 1:
                return name
    return None
