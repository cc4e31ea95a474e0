"""The members of discovered segments by column, with what the scored table knows of each."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyroaring import BitMap

from ceap.learning.contracts import Scored
from ceap.segments.shares import FIRST_AGES

UNITS = 10_000  # of money in 1: sums of whole numbers are exact, whatever their order
FIRST_DAYS = (8, 31, 61, 91, 181)  # the days since the last purchase at which the next band begins
AMOUNT = "amount:"
UNKNOWN = -1
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, eq=False)
class People:
    """`n` customers by column, shape (n,); about 55 bytes each.

    outlet: index in the names of outlets, the last + 1 where unknown. age: years, -1 unknown. days: since the last
    purchase, -1 unknown. orders: 0 unknown. spend, amounts (one row per category): in `UNITS`. age_band,
    days_band: index of the band, the last + 1 where unknown.
    """

    who: NDArray[np.uint32]
    outlet: NDArray[np.int16]
    age: NDArray[np.int16]
    days: NDArray[np.int32]
    orders: NDArray[np.int32]
    spend: NDArray[np.float64]
    amounts: NDArray[np.float64]
    age_band: NDArray[np.int8]
    days_band: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.who)

    def take(self, chosen: slice | NDArray[np.bool_]) -> People:
        """Some of them, in order."""
        return People(**{field.name: getattr(self, field.name)[..., chosen] for field in fields(self)})


@dataclass(frozen=True, eq=False)
class Members:
    """The members of several segments: those of each stand together, in order.

    bounds: where each segment begins and ends. outlets, categories: names. has: which of "age", "days", "orders" and
    "outlet" is known of anybody.
    """

    people: People
    bounds: Mapping[UUID, slice]
    outlets: tuple[str, ...]
    categories: tuple[str, ...]
    has: frozenset[str]


_lock = threading.Lock()
_kept: list[tuple[Any, Members]] = []


def members(scored: Scored | None, memberships: Sequence[tuple[UUID, UUID, BitMap]], today: date) -> Members:
    """The members of segments, each given by its id, the id of its membership version, and the bitmap of that.

    The last answer is kept until the table, a membership or the day is another one.
    """
    table = scored.path.stat() if scored else None
    stamp = (scored.path, table.st_ino, table.st_mtime_ns, table.st_size) if scored and table else None
    key = (stamp, tuple(version for _, version, _ in memberships), today)
    with _lock:
        if _kept and _kept[0][0] == key:
            return _kept[0][1]
        _kept.clear()  # before the next one is made: there are never two of them
        found = _read(scored, [(segment, bitmap) for segment, _, bitmap in memberships], today)
        _kept.append((key, found))
        return found


def _read(scored: Scored | None, memberships: Sequence[tuple[UUID, BitMap]], today: date) -> Members:
    who = np.concatenate(
        [np.empty(0, np.uint32), *(np.frombuffer(bits.to_array(), np.uint32) for _, bits in memberships)]
    )
    ends = np.cumsum([0, *(len(bits) for _, bits in memberships)])
    bounds = {segment: slice(int(ends[n]), int(ends[n + 1])) for n, (segment, _) in enumerate(memberships)}
    table = pq.read_table(scored.path, read_dictionary=["outlet"]) if scored else _nothing()
    table = table.filter(pc.is_valid(table["customer"])) if table["customer"].null_count else table
    known = table["customer"].to_numpy()
    at = np.searchsorted(known, who)
    at[at == len(known)] = 0
    row = np.where(known[at] == who, at, len(known)) if len(known) else np.zeros(len(who), np.int64)
    outlets, outlet = _outlets(table["outlet"])
    categories = tuple(name.removeprefix(AMOUNT) for name in table.column_names if name.startswith(AMOUNT))
    last = _numbers(table["last"].cast(pa.int32()), np.int32, -(2**31))
    days = np.where(last == -(2**31), UNKNOWN, np.maximum((today - EPOCH).days - last, 0)).astype(np.int32)
    age = _numbers(table["age"], np.int16, UNKNOWN)
    people = People(
        who=who,
        outlet=_picked(outlet, row, len(outlets)),
        age=_picked(age, row, UNKNOWN),
        days=_picked(days, row, UNKNOWN),
        orders=_picked(_numbers(table["orders"], np.int32, 0), row, 0),
        spend=_picked(_units(table["spend"]), row, 0),
        amounts=np.array([_picked(_units(table[AMOUNT + name]), row, 0) for name in categories]).reshape(
            len(categories), len(who)
        ),
        age_band=_picked(_bands(age, FIRST_AGES), row, len(FIRST_AGES) + 1),
        days_band=_picked(_bands(days, FIRST_DAYS), row, len(FIRST_DAYS) + 1),
    )
    known_of = {
        "age": people.age != UNKNOWN, "days": people.days != UNKNOWN, "orders": people.orders > 0,
        "outlet": people.outlet < len(outlets),
    }  # fmt: skip
    has = frozenset(name for name, flags in known_of.items() if flags.any())
    return Members(people, bounds, outlets, categories, has)


def _picked(values: NDArray[Any], row: NDArray[np.int64], unknown: int) -> NDArray[Any]:
    """The value of each row; that past the end stands for who is not in the table."""
    return np.append(values, np.array([unknown], values.dtype))[row]


def _numbers(column: pa.ChunkedArray, kind: type[np.integer], unknown: int) -> NDArray[Any]:
    return np.asarray(pc.fill_null(column, unknown).to_numpy()).astype(kind)


def _units(column: pa.ChunkedArray) -> NDArray[np.float64]:
    values = np.asarray(pc.fill_null(column.cast(pa.float64()), 0.0).to_numpy())
    return np.asarray(np.rint(np.where(np.isfinite(values), values, 0) * UNITS))


def _bands(values: NDArray[Any], firsts: tuple[int, ...]) -> NDArray[np.int8]:
    """The band of each value, the last + 1 where it is unknown."""
    return np.where(values < 0, len(firsts) + 1, np.digitize(values, firsts)).astype(np.int8)


def _outlets(column: pa.ChunkedArray) -> tuple[tuple[str, ...], NDArray[np.int16]]:
    """The names in order, and the index of each row's."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    coded = column.unify_dictionaries().combine_chunks() if column.num_chunks else pa.array([], column.type)
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.chunk(0) if coded.num_chunks else pa.array([], column.type)
    words = coded.dictionary.to_pylist() if len(coded) else []
    names = tuple(sorted({word for word in words if word}))
    place = {name: n for n, name in enumerate(names)}
    index = np.array([place.get(word, len(names)) for word in [*words, None]], np.int16)
    return names, index[pc.fill_null(coded.indices, len(words)).to_numpy(zero_copy_only=False)]


def _nothing() -> pa.Table:
    kinds = {"customer": pa.uint32(), "outlet": pa.string(), "age": pa.int16(), "last": pa.date32()}
    kinds |= {"orders": pa.int32(), "spend": pa.float64()}
    return pa.schema(list(kinds.items())).empty_table()


def only(found: Members, seen: BitMap) -> Members:
    """Those of the members who are `seen`."""
    size = int(found.people.who.max()) + 1 if len(found.people) else 0
    flags = np.zeros(size, bool)
    flags[np.frombuffer((seen & BitMap(range(size))).to_array(), np.uint32)] = True
    mine = flags[found.people.who]
    ends = np.concatenate([[0], np.cumsum(mine)])
    bounds = {key: slice(int(ends[part.start]), int(ends[part.stop])) for key, part in found.bounds.items()}
    return replace(found, people=found.people.take(mine), bounds=bounds)
