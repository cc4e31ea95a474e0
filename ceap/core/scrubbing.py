"""Wiping and scrubbing rows of any listed table, in raw SQL."""

from __future__ import annotations

import json
from typing import Any

from ceap.core.copies import Person, Table
from ceap.core.sql import id_list, id_rows

CHUNK = 500


def wipe(cursor: Any, vendor: str, table: Table, customers: tuple[int, ...]) -> int:
    """Set the columns `wiped` of the person's rows to what the table says; how many rows that were.

    `cursor` is Django's, inside a transaction.
    """
    if not table.wiped:
        return 0
    values = ", ".join(f'"{column}" = {value}' for column, value in table.wiped.items())
    cursor.execute(
        f'UPDATE "{table.name}" SET {values} WHERE "{table.of}" IN (SELECT value FROM {id_rows(vendor)} AS ids)',
        [id_list(vendor, customers)],
    )
    return int(cursor.rowcount)


def scrub(cursor: Any, vendor: str, table: Table, person: Person) -> int:
    """Replace what names the person in the columns `scrubbed` and `json` of every row; how many rows that were."""
    columns = [*table.scrubbed.split(), *table.json.split()]
    if not columns or not person.traces.likes:
        return 0
    kinds, changed, place = set(table.json.split()), 0, None
    like = "ILIKE" if vendor == "postgresql" else "LIKE"
    texts = [f'CAST("{column}" AS TEXT)' for column in columns]
    fits = " OR ".join(f"{text} {like} %s" for text in texts for _ in person.traces.likes)
    picked = ", ".join(texts)
    while True:
        after = "" if place is None else f'AND "{table.key}" > %s'
        cursor.execute(
            f'SELECT "{table.key}", {picked} FROM "{table.name}" WHERE ({fits}) {after} '
            f'ORDER BY "{table.name}"."{table.key}" LIMIT {CHUNK}',
            [*(pattern for _ in texts for pattern in person.traces.likes), *([] if place is None else [place])],
        )
        rows = cursor.fetchall()
        for key, *values in rows:
            place = key
            new = {c: _scrubbed(person, v, c in kinds) for c, v in zip(columns, values, strict=True) if v is not None}
            told = {c: v for c, v in new.items() if v != values[columns.index(c)]}
            if told:
                casts = "::jsonb" if vendor == "postgresql" else ""
                sets = ", ".join(f'"{c}" = %s{casts if c in kinds else ""}' for c in told)
                cursor.execute(f'UPDATE "{table.name}" SET {sets} WHERE "{table.key}" = %s', [*told.values(), key])
                changed += 1
        if len(rows) < CHUNK:
            return changed


def _scrubbed(person: Person, text: str, is_json: bool) -> str:
    if not is_json:
        return person.traces.scrub(text)
    value = json.loads(text)
    new = person.traces.scrub_json(value)
    return text if new == value else json.dumps(new)
