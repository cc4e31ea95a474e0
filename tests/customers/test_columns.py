"""Columns read in SQL say exactly what one value after the other says."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ceap.customers.contracts import DEFAULT_FIELDS, Field, FieldType
from ceap.customers.rules import columns, phones, values
from ceap.customers.rules.values import Context
from tests.counts import often

F = FieldType
BY_KEY = {f.key: f for f in DEFAULT_FIELDS}
CUSTOM = {
    kind: Field(
        "own", "Own", kind, "Custom", ("Red", "green", "BLUE") if kind in (F.DROPDOWN, F.MULTIPLE) else (), custom=True
    )
    for kind in FieldType
}
FIELDS = [*CUSTOM.values(), *(BY_KEY[k] for k in ("email", "phone", "sex", "time_zone", "full_name", "city"))]
CONTEXTS = [
    Context(),
    Context("GB", "Europe/London", dates="day_first", users={"7": 7, "ann": 7}),
    Context("US", "America/New_York", dates="month_first", numbers="comma"),
    Context("IT", "Asia/Kolkata"),
]
TEXTS = st.one_of(
    st.text(max_size=12),
    st.text(alphabet=" \t\n\u00a0\u3000ab", max_size=6),
    st.from_regex(r"[A-Za-z0-9._+'-]{1,8}@[A-Za-z0-9.-]{1,10}\.(com|test|local|co\.uk|X)", fullmatch=True),
    st.from_regex(r"(\+|00|0)?[0-9 ()./-]{4,16}", fullmatch=True),
    st.from_regex(r"\+(44|1|39|7|49|54|61|33|94)[0-9]{5,12}", fullmatch=True),
    st.from_regex(r"[+-]?[0-9]{1,16}([.,][0-9]{0,6})?", fullmatch=True),
    st.from_regex(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}( [0-9]{2}:[0-9]{2}(:[0-9]{2})?)?Z?", fullmatch=True),
    st.datetimes().map(lambda d: d.isoformat(" ")),
    st.datetimes().map(lambda d: d.isoformat() + "Z"),
    st.sampled_from(
        ["2026-03-29 01:30", "2026-10-25 01:30:00", "2026-03-08 02:30", "2026-11-01 01:30", "yes", "NO", "1", "red",
         "Red;green", "BLUE | red", "http://a.b", "https://a-b.example/x?y=ä", "a.example", "Europe/London", "m",
         "Female", "6.9,79.8", "7", "Ann", "nan", "1e5", "١٢", "ＡＢ", "a@b.test", "a@b.TEST", "+447700900123",
         "07700 900123", "+3906123456", "+5491112345678", "+12025550123", "İ", "K"]
    ),
)  # fmt: skip


def one(field: Field, value: Any, context: Context) -> tuple[Any, str]:
    """What the rule says of one value: (what a column holds, why it is refused)."""
    try:
        return columns.stored(values.normalise(field, value, context)), ""
    except ValueError as error:
        return None, str(error)


@given(st.sampled_from(FIELDS), st.lists(TEXTS, min_size=1, max_size=30), st.sampled_from(CONTEXTS))
@example(BY_KEY["email"], ["a@b.local", "a@xn--e1a.com", "a" * 65 + "@b.com", "a@b"], CONTEXTS[0])
@example(CUSTOM[F.DATETIME], ["2038-04-01 00:00:00", "2037-07-01 00:00"], CONTEXTS[0])
@example(CUSTOM[F.DATETIME], ["2026-03-29 01:30", "2026-10-25 01:30"], CONTEXTS[1])
@settings(max_examples=often(30, 120), deadline=None)
def test_a_column_of_text_is_read_as_each_of_its_values(field: Field, texts: list[str], context: Context) -> None:
    found = columns.read(pa.table({field.key: texts}), [field], context)
    expected = [one(field, text, context) for text in texts]
    assert found.table[field.key].to_pylist() == [value for value, _ in expected]
    refused = {problem.row: problem.reason for problem in found.problems}
    assert refused == {row: reason for row, (_, reason) in enumerate(expected) if reason}


def test_a_rule_in_sql_that_accepts_more_than_the_rule_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted defect: any run of digits is taken for a phone number."""
    monkeypatch.setattr(phones, "fast", lambda raw, prefixes, region: phones.BARE.format(raw=raw))
    found = columns.read(pa.table({"phone": ["+44"]}), [BY_KEY["phone"]], CONTEXTS[0])
    assert (found.table["phone"][0].as_py(), "") != one(BY_KEY["phone"], "+44", CONTEXTS[0])


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        (F.NUMBER, "1,234.5", "1234.5"),
        (F.DATE, "2026-02-28", "2026-02-28"),
        (F.BOOLEAN, "Yes", "True"),
        (F.MULTIPLE, "green;red", "['Red', 'green']"),
        (F.GPS, "6.9271, 79.8612", "6.9271,79.8612"),
        (F.URL, "example.com/x", "example.com/x"),
        (F.USER, "Ann", "7"),
        (F.DATETIME, "2026-06-01 10:00", "2026-06-01 09:00:00+00:00"),
        (F.MULTILINE, " a\nb ", "a\nb"),
        (F.FILE, "a/b.pdf", "[{'name': 'b.pdf', 'file': 'a/b.pdf'}]"),
        (
            F.SIGNATURE,
            {"file": "s.png", "signed_at": "2026-01-02 03:04"},
            "{'file': 's.png', 'signed_at': '2026-01-02T03:04:00Z'}",
        ),
    ],
)
def test_every_field_type_keeps_its_value(kind: FieldType, value: Any, kept: str) -> None:
    assert str(values.normalise(CUSTOM[kind], value, CONTEXTS[1])) == kept


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        (F.NUMBER, "12a", "not a number"),
        (F.NUMBER, "One thousand four hundread ruppes", "not a number"),
        (F.NUMBER, "1e20", "too large"),
        (F.DATE, "31/02/2026", "not a day of the calendar"),
        (F.BOOLEAN, "maybe", "not yes or no"),
        (F.DROPDOWN, "purple", "not one of Red, green, BLUE"),
        (F.GPS, "91,0", "not a point"),
        (F.URL, "javascript:alert(1)", "not a web address"),
        (F.USER, "Nobody", "not a user"),
        (F.SIGNATURE, {"signed_at": "2026-01-02"}, "not a complete signature"),
        (F.SIGNATURE, {"file": "s.png", "signed_at": ""}, "not a complete signature"),
        (F.SIGNATURE, {"file": "s.png", "signed_at": "soon"}, "is not a date"),
        (F.SIGNATURE, "s.png", "not a complete signature"),
    ],
)
def test_a_wrong_value_is_refused_in_words(kind: FieldType, value: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        values.normalise(CUSTOM[kind], value, CONTEXTS[1])


def test_a_date_that_could_be_two_is_refused_until_it_is_said_which() -> None:
    with pytest.raises(ValueError, match="could be two dates"):
        values.normalise(CUSTOM[F.DATE], "03/04/2026", CONTEXTS[0])
    assert str(values.normalise(CUSTOM[F.DATE], "03/04/2026", CONTEXTS[1])) == "2026-04-03"
    assert str(values.normalise(CUSTOM[F.DATE], "03/04/2026", CONTEXTS[2])) == "2026-03-04"
