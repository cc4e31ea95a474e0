"""Reading values a column at a time: SQL accepts what is plainly right, `values.normalise` judges every other value.

So the rule has one definition, and a column of a million plain values is read in a second. A property test holds the
two together.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ceap.core.values import answers
from ceap.core.values.contacts import PLAIN_EMAIL, SPECIAL_DOMAIN
from ceap.core.values.identities import SUSPECT, pattern
from ceap.core.values.numbers import NumberForm
from ceap.customers.contracts import Field, FieldType, RowProblem
from ceap.customers.rules import phones, values
from ceap.customers.rules.values import Context

# White space that only Python's rule handles: at the ends, doubled, or other than a plain space.
_SPACES = r"^ | $|  |[\x00-\x1f\x7f-\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]"
_ENDS = r"^[\x00-\x20\x7f-\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]"
_URL = r"https?://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(/[!-~]*)?"
_MOMENT = r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?"
_F = FieldType
TYPES: dict[FieldType, pa.DataType] = {
    _F.NUMBER: pa.decimal128(18, 4), _F.DATE: pa.date32(), _F.DATETIME: pa.timestamp("us"), _F.BOOLEAN: pa.bool_(),
    _F.USER: pa.int64(),
}  # fmt: skip
JSON_TYPES = {_F.MULTIPLE, _F.FILE, _F.SIGNATURE}  # kept as JSON text in a column
LAST_KNOWN = datetime(2037, 1, 1)
SHOWN = 200  # characters of a refused value that a problem shows


@dataclass(frozen=True)
class Read:
    """`table`: one typed column per field, null where nothing was given or the value was refused; and the refusals."""

    table: pa.Table
    problems: list[RowProblem]


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def read(rows: pa.Table, fields: Sequence[Field], context: Context) -> Read:
    """Read column `field.key` of `rows` for each field. Columns may be text, as in CSV, or typed, as in Parquet.

    The result's columns have the types of `TYPES`, else text; lists and mappings are JSON text.
    """
    problems: list[RowProblem] = []
    columns: dict[str, pa.Array] = {}
    with duckdb.connect(":memory:", config={"threads": 2}) as db:
        db.execute("SET TimeZone = 'UTC'")
        db.register("given", rows)
        for field in fields:
            column, found = _read(db, rows.column(field.key).combine_chunks(), field, context)
            columns[field.key] = column
            problems += found
    return Read(pa.table(columns), problems)


def _read(db: duckdb.DuckDBPyConnection, raw: Any, field: Field, context: Context) -> tuple[pa.Array, list[RowProblem]]:
    kind = TYPES.get(field.type, pa.string())
    name = '"' + field.key.replace('"', '""') + '"'
    expression = _fast(db, raw.type, name, field, context)
    if pa.types.is_string(raw.type) or pa.types.is_large_string(raw.type):
        given = f"trim({name}) <> ''"
    else:
        given = f"{name} IS NOT NULL"
    query = f"SELECT CASE WHEN {given} THEN {expression} END AS kept, coalesce({given}, false) AS given FROM given"
    found = db.execute(query).to_arrow_table()
    kept, given_mask = found.column("kept").combine_chunks(), found.column("given").combine_chunks()
    kept = pc.cast(kept, kind)
    if field.type is _F.DATETIME and context.zone != "UTC":
        kept = _in_utc(db, name, kept, raw.type, context.zone)
    doubtful = pc.indices_nonzero(pc.and_(given_mask, pc.is_null(kept)))
    if not len(doubtful):
        return kept, []
    return _judge(raw, kept, doubtful.to_pylist(), field, context)


def _judge(
    raw: Any, kept: Any, doubtful: list[int], field: Field, context: Context
) -> tuple[pa.Array, list[RowProblem]]:
    """Have `values.normalise` say what the doubtful rows' values are."""
    problems = []
    known: dict[Any, Any] = {}
    asked = raw.take(pa.array(doubtful)).to_pylist()
    patched = kept.to_pylist()
    for row, value in zip(doubtful, asked, strict=True):
        plain = value if isinstance(value, (str, int, float)) else repr(value)
        if plain not in known:
            try:
                known[plain] = (True, stored(values.normalise(field, _plain(value), context)))
            except ValueError as error:
                known[plain] = (False, str(error))
        good, result = known[plain]
        if good:
            patched[row] = result
        else:
            problems.append(RowProblem(row, field.key, str(value)[:SHOWN], result))
    return pa.array(patched, kept.type), problems


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and value != value else value


def stored(value: Any) -> Any:
    """A kept value as a column holds it: null when empty, lists and mappings as JSON text, moments naive in UTC."""
    if value == "" or value is None:
        return None
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None)
    return value


def _fast(db: duckdb.DuckDBPyConnection, kind: pa.DataType, name: str, field: Field, context: Context) -> str:
    """SQL for the kept form, null where SQL cannot tell."""
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return _typed(kind, name, field, context)
    text = f"trim({name})"
    if not field.custom:
        if field.key == "customer_id":
            plain = _fast_text(text, name, field, context)
            return f"CASE WHEN NOT ({_suspect(text, context)}) THEN {plain} END"
        if field.key == "email":
            return (
                f"CASE WHEN length({text}) <= 200 AND regexp_full_match({text}, {quoted(PLAIN_EMAIL)}) "
                f"AND NOT contains(lower({text}), 'xn--') AND strpos({text}, '@') <= 65 "
                f"AND NOT regexp_matches(lower({text}), {quoted(SPECIAL_DOMAIN)}) AND NOT ({_suspect(text, context)}) "
                f"THEN split_part({text}, '@', 1) || '@' || lower(split_part({text}, '@', 2)) END"
            )
        if field.key == "phone":
            prefixes = db.execute(
                f"SELECT DISTINCT substr({phones.BARE.format(raw=text)}, 2, 3) FROM given "
                f"WHERE regexp_full_match({phones.BARE.format(raw=text)}, '\\+[1-9]\\d{{6,14}}')"
            ).fetchall()
            return phones.fast(text, [row[0] for row in prefixes], context.region)
        if field.key == "sex":
            return f"CASE lower({text}) {_whens({k: quoted(v) for k, v in values.SEX.items()})} END"
        if field.key == "time_zone":
            return "CAST(NULL AS VARCHAR)"
    return _fast_text(text, name, field, context)


def _fast_text(text: str, name: str, field: Field, context: Context) -> str:
    kind = field.type
    limit = (values.CUSTOM_LIMITS.get(kind) if field.custom else values.LIMITS.get(field.key)) or 1_000_000
    if kind is _F.TEXT or (kind is _F.DROPDOWN and not field.options):
        return (
            f"CASE WHEN length({text}) <= {limit} AND NOT regexp_matches({text}, {quoted(_SPACES)}) "
            f"AND {_as_kept(text)} THEN {text} END"
        )
    if kind is _F.DROPDOWN:
        plain = {option.lower(): quoted(option) for option in reversed(field.options)}
        return f"CASE lower({text}) {_whens(plain)} END"
    if kind is _F.MULTILINE:
        ends = f"regexp_matches({name}, {quoted(_ENDS)}) OR regexp_matches(reverse({name}), {quoted(_ENDS)})"
        fits = f"length({name}) <= {limit} AND NOT ({ends} OR contains({name}, chr(0)))"
        return f"CASE WHEN {fits} AND {_as_kept(name)} THEN {name} END"
    if kind is _F.NUMBER:
        comma = context.numbers == NumberForm.COMMA
        point = "," if comma else r"\."
        number = f"replace({text}, ',', '.')" if comma else text
        return (
            f"CASE WHEN regexp_full_match({text}, '[+-]?\\d{{1,14}}({point}\\d{{1,4}})?') "
            f"THEN TRY_CAST({number} AS DECIMAL(18,4)) END"
        )
    if kind is _F.DATE:
        return f"CASE WHEN regexp_full_match({text}, '\\d{{4}}-\\d{{2}}-\\d{{2}}') THEN TRY_CAST({text} AS DATE) END"
    if kind is _F.DATETIME:
        marked = f"CASE WHEN ends_with({text}, 'Z') THEN rtrim({text}, 'Z') END"
        bare = f"coalesce({marked}, {text})"
        return f"CASE WHEN regexp_full_match({bare}, {quoted(_MOMENT)}) THEN TRY_CAST({bare} AS TIMESTAMP) END"
    if kind is _F.URL:
        return f"CASE WHEN length({text}) <= {limit} AND regexp_full_match({text}, {quoted(_URL)}) THEN {text} END"
    if kind is _F.BOOLEAN:
        said = dict.fromkeys(sorted(answers.TRUE), "true") | dict.fromkeys(sorted(answers.FALSE), "false")
        return f"CASE lower({text}) {_whens(said)} END"
    return f"CAST(NULL AS {'BIGINT' if kind is _F.USER else 'VARCHAR'})"


def _suspect(text: str, context: Context) -> str:
    """SQL: whether an identity may be a placeholder or damaged."""
    words = quoted(f"(?s){pattern(context.placeholders)}")
    return f"regexp_full_match(lower({text}), {words}) OR regexp_matches({text}, {quoted(SUSPECT)})"


def _as_kept(name: str) -> str:
    """SQL: whether text is composed already, and has no apostrophe that a spreadsheet needs."""
    return f"nfc_normalize({name}) = {name} AND NOT starts_with({name}, '''')"


def _typed(kind: pa.DataType, name: str, field: Field, context: Context) -> str:
    """SQL for columns that came typed; null = `values.normalise` decides."""
    whole = pa.types.is_integer(kind)
    if field.type is _F.NUMBER and (whole or pa.types.is_decimal(kind)):
        exact = f"abs({name}) < 100000000000000 AND {name} = round({name}, 4)"
        return f"CASE WHEN {exact} THEN CAST({name} AS DECIMAL(18,4)) END"
    if field.type is _F.TEXT and whole and field.key not in ("email", "phone"):
        return f"CAST({name} AS VARCHAR)"
    if field.type is _F.DATE and pa.types.is_date(kind):
        return name
    if field.type is _F.DATETIME and pa.types.is_timestamp(kind):
        return f"({name} AT TIME ZONE 'UTC')" if kind.tz else f"CAST({name} AS TIMESTAMP)"
    if field.type is _F.BOOLEAN and pa.types.is_boolean(kind):
        return name
    return {
        _F.NUMBER: "CAST(NULL AS DECIMAL(18,4))", _F.DATE: "CAST(NULL AS DATE)", _F.DATETIME: "CAST(NULL AS TIMESTAMP)",
        _F.BOOLEAN: "CAST(NULL AS BOOLEAN)", _F.USER: "CAST(NULL AS BIGINT)",
    }.get(field.type, "CAST(NULL AS VARCHAR)")  # fmt: skip


def _whens(results: dict[str, str]) -> str:
    return " ".join(f"WHEN {quoted(key)} THEN {result}" for key, result in results.items())


def _in_utc(db: duckdb.DuckDBPyConnection, name: str, kept: Any, kind: pa.DataType, zone: str) -> Any:
    """Wall-clock times without an offset as UTC; those that a clock change makes doubtful are left to Python.

    So are those from 2037 on, for which Arrow has no clock changes.
    """
    if pa.types.is_timestamp(kind) and kind.tz:
        return kept
    if pa.types.is_timestamp(kind):
        local = pc.is_valid(kept)
    else:
        marked = db.execute(f"SELECT coalesce(ends_with(trim({name}), 'Z'), false) AS z FROM given").to_arrow_table()
        local = pc.invert(marked.column("z").combine_chunks())
    walls = pc.if_else(local, kept, pa.scalar(None, kept.type))
    walls = pc.if_else(pc.less(walls, pa.scalar(LAST_KNOWN, walls.type)), walls, pa.scalar(None, walls.type))
    early = pc.assume_timezone(walls, zone, ambiguous="earliest", nonexistent="earliest")
    late = pc.assume_timezone(walls, zone, ambiguous="latest", nonexistent="latest")
    utc = pc.cast(
        pc.cast(pc.if_else(pc.equal(early, late), early, pa.scalar(None, early.type)), pa.timestamp("us", "UTC")),
        pa.timestamp("us"),
    )
    return pc.if_else(local, utc, kept)
