"""An event is judged alike at the data plane and in a file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ceap.campaigns.rules import Schedule
from ceap.edge.wire import check, parse
from ceap.kit.clock import frozen
from ceap.kit.problem import Invalid
from tests.connectors.bringing import bring, lines, receipt

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LATE = "The time lies more than a day ahead, or before 1970; check the clock and the zone."
OWN = "Names that begin with message_ or segment_ are CEAP's own; choose another."
TABLE = [
    ("visit", NOW, ""),
    ("visit", NOW + timedelta(days=1) - HOUR, ""),
    ("visit", NOW + timedelta(days=1) + HOUR, LATE),
    ("visit", datetime(2999, 1, 1, tzinfo=UTC), LATE),
    ("visit", datetime(1969, 12, 31, tzinfo=UTC), LATE),
    ("visit", datetime(1970, 1, 1, tzinfo=UTC), ""),
    ("message_opened", NOW, OWN),
    ("MESSAGE_opened", NOW, OWN),
    ("segment_entered", NOW, OWN),
    ("messages", NOW, ""),
]


def by_api(name: str, at: datetime) -> str:
    try:
        check(parse(f'[{{"event": "{name}", "customer": {{"id": 1}}, "at": "{at.isoformat()}"}}]'.encode()), NOW)
    except Invalid as refusal:
        return refusal.errors[0].message
    return ""


@pytest.mark.django_db(transaction=True)
def test_a_file_and_the_data_plane_refuse_the_same_events_with_the_same_words() -> None:
    with frozen(NOW):
        assert [by_api(name, at) for name, at, _ in TABLE] == [reason for *_, reason in TABLE]
        rows = "".join(f"{name},{at.isoformat()}\n" for name, at, _ in TABLE)
        row = bring(f"event,at\n{rows}", {"event": "name", "at": "at"}, target="events")
    wrong = [(n + 2, reason) for n, (*_, reason) in enumerate(TABLE) if reason]
    assert [(line, reason) for line, _, _, reason in lines(row)] == wrong
    assert receipt(row) == ("done", len(TABLE) - len(wrong), 0, 0, len(wrong))


def test_a_customer_id_that_is_too_long_names_its_index() -> None:
    body = (
        f'[{{"event": "a", "customer": {{"id": 1}}}}, {{"event": "a", "customer": {{"customer_id": "{"x" * 121}"}}}}]'
    )
    with pytest.raises(Invalid) as refusal:
        check(parse(body.encode()), NOW)
    assert [(e.field, e.message) for e in refusal.value.errors] == [
        ("[1].customer.customer_id", "The customer_id is longer than 120 characters.")
    ]


@pytest.mark.parametrize("local", ["9999-12-31T23:59", "0001-01-01T00:00", "2201-01-01T00:00"])
def test_a_campaign_at_the_end_of_the_calendar_is_refused(local: str) -> None:
    with pytest.raises(Invalid, match="Give a date in the years 1900 to 2200") as refusal:
        Schedule.parse({"kind": "at", "local": local, "zone": "organisation"})
    assert [error.field for error in refusal.value.errors] == ["schedule.local"]
