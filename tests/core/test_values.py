"""The readers of values, one table a kind: what is given, how it is kept or why it is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from ceap.core.values import answers, contacts, dates, identities, numbers, text
from ceap.core.values.identities import Reading

REFUSED = object()

PHONES: list[tuple[str, str, Any]] = [
    ("628129990001.0", "ID", "+628129990001"),
    ("0044 20 7946 0958", "ID", "+442079460958"),
    ("0044 20 7946 0958", "", "+442079460958"),
    ("0044 20 7946 0958", "US", "+442079460958"),
    ("0812-9999-0001", "ID", "+6281299990001"),
    ("+62 0812-9999-0001", "", "+6281299990001"),
    ("+62 (0)812 9999 0001", "", "+6281299990001"),
    ("(+62) 812-9999-0001", "", "+6281299990001"),
    ("'+6281299990001", "", "+6281299990001"),
    ("tel: +62 812 9999 0001", "", "+6281299990001"),
    ("+62\u200b812\u00a09999\u20110001", "", "+6281299990001"),
    ("٠٨١٢٩٩٩٩٠٠٠١", "ID", "+6281299990001"),
    ("555-2671", "US", REFUSED),
    ("0812-9999-0001", "", REFUSED),
    ("6.28E+11", "ID", REFUSED),
    ("+1 415 555 2671 ext 5", "", REFUSED),
    ("+1 415 555 2671 x5", "", REFUSED),
    ("call 0812-9999-0001", "ID", REFUSED),
    ("0812-9999-0001 / 0812-9999-0002", "ID", REFUSED),
    ("0" * 500, "ID", REFUSED),
    ("", "ID", REFUSED),
]
IDENTITIES: list[tuple[str, str, Any]] = [
    ("customer_id", " A1 ", "A1"),
    ("customer_id", "E\u0301mile", "Émile"),
    ("customer_id", "王伟", "王伟"),
    ("customer_id", "12E5", "12E5"),
    ("customer_id", "N/A", REFUSED),
    ("customer_id", "6.01234E+12", REFUSED),
    ("customer_id", "1E+15", REFUSED),
    ("customer_id", "628129990001.0", REFUSED),
    ("customer_id", "undefined", REFUSED),
    ("customer_id", "NULL", REFUSED),
    ("customer_id", "[object Object]", REFUSED),
    ("customer_id", "NaN", REFUSED),
    ("customer_id", "{{user.id}}", REFUSED),
    ("customer_id", "*|EMAIL|*", REFUSED),
    ("customer_id", "-", REFUSED),
    ("customer_id", "0", REFUSED),
    ("customer_id", "#N/A", REFUSED),
    ("customer_id", "x" * 120, "x" * 120),
    ("customer_id", "x" * 121, REFUSED),
    ("anonymous_id", "x" * 254, "x" * 254),
    ("anonymous_id", "x" * 255, REFUSED),
    ("customer_id", "a\nb", REFUSED),
    ("customer_id", "hi \ud83d", REFUSED),
    ("email", "Ann.Lee@Example.ORG", "ann.lee@example.org"),
    ("email", "user@xn--exmple-cua.test", "user@exämple.test"),
    ("email", "user@EXÄMPLE.test", "user@exämple.test"),
    ("email", "a@b.org\u200b", "a@b.org"),
    ("email", "<a@b.org>", REFUSED),
    ("email", "a@b", REFUSED),
    ("email", "test@test.com", REFUSED),
    ("email", "noemail@shop.example.org", REFUSED),
    ("phone", "n/a", REFUSED),
]
DATES: list[tuple[str, str, Any]] = [
    ("2026-11-20", "", date(2026, 11, 20)),
    ("20261120", "", date(2026, 11, 20)),
    ("1/15/24", "", date(2024, 1, 15)),
    ("15/1/24", "", date(2024, 1, 15)),
    ("1/2/24", "", REFUSED),
    ("1/2/24", "day_first", date(2024, 2, 1)),
    ("1/2/24", "month_first", date(2024, 1, 2)),
    ("15-Jan-24", "", date(2024, 1, 15)),
    ("15-Jan-60", "", date(1960, 1, 15)),
    ("Jan 15th, 2024", "", date(2024, 1, 15)),
    ("15. März 2024", "", date(2024, 3, 15)),
    ("15 Agustus 2024", "", date(2024, 8, 15)),
    ("15 de enero de 2024", "", date(2024, 1, 15)),
    ("2024年1月15日", "", date(2024, 1, 15)),
    ("1990-04-03T00:00:00.000Z", "", date(1990, 4, 3)),
    ("45306", "", REFUSED),
    ("45306", "excel", date(2024, 1, 15)),
    ("31/02/2026", "", REFUSED),
    ("2026-11-20 09:30", "", REFUSED),
    ("15 Foo 2024", "", REFUSED),
]
EAST = timezone(timedelta(hours=7))
MOMENTS: list[tuple[str, str, Any]] = [
    ("2026-11-20 9:30 AM", "", datetime(2026, 11, 20, 9, 30)),
    ("1/15/24 9:30 p.m.", "", datetime(2024, 1, 15, 21, 30)),
    ("Jan 15 2024 12:05 am", "", datetime(2024, 1, 15, 0, 5)),
    ("2024-01-15 09:30:00 +0700", "", datetime(2024, 1, 15, 9, 30, tzinfo=EAST)),
    ("2024-01-15 09:30 UTC", "", datetime(2024, 1, 15, 9, 30, tzinfo=UTC)),
    ("Mon, 15 Jan 2024 09:30:00 +0700", "", datetime(2024, 1, 15, 9, 30, tzinfo=EAST)),
    ("Mon Jan 15 2024 09:30:00 GMT+0700 (Western Indonesia Time)", "", datetime(2024, 1, 15, 9, 30, tzinfo=EAST)),
    ("15.01.2024 14:30", "", datetime(2024, 1, 15, 14, 30)),
    ("45306.5", "excel", datetime(2024, 1, 15, 12)),
    ("1705286400", "unix", datetime(2024, 1, 15, 2, 40, tzinfo=UTC)),
    ("1705286400123", "unix", datetime(2024, 1, 15, 2, 40, 0, 123000, tzinfo=UTC)),
    ("2026-11-20 25:00", "", REFUSED),
]
NUMBERS: list[tuple[str, str, Any]] = [
    ("1 234,50", "comma", "1234.50"),
    ("1\u202f234,50", "comma", "1234.50"),
    ("1.234,50", "comma", "1234.50"),
    ("1.234,50", "point", REFUSED),
    ("1,234.50", "point", "1234.50"),
    ("1'234.50", "point", "1234.50"),
    ("1,23,456.7", "point", "123456.7"),
    ("\u22125", "point", "-5"),
    ("(12.50)", "point", "-12.50"),
    ("12-", "point", "-12"),
    ("$1,234", "point", "1234"),
    ("Rp 50.000", "comma", "50000"),
    ("10,50 EUR", "comma", "10.50"),
    ("-€5", "point", "-5"),
    ("١٢", "point", "12"),
    ("1.5E+3", "point", "1500"),
    ("12%", "point", REFUSED),
    ("12 34", "point", REFUSED),
    ("1,234,50", "point", REFUSED),
    ("1e400", "point", REFUSED),
    ("EUR", "point", REFUSED),
    ("-", "point", REFUSED),
]


def outcome(read: Any, *given: Any) -> Any:
    try:
        return read(*given)
    except ValueError:
        return REFUSED


@pytest.mark.parametrize(("given", "region", "kept"), PHONES)
def test_a_phone_is_right_or_refused(given: str, region: str, kept: Any) -> None:
    assert outcome(contacts.phone, given, region) == kept


DRAMA = (
    "113",
    "114",
    "115",
    "116",
    "117",
    "118",
    "121",
    "131",
    "141",
    "151",
    "161",
)
OTHERS = ("1914980", "2079460", "2896496", "2920180", "1632960", "7700900", "8081570", "9098790", "3069990")


@pytest.mark.parametrize("start", [*(f"+44{area}4960" for area in DRAMA), *(f"+44{rest}" for rest in OTHERS)])
def test_numbers_for_drama_are_taken_for_they_belong_to_nobody(start: str) -> None:
    assert contacts.phone(f"{start}001", "US") == f"{start}001"


def test_a_number_that_two_countries_could_have_is_refused() -> None:
    with pytest.raises(ValueError, match=r"could be two numbers \(\+41914980123 or \+441914980123\)"):
        contacts.phone("00441914980123", "SG")


@pytest.mark.parametrize(("kind", "given", "kept"), IDENTITIES)
def test_an_identity_is_kept_in_one_form_or_refused(kind: str, given: str, kept: Any) -> None:
    assert outcome(identities.identity, kind, given) == kept


def test_placeholders_are_the_organisations() -> None:
    own = Reading(placeholders=("kein*", "0"))
    assert outcome(identities.identity, "customer_id", "Keine Nummer", own) is REFUSED
    assert outcome(identities.identity, "customer_id", "n/a", own) == "n/a"
    assert outcome(identities.identity, "customer_id", "a", Reading(placeholders=())) == "a"


@pytest.mark.parametrize(("given", "form", "kept"), DATES)
def test_a_date_is_read_in_the_form_that_was_chosen(given: str, form: str, kept: Any) -> None:
    assert outcome(dates.day, given, form) == kept


@pytest.mark.parametrize(("given", "form", "kept"), MOMENTS)
def test_a_moment_is_read_in_the_form_that_was_chosen(given: str, form: str, kept: Any) -> None:
    assert outcome(dates.moment, given, form) == kept


def test_two_digits_of_a_year_end_at_the_latest_year() -> None:
    assert dates.day("3/4/58", "day_first", latest=2026) == date(1958, 4, 3)
    assert dates.day("3/4/26", "day_first", latest=2026) == date(2026, 4, 3)
    assert dates.day("3/4/27", "day_first", latest=2026) == date(1927, 4, 3)


@pytest.mark.parametrize(("given", "form", "kept"), NUMBERS)
def test_a_number_is_read_in_the_form_that_was_chosen(given: str, form: str, kept: Any) -> None:
    assert outcome(numbers.number, given, form) == (kept if kept is REFUSED else Decimal(kept))


@pytest.mark.parametrize(
    ("values", "form", "ambiguous"),
    [
        (["1/15/24", "2/3/24"], "month_first", False),
        (["15/1/24", "2/3/24"], "day_first", False),
        (["1/2/24", "2/3/24"], "day_first", True),
        (["1/1/24", "2/2/24"], "day_first", False),
        (["45306", "45307.25"], "excel", False),
        (["1705286400"], "unix", False),
        (["2024-01-15", "15-Jan-24"], "year_first", False),
        (["red", "blue"], "", False),
    ],
)
def test_the_form_of_a_column_of_dates(values: list[str], form: str, ambiguous: bool) -> None:
    found = dates.detect(values)
    assert (found.form, found.ambiguous) == (form, ambiguous)


@pytest.mark.parametrize(
    ("values", "form", "ambiguous"),
    [
        (["1 234,50", "7"], "comma", False),
        (["1,234.50", "7"], "point", False),
        (["1.234", "5.678"], "point", True),
        (["1.234", "5.67"], "point", False),
        (["12", "7"], "point", False),
    ],
)
def test_the_form_of_a_column_of_numbers(values: list[str], form: str, ambiguous: bool) -> None:
    found = numbers.detect(values)
    assert (found.form, found.ambiguous) == (form, ambiguous)


def test_what_was_detected_shows_examples_of_each_choice() -> None:
    found = dates.detect(["1/2/24", "soon"])
    assert [(one.form, one.readable, one.examples) for one in found.choices] == [
        ("day_first", 1, (("1/2/24", "2024-02-01 00:00:00"),)),
        ("month_first", 1, (("1/2/24", "2024-01-02 00:00:00"),)),
    ]
    assert (found.values, found.unreadable) == (2, ("soon",))


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("unsubscribed", False), ("Unsubscribed.", False), ("opt_out", False), ("Désabonné", False), ("não", False),
        ("Нет", False), ("いいえ", False), ("không", False), ("berhenti", False), ("退订", False), ("STOP", False),
        ("no", False), ("0", False), ("cleaned", False), ("subscribed", True), ("Sí", True), ("Ja", True), ("1", True),
        ("да", True), ("同意", True), ("pending", REFUSED), ("maybe", REFUSED), ("transactional only", REFUSED),
        ("x", REFUSED),
    ],
)  # fmt: skip
def test_words_of_consent(word: str, answer: Any) -> None:
    assert outcome(answers.consents, word) == answer


def test_half_a_character_is_found_where_it_is() -> None:
    assert text.half_at([{"a": 1}, {"properties": {"bio": "hi \ud83d"}}]) == "[1].properties.bio"
    assert text.half_at({"a\udc00": 1}) == "a\ufffd"
    assert text.half_at({"a": ["é", "\U0001f600"]}) is None
