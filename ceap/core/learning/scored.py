"""What is known of each scored customer, in one Parquet file: the table that dashboards and reports read.

Sorted by customer (rows that are no customer last): `customer` uint32 or null, `key` string or null (the id as it came
in the file), `segment` string, `outlet` string or null, `age` int16 or null, `last` date32 or null (day of the last
purchase), `orders` int32 or null, `spend` float64, `amount:<category>` float64 for each category, and
`number:<name>` float64 or null for each further number that the model was given.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ceap.core.learning import table
from ceap.core.learning.about import Scored
from ceap.core.learning.cleaning import Cleaned
from ceap.core.learning.model import Model

FILE = "scored.parquet"
AMOUNT, NUMBER = "amount:", "number:"
_ABOUT = b"ceap"
OLDEST = 150  # years; an age beyond is a wrong date of birth


@dataclass(frozen=True)
class Known:
    """What is known of the rows of the data besides the model's features; each by row of the table that was cleaned.

    customers: keys, null where a row is no customer. keys: ids as they came. last: days of the last purchase. ages: in
    years, when they are no feature. None: there are none.
    """

    customers: pa.Array
    keys: pa.Array | None = None
    last: pa.Array | None = None
    ages: pa.Array | None = None


def rows(model: Model, cleaned: Cleaned, index: NDArray[np.int64], known: Known) -> pa.Table:
    """The table of the usable customers; `index`: the segment of each, as `Model.score` says it."""
    at, frame = pa.array(cleaned.rows), cleaned.frame
    n = len(at)

    def of(values: pa.Array | None, kind: pa.DataType) -> pa.Array:
        return pa.nulls(n, kind) if values is None else values.take(at).cast(kind)

    def number(name: str, most: float, kind: pa.DataType) -> pa.Array:
        values = frame.numbers.get(name)
        if values is None:
            return pa.nulls(n, kind)
        good = (values >= 0) & (values <= most)
        return pa.array(np.where(good, np.floor(values), 0), mask=~good).cast(kind)

    found = {
        "customer": of(known.customers, pa.uint32()),
        "key": of(known.keys, pa.string()),
        "segment": pa.array(model.segments, pa.string()).take(pa.array(index)),
        "outlet": pa.nulls(n, pa.string()) if frame.outlet is None else pa.array(frame.outlet, pa.string()),
        "age": number("age", OLDEST, pa.int16()) if "age" in frame.numbers else of(known.ages, pa.int16()),
        "last": of(known.last, pa.date32()),
        "orders": number("frequency", 2**31 - 1, pa.int32()),
        "spend": pa.array(frame.total, pa.float64()),
    }
    found |= {f"{AMOUNT}{name}": pa.array(values) for name, values in frame.amounts.items()}
    found |= {f"{NUMBER}{name}": pa.array(values, from_pandas=True) for name, values in frame.numbers.items()}
    made = pa.table(found)
    order = pc.sort_indices(made, sort_keys=[("customer", "ascending")])  # nulls last
    return made.take(order)


def write(made: pa.Table, path: Path, *, version: int, as_of: datetime, source: str, file: str | None = None) -> None:
    """Write the table, whole or not at all.

    Raises:
        Unreadable: it cannot be written.
    """
    about = {"version": version, "as_of": as_of.isoformat(), "source": source, "file": file}
    path.parent.mkdir(parents=True, exist_ok=True)
    table.write(made.replace_schema_metadata({_ABOUT: json.dumps(about).encode()}), path)


def read(path: Path) -> Scored | None:
    """What a scored table says of itself; None when there is none, or it is not one."""
    try:
        schema = pq.read_schema(path)
        about: dict[str, Any] = json.loads(schema.metadata[_ABOUT])
        categories = tuple(name.removeprefix(AMOUNT) for name in schema.names if name.startswith(AMOUNT))
        return Scored(
            path, int(about["version"]), datetime.fromisoformat(about["as_of"]), str(about["source"]), categories,
            about["file"],
        )  # fmt: skip
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError):
        return None
