"""Reports of a discovered segment: the numbers of its page under the same filters, for whom they may be."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pyarrow as pa
import pypdf
import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from ceap.accounts.actions import change_organisation
from ceap.accounts.contracts import SYSTEM, Level
from ceap.accounts.models import User
from ceap.customers.models import Customer, FieldAccess
from ceap.jobs import actions as jobs
from ceap.kit.clock import now
from ceap.learning import queries as learning
from ceap.reports import bulk, excel, pdf
from ceap.reports.contracts import EXISTS, FAILED, Campaign, DiscoveredReport, Fact, Part, WaterfallStep
from ceap.reports.models import Report
from ceap.segments.models import Segment
from tests.actors import user
from tests.reports.setting import downloaded, segment_of, signed_in
from tests.reports.test_layout import heading, text_of
from tests.segments import scored
from tests.segments.people import customers
from tests.segments.scored import Shopper

KANDY: dict[str, Any] = {"outlets": ["Kandy"]}


@pytest.fixture
def segment(home: Path, owner: User) -> Segment:
    """Four customers of one segment, three in Kandy; Ada owns the first two."""
    change_organisation(SYSTEM, name="Octave", scenario="grocery", currency="LKR")
    mail = [f"p{n}@example.test" for n in range(4)]
    keys = customers(*({"owner": owner if n < 2 else None, "email": mail[n]} for n in range(4)))
    Customer.objects.filter(pk=keys[0]).update(full_name="=HYPERLINK(1)", customer_id="007")
    Customer.objects.filter(pk=keys[1]).update(full_name="@sum <b>&amp;</b>\tx")
    today = now().date()
    scored.write(
        learning.folder() / "scored.parquet",
        [
            Shopper(keys[0], "S1", "Kandy", 25, today - timedelta(3), 4, (100_00, 0, 0)),
            Shopper(keys[1], "S1", "Kandy", 35, today - timedelta(40), 1, (0, 50_50, 0)),
            Shopper(keys[2], "S1", "Kandy", None, None, None, (10_00, 20_00, 0)),
            Shopper(keys[3], "S1", "Galle", 61, today, 5, (0, 0, 999_99)),
        ],
    )
    return scored.segments({"S1": keys})["S1"]


def ordered(client: Client, of: Segment, format: str, status: int = 202, existing: str = "ask", **filters: Any) -> Any:
    body = {"subject_kind": "segment", "subject_id": str(of.pk), "format": format, "existing": existing}
    answer = client.post("/api/reports", body | {"filters": filters}, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json()


def made(client: Client, of: Segment, format: str, existing: str = "ask", **filters: Any) -> Any:
    row = ordered(client, of, format, existing=existing, **filters)
    jobs.run(row["job_id"])
    return client.get(f"/api/reports/{row['id']}").json()


def book_of(client: Client, of: Segment, **filters: Any) -> Any:
    content, _ = downloaded(client, made(client, of, "xlsx", **filters))
    for name in zipfile.ZipFile(io.BytesIO(content)).namelist():
        if name.endswith((".xml", ".rels")):
            ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(content)).read(name))
    return openpyxl.load_workbook(io.BytesIO(content))


@pytest.mark.django_db
class TestThroughTheApi:
    @pytest.mark.req("O-6", "O-7")
    def test_the_pdf_is_of_the_filtered_segment_and_stays_in_history(self, ada: Client, segment: Segment) -> None:
        row = made(ada, segment, "pdf", **KANDY, last_within=30)
        assert (row["state"], row["words"]) == ("done", "Outlet Kandy · last purchase within 30 days")
        content, _ = downloaded(ada, row)
        text = text_of(content)
        for words in ("Segment S1", row["words"], "SYNTHETIC DATA", "Octave", "100.00 %"[:5], "LKR", "synthetic data"):
            assert words in text, text
        assert "Galle" not in text
        [found] = ada.get("/api/reports?search=kandy").json()["items"]
        assert (found["id"], found["filters"]) == (row["id"], {**KANDY, "last_within": 30})
        downloaded(ada, found)
        assert len(pypdf.PdfReader(io.BytesIO(content)).pages) >= 3

    @pytest.mark.req("O-6")
    def test_the_workbook_holds_the_customers_who_match_and_no_formulas(self, ada: Client, segment: Segment) -> None:
        book = book_of(ada, segment, **KANDY)
        assert book.sheetnames == ["Summary", "Customers", "By outlet", "By category", "By last purchase", "By age"]
        sheet = book["Customers"]
        assert (sheet.freeze_panes, sheet.dimensions) == ("A2", "A1:O4")
        columns = [cell.value for cell in sheet[1]]
        rows = [dict(zip(columns, row, strict=True)) for row in sheet.iter_rows(min_row=2)]
        names = [(row["Name"].value, row["Name"].data_type) for row in rows[:2]]
        assert names == [("=HYPERLINK(1)", "s"), ("@sum <b>&amp;</b>\tx", "s")]
        assert rows[0]["Customer ID"].value == "007"
        last = rows[0]["Last purchase"]
        assert (last.value.date(), last.number_format) == (now().date() - timedelta(3), "yyyy-mm-dd")
        spend = rows[1]["Spend (LKR)"]
        assert (spend.value, spend.number_format) == (50.5, "#,##0.00")
        assert [row["Age"].value for row in rows] == [25, 35, None]
        assert [row["Orders"].value for row in rows] == [4, 1, None]
        facts = {row[0]: row[1] for row in book["Summary"].iter_rows(min_row=3, values_only=True)}
        assert (facts["Customers"], facts["Customers of the segment"], facts["Filters"]) == (3, 4, "Outlet Kandy")
        assert facts["Sales (LKR)"] == sum(row["Spend (LKR)"].value for row in rows) == 180.5
        assert [cell.value for cell in book["By outlet"][2]][:3] == ["Kandy", 3, 1]
        spent = {row[0]: row[4] for row in book["By category"].iter_rows(min_row=2, values_only=True)}
        assert spent == {"dry": 110, "fresh": 70.5, "luxury": 0}

    @pytest.mark.req("O-9")
    def test_the_same_filters_ask_and_others_are_another_report(self, ada: Client, segment: Segment) -> None:
        first = made(ada, segment, "pdf", **KANDY)
        assert (made(ada, segment, "pdf")["number"], made(ada, segment, "xlsx", **KANDY)["number"]) == (1, 1)
        refusal = ordered(ada, segment, "pdf", 409, **KANDY)
        assert (refusal["detail"], refusal["report"]) == (EXISTS, first["id"])
        assert made(ada, segment, "pdf", "new", **KANDY)["number"] == 2
        last = made(ada, segment, "pdf", "overwrite", **KANDY)
        assert last["number"] == 2
        left = Report.objects.filter(format="pdf", filters=KANDY).values_list("pk", flat=True)
        assert set(map(str, left)) == {first["id"], last["id"]}

    @pytest.mark.req("O-10")
    def test_a_broken_renderer_says_so_and_retry_makes_the_same_report(
        self, ada: Client, segment: Segment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object, **__: object) -> bytes:
            raise RuntimeError("failed to load the font")

        with monkeypatch.context() as patch:
            patch.setattr("ceap.reports.pdf.typst.compile", broken)
            row = made(ada, segment, "pdf", **KANDY)
        assert (row["state"], row["error"]) == ("failed", FAILED)
        again = ada.post(f"/api/reports/{row['id']}/retry").json()
        jobs.run(again["job_id"])
        told = ada.get(f"/api/reports/{row['id']}").json()
        assert (told["state"], told["words"], told["error"]) == ("done", "Outlet Kandy", "")
        downloaded(ada, told)

    @pytest.mark.req("S-14")
    def test_with_owned_customers_every_number_is_of_those(self, segment: Segment, owner: User) -> None:
        owner.role.grants["customers_view"] = "owned"
        owner.role.save()
        book = book_of(signed_in(owner), segment)
        facts = {row[0]: row[1] for row in book["Summary"].iter_rows(min_row=3, values_only=True)}
        assert (facts["Customers"], facts["Customers of the segment"], book["Customers"].max_row) == (2, 4, 3)
        assert facts["About the customers"].startswith("Only the customers owned by")

    @pytest.mark.req("S-15")
    def test_hidden_fields_give_no_column_no_chart_and_no_filter(self, segment: Segment, owner: User) -> None:
        for key in ("email", "date_of_birth"):
            FieldAccess.objects.create(key=key, roles=["somebody_else"])
        client = signed_in(owner)
        book = book_of(client, segment)
        assert "By age" not in book.sheetnames
        assert not {"Email", "Age"} & {cell.value for cell in book["Customers"][1]}
        assert "age_from" in str(ordered(client, segment, "pdf", 422, age_from=30))

    @pytest.mark.req("S-15")
    def test_what_is_said_of_everybody_is_closed_to_those_who_see_only_their_own(
        self, ada: Client, segment: Segment
    ) -> None:
        row = made(ada, segment, "pdf")
        eve = signed_in(user("Eve", customers_view=Level.OWNED))
        assert eve.get(f"/api/reports/{row['id']}").json()["barred"] == "It is about customers that you may not see."
        assert eve.get(f"/api/reports/{row['id']}/file").status_code == 403

    def test_filters_that_name_nothing_and_of_other_segments_are_refused(
        self, ada: Client, segment: Segment, owner: User
    ) -> None:
        assert "outlets" in str(ordered(ada, segment, "pdf", 422, outlets=["Atlantis"])["errors"])
        assert "filters" in str(ordered(ada, segment_of(owner), "pdf", 422, **KANDY)["errors"])
        assert Report.objects.count() == 0


def report(**changes: Any) -> DiscoveredReport:
    parts = [Part("fresh", 3, 60.0, 40.0, 600.0), Part("dry", 2, 40.0, 60.0, 400.0)]
    given: dict[str, Any] = {
        "heading": heading(title="#Fresh *often*"), "words": "All customers", "size": 3, "seen": 3, "matched": 3,
        "everyone": 10, "currency": "LKR",
        "facts": [Fact("Sales", 1234567.5, 2e6, "money"), Fact("x", None, None, "days")],
        "categories": parts, "outlets": parts, "recency": parts, "ages": parts,
        "traits": [("Share of fresh 60% (all customers: 40%)", "large")], "rule": "share of fresh at least 50%",
        "fidelity": 0.98,
        "campaign": Campaign("Fresh of the week", "email", "Two products", "Early", "They come often"),
        "reach": [WaterfallStep("Matched", 3), WaterfallStep("Under the cap", 1)],
        "model": "version 3", "source": "Purchases", "members_note": "",
    }  # fmt: skip
    return DiscoveredReport(**(given | changes))


@pytest.mark.req("O-6")
def test_a_pdf_says_traits_rule_campaign_with_its_reason_reach_and_model() -> None:
    text = text_of(pdf.discovered_pdf(report()))
    for words in (
        "#Fresh *often*", "Share of fresh 60%", "large difference", "share of fresh at least 50%", "98.0 %", "1.23 M",
        "Fresh of the week", "They come often", "Expected reach", "version 3", "30.0 %",
    ):  # fmt: skip
        assert words in text, (words, text)


@pytest.mark.req("O-8")
def test_a_report_of_nobody_says_so_and_data_without_dates_ages_and_outlets_make_one() -> None:
    nobody = report(matched=0, everyone=0, categories=[], outlets=None, recency=None, ages=None, words="Age 90")
    assert "No matching customers found. Try adjusting filters." in text_of(pdf.discovered_pdf(nobody))
    bare = report(outlets=None, recency=None, ages=None, traits=[], rule="", fidelity=None, campaign=None, reach=[])
    assert "By category" in text_of(pdf.discovered_pdf(bare))
    excel.discovered_xlsx(bare, [("Name", 10)], [], io.BytesIO())


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="_"), max_size=30)
ROW = st.tuples(
    TEXT | st.none(), st.integers(-(2**31), 2**31) | st.none(), st.floats() | st.none(),
    st.dates(date(1900, 3, 1), date(2100, 1, 1)) | st.none(),
)  # fmt: skip


@settings(max_examples=12, deadline=None)
@given(st.lists(ROW, max_size=40))
def test_bulk_rows_come_back_as_they_were(rows: list[tuple[Any, ...]]) -> None:
    kinds = (pa.string(), pa.int64(), pa.float64(), pa.date32())
    columns = zip(*rows, strict=True) if rows else [()] * 4
    table = pa.table([pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)], names=[*"abcd"])
    out = io.BytesIO()
    excel.discovered_xlsx(report(), [("Name", 10), ("n", 9), ("x", 9), ("Day", 9)], [table], out)
    sheet = openpyxl.load_workbook(out)["Customers"]
    found = [*sheet.iter_rows(min_row=2, max_col=4, values_only=True)]
    for (text, number, value, day), got in zip(rows, found, strict=False):
        assert got[0] == (text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd") if text else None)
        assert got[1] == number
        assert got[2] == pytest.approx(value) if value is not None and abs(value) < float("inf") else got[2] is None
        assert (got[3] and got[3].date()) == day
    assert len(found) >= len([row for row in rows if any(cell not in (None, "") for cell in row[:2])])


def test_text_that_looks_like_an_escape_or_may_not_stand_in_xml_is_written_so_that_it_is_neither() -> None:
    made = bulk.rows(pa.table({"a": ["_x0041_", "a\x00b", "c\rd", ""]}), 2, [0])
    assert [cell.split("</t>")[0] for cell in made.split('preserve">')[1:]] == [
        "_x005F_x0041_",
        "a\ufffdb",
        "c_x000D_d",
    ]


def test_more_customers_than_a_sheet_holds_go_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "ROWS", 3)
    parts = [pa.table({"Name": [f"n{n}" for n in range(start, start + 2)]}) for start in range(0, 8, 2)]
    out = io.BytesIO()
    excel.discovered_xlsx(report(), [("Name", 10)], parts, out)
    book = openpyxl.load_workbook(out)
    listed = [[row[0] for row in book[name].iter_rows(min_row=2, values_only=True)] for name in book.sheetnames[1:4]]
    assert listed == [["n0", "n1", "n2"], ["n3", "n4", "n5"], ["n6", "n7"]]
