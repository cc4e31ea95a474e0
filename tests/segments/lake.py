"""A small warehouse of the contract's tables in DuckDB, and customers that are hard to get right."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import ibis
import pyarrow as pa

from ceap.customers.contracts import DEFAULT_FIELDS, Field, FieldType
from ceap.kit import clock

T = FieldType
NUMBER = pa.decimal128(18, 4)
ARROW = {
    T.NUMBER: NUMBER,
    T.DATE: pa.date32(),
    T.DATETIME: pa.timestamp("us"),
    T.BOOLEAN: pa.bool_(),
    T.USER: pa.int64(),
    T.MULTIPLE: pa.list_(pa.string()),
}
CUSTOM = tuple(
    Field(f"my_{type}", f"My {type}", type, "Custom", custom=True)
    for type in (T.MULTILINE, T.MULTIPLE, T.NUMBER, T.DATE, T.URL, T.FILE, T.SIGNATURE, T.GPS, T.BOOLEAN, T.USER)
)
FIELDS = {field.column: field for field in (*DEFAULT_FIELDS, *CUSTOM)}
PURCHASES = pa.schema(
    [
        ("key", pa.string()), ("order_id", pa.string()), ("customer", pa.int64()), ("item", pa.string()),
        ("item_name", pa.string()), ("category", pa.string()), ("outlet", pa.string()),
        ("quantity", pa.decimal128(18, 3)), ("unit_price", NUMBER), ("amount", NUMBER), ("currency", pa.string()),
        ("at", pa.timestamp("us")), ("props", pa.string()),
    ]
)  # fmt: skip
EVENTS = pa.schema(
    [
        ("seq", pa.int64()), ("key", pa.string()), ("customer", pa.int64()), ("name", pa.string()),
        ("at", pa.timestamp("us")), ("item", pa.string()), ("amount", NUMBER), ("campaign", pa.string()),
        ("props", pa.string()),
    ]
)  # fmt: skip


def customer_schema() -> pa.Schema:
    own = [(column, ARROW.get(field.type, pa.string())) for column, field in FIELDS.items()]
    own = [(column, pa.float64() if column == "c_my_number" else type) for column, type in own]
    return pa.schema([("id", pa.int64()), *own, ("bsuid", pa.string()), ("chatroom", pa.bool_())])


def stored(row: dict, schema: pa.Schema) -> dict:
    """`row` with every column of `schema`, numbers as its type keeps them."""
    doubles = {field.name for field in schema if pa.types.is_floating(field.type)}
    values = {name: row.get(name) for name in schema.names}
    return values | {name: float(value) for name in doubles if (value := values[name]) is not None}


class Lake:
    """Stands in for `ceap.events.queries.warehouse()`; counts how often it is asked."""

    def __init__(self, customers: Iterable[dict] = (), purchases: Iterable[dict] = (), events: Iterable[dict] = ()):
        self.connection = ibis.duckdb.connect()
        self.as_of = clock.now()
        self.runs = 0
        self.fill(customers, purchases, events)

    def fill(self, customers: Iterable[dict], purchases: Iterable[dict] = (), events: Iterable[dict] = ()) -> None:
        for name, rows, schema in (
            ("customers", customers, customer_schema()),
            ("purchases", purchases, PURCHASES),
            ("events", events, EVENTS),
        ):
            table = pa.Table.from_pylist([stored(row, schema) for row in rows], schema)
            self.connection.create_table(name, table, overwrite=True)

    def table(self, name: str) -> ibis.Table:
        return self.connection.table(name)

    def run(self, expression: Any) -> pa.Table:
        self.runs += 1
        return expression.to_pyarrow()

    def sync(self) -> None:
        self.as_of = clock.now()


NOW = datetime(2026, 3, 29, 10, 30, tzinfo=UTC)  # the day clocks go forward in Europe
TEXTS = [
    None, None, "", "WhatsApp", "whatsapp", "WHATSAPP", "Straße", "STRASSE", "strasse", "Σίσυφος", "ΣΊΣΥΦΟΣ", "σίσυφοσ",
    "İstanbul", "istanbul", "I", "ı", "ﬁne", "FINE", "K", "k", "Åsa", "åsa", "100%", "100", "a_b", "axb", "O'Neil",
    'say "hi"', "back\\slash", "%", "_", "'", "ශ්‍රී ලංකා", "李", "😀 smile", "https://Example.com/a",
    "http://example.com/a",
    "example.com/a", "HTTPS://example.com/A", "https://", "line\nbreak", " ", "é", "É", "ŉ", "ʼn", "ſ", "s",
    "ẞ",
    "ß",
    "µ", "μ", "--", "; DROP TABLE customers", "$1", "{value}", "NULL",
]  # fmt: skip
NUMBERS = [None, Decimal("0"), Decimal("-1.5"), Decimal("0.1"), Decimal("100"), Decimal("99999999999.9999")]
DAYS = [None, *(date(2026, 3, 29) + timedelta(days=n) for n in (-400, -365, -31, -30, -29, -7, -1, 0, 1, 7, 31)),
        date(1980, 2, 29), date(2025, 2, 28)]  # fmt: skip
MOMENTS = [
    None,
    *(NOW.replace(tzinfo=None) + timedelta(seconds=n) for n in (-1, 0, 1, -3600, 3600, -86400, 86400)),
    *(
        datetime(2026, 3, 29) + timedelta(days=d, hours=h, microseconds=m)
        for d in (-365, -30, -7, -1, 0, 1) for h in (-12, -6, -5.5, -2, -1, 0, 1, 2, 10) for m in (-1, 0)
    ),
]  # fmt: skip
LISTS = [None, [], ["a"], ["A", "b"], ["b", "a"], ["Straße"], ["a", "A"], ["a", "b", "c"], ["100%", "x,y"], ["'"]]
USERS = {1: "Ada Löwe", 2: "BO", 3: "Straßer"}
NAMES = ["course_viewed", "Course_Viewed", "message_opened", "message_sent"]
