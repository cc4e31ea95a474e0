"""Pure parts: shares, ages, and that whatever people type comes out as they typed it."""

from __future__ import annotations

import io
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceap.reports import excel, pdf
from ceap.reports.contracts import CampaignReport, Heading, Point, SegmentReport, WaterfallStep
from ceap.reports.rules import AGES, SEXES, age_band, file_name, in_order, last_of_each_day, ranked, shares
from tests.counts import often

AT = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def heading(**changes: Any) -> Heading:
    given: dict[str, Any] = {
        "organisation": "Octave", "zone": "UTC", "synthetic": True, "title": "A title", "description": "",
        "made_at": AT, "made_by": "Ada", "data_as_of": AT, "number": 1,
    }  # fmt: skip
    return Heading(**(given | changes))


def segment(**changes: Any) -> SegmentReport:
    given: dict[str, Any] = {
        "heading": heading(), "rule": "Source is WhatsApp", "size": 3, "total": 10,
        "reach": [WaterfallStep("Matched", 3), WaterfallStep("Reachable", 2), WaterfallStep("Under the cap", 1)],
        "history": [Point(date(2026, 11, 1) + timedelta(days=n), n) for n in range(4)],
        "charts": [ranked("Source", Counter(WhatsApp=2, Other=1), "Other"), in_order("Sex", Counter(), SEXES)],
        "members_note": "",
    }  # fmt: skip
    return SegmentReport(**(given | changes))


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


@given(st.dictionaries(st.text(max_size=5), st.integers(0, 10**7), max_size=30))
def test_shares_add_to_exactly_100_and_each_is_within_a_tenth(counts: dict[str, int]) -> None:
    found = shares(counts)
    total = sum(counts.values())
    assert [one.count for one in found] == list(counts.values())
    if total:
        assert sum(round(one.percent * 10) for one in found) == 1000
        assert all(abs(one.percent - one.count * 100 / total) <= 0.1 + 1e-9 for one in found)


@pytest.mark.req("S-12")
@given(born=st.dates(date(1900, 1, 1), date(2026, 11, 21)))
def test_every_age_falls_into_its_band(born: date) -> None:
    today = date(2026, 11, 21)
    birthdays = sum(
        (year, *((3, 1) if (born.month, born.day) == (2, 29) else (born.month, born.day))) <= (2026, 11, 21)
        for year in range(born.year + 1, today.year + 1)
    )
    tops = zip(AGES, (20, 30, 40, 50), strict=False)
    assert age_band(born, today) == next((band for band, top in tops if birthdays <= top), "Over 50")


def test_an_unknown_or_future_birth_date_has_no_age() -> None:
    assert age_band(None, date(2026, 1, 1)) == age_band(date(2027, 1, 1), date(2026, 1, 1)) == "Unknown"


def test_many_values_are_summed_up_and_nothing_is_lost() -> None:
    counts = Counter({f"v{n}": n + 1 for n in range(30)} | {"Other": 5})
    chart = ranked("Source", counts, "Other")
    assert len(chart.shares) == 14
    assert sum(one.count for one in chart.shares) == sum(counts.values())
    assert chart.shares[-1].label == "Other"


def test_the_last_size_of_a_day_counts() -> None:
    day = date(2026, 11, 1)
    points = [Point(day, 5), Point(day, 7), Point(day + timedelta(days=1), 6)]
    assert last_of_each_day(points) == [Point(day, 7), Point(day + timedelta(days=1), 6)]


@pytest.mark.parametrize("title", ["a/../../etc/passwd", '"; x', "\r\nX: y", "", "Ünïcode ☕ name"])
def test_file_names_hold_nothing_but_words(title: str) -> None:
    name = file_name(title, 3, "pdf")
    assert name.endswith("-v3.pdf")
    assert not set(name) & set('/\\"\r\n;:')


@pytest.mark.parametrize(
    "evil", ["#strong[x] $a$ *b* _c_", '#read("/etc/passwd")', "= Heading <label> @ref", "</x> \\ ~ `raw`"]
)
def test_what_a_person_typed_is_never_markup_in_a_pdf(evil: str) -> None:
    text = text_of(pdf.segment_pdf(segment(heading=heading(title=evil, description=evil), rule=evil)))
    assert "".join(text.split()).count("".join(evil.split())) >= 3


def test_an_empty_segment_still_makes_a_report() -> None:
    empty = segment(size=0, total=0, reach=[], history=[], charts=[in_order("Sex", Counter(), SEXES)])
    assert "nothing to show" in text_of(pdf.segment_pdf(empty))
    excel.segment_xlsx(empty, [], [], io.BytesIO())


def campaign(states: dict[str, int]) -> CampaignReport:
    hours = [datetime(2026, 11, 20, hour) for hour in (9, 10)]
    return CampaignReport(
        heading=heading(title="Weekend offer"), status="completed", segment="Loyal", planned=sum(states.values()),
        waterfall=[WaterfallStep("Matched", 12), WaterfallStep("Under the cap", 8)], states=list(states.items()),
        opened=4, clicked=2, unsubscribed=1, converted=1, revenue=Decimal("1234.50"), cost=Decimal("10"), roi=122.45,
        currency="LKR", timeline={"Sent": [Point(at, 4) for at in hours], "Opened": [Point(hours[1], 3)]},
    )  # fmt: skip


def test_the_states_of_a_campaign_add_up_to_the_plan_in_both_formats() -> None:
    states = {"sent": 6, "failed": 1, "suppressed": 1, "unknown": 0}
    text = text_of(pdf.campaign_pdf(campaign(states)))
    for words in ("Weekend offer", "All 8 planned deliveries", "1,234.50", "LKR", "12,245", "Unsubscribed"):
        assert words in text, text
    out = io.BytesIO()
    excel.campaign_xlsx(campaign(states), out)
    book = openpyxl.load_workbook(out)
    rows = list(book["Deliveries"].iter_rows(min_row=2, values_only=True))
    assert sum(row[1] for row in rows) == 8
    assert sum(row[2] for row in rows) == pytest.approx(1)
    facts = {row[0]: row[1] for row in book["Summary"].iter_rows(min_row=3, values_only=True)}
    assert facts["Revenue (LKR)"] == 1234.5


@settings(max_examples=often(15, 60), deadline=None)
@given(text=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=40))
def test_any_text_stays_text_in_a_workbook(text: str) -> None:
    out = io.BytesIO()
    excel.segment_xlsx(segment(heading=heading(title=f"={text}"), rule=text or "x"), [], [], out)
    cell = openpyxl.load_workbook(out)["Summary"]["A1"]
    assert cell.data_type == "s"
    assert cell.value == f"={text}"
