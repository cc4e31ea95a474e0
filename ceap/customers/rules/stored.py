"""Read columns in the form in which a store's driver takes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa

from ceap.customers.contracts import Field, FieldType
from ceap.customers.rules.columns import JSON_TYPES, quoted


def _sqlite(name: str, kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        whole = f"strftime({name}, '%Y-%m-%d %H:%M:%S')"
        exact = f"strftime({name}, '%Y-%m-%d %H:%M:%S.%f')"
        return f"CASE WHEN microsecond({name}) % 1000000 = 0 THEN {whole} ELSE {exact} END"
    if pa.types.is_date(kind):
        return f"strftime({name}, '%Y-%m-%d')"
    if pa.types.is_decimal(kind):
        number = f"CAST({name} AS DOUBLE)"  # of which Django reads 15 digits
        return f"CASE WHEN abs({name}) < 1e11 THEN {number} ELSE CAST(format('{{:.15g}}', {number}) AS DOUBLE) END"
    if pa.types.is_boolean(kind):
        return f"CAST({name} AS TINYINT)"
    return name


def _json(field: Field, name: str, kind: pa.DataType) -> str:
    if field.type in JSON_TYPES:
        return f"CAST({name} AS JSON)"
    if field.type is FieldType.DATETIME:
        return f"replace({_sqlite(name, kind)}, ' ', 'T') || 'Z'"
    return _sqlite(name, kind) if not pa.types.is_boolean(kind) else name


def columns(table: pa.Table, fields: Sequence[Field], vendor: str) -> dict[str, list[Any]]:
    """Every default field's column as a list of parameters, and "custom": the JSON text of the given custom fields.

    Null stays None. On PostgreSQL moments are aware, numbers Decimal; on SQLite both are what Django writes there.
    """
    selected = []
    custom = [f for f in fields if f.custom]
    for f in fields:
        name = f'"{f.key}"'
        kind = table.schema.field(f.key).type
        if f.custom:
            continue
        if vendor == "sqlite":
            selected.append(f"{_sqlite(name, kind)} AS {name}")
        elif pa.types.is_timestamp(kind):
            selected.append(f"{name} AT TIME ZONE 'UTC' AS {name}")
        else:
            selected.append(name)
    if custom:
        pairs = ", ".join(
            f"""{quoted(f.key)}, {_json(f, '"' + f.key + '"', table.schema.field(f.key).type)}""" for f in custom
        )
        selected.append(f"CAST(json_merge_patch('{{}}', json_object({pairs})) AS VARCHAR) AS custom")
    with duckdb.connect(":memory:", config={"threads": 2}) as db:
        db.execute("SET TimeZone = 'UTC'")
        db.register("given", table)
        found = db.execute(f"SELECT {', '.join(selected)} FROM given").to_arrow_table()
    return {name: found.column(name).to_pylist() for name in found.column_names}
