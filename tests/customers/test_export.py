"""Exports hold what the list shows, no more, and no spreadsheet calculates them."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import load_workbook

from ceap.accounts.contracts import SYSTEM, Level
from ceap.customers import actions
from ceap.customers.queries import Filters
from ceap.jobs.actions import run
from ceap.jobs.models import Job
from ceap.kit.problem import Conflict, Forbidden
from tests import actors
from tests.connectors.bringing import bring

pytestmark = pytest.mark.django_db(transaction=True)


def exported(actor: object, format: str, **filters: object) -> tuple[Job, bytes]:
    job = actions.start_export(actor, Filters(**filters), format)  # type: ignore[arg-type]
    run(str(job.pk))
    job.refresh_from_db()
    return job, (actions.folder() / str((job.result or {})["file"])).read_bytes()


def test_a_csv_export_neutralises_formulas_and_comes_back_unchanged_by_import() -> None:
    actions.create(SYSTEM, {"customer_id": "c1", "full_name": "=1+1", "phone": "+447700900123", "street": "@home"})
    actions.create(SYSTEM, {"customer_id": "c2", "full_name": "Plain", "source": "Web"})
    job, content = exported(SYSTEM, "csv")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert (job.state, (job.result or {})["rows"]) == ("done", 2)
    assert [rows[0][k] for k in ("Full name", "Phone number", "Street")] == ["'=1+1", "'+447700900123", "'@home"]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    mapping = {"Customer ID": "customer_id", "Full name": "full_name", "Phone number": "phone", "Street": "street"}
    again = bring(content, mapping)
    assert (again.created, again.updated, again.unchanged, again.rejected) == (0, 0, 2, 0)


def test_an_excel_export_holds_text_not_formulas() -> None:
    actions.create(SYSTEM, {"customer_id": "c1", "full_name": "=HYPERLINK(1)", "balance_available": 2.5})
    _, content = exported(SYSTEM, "xlsx")
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    header = [cell.value for cell in sheet[1]]
    cell = sheet.cell(2, header.index("Full name") + 1)
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")
    assert sheet.cell(2, header.index("Total available balance") + 1).value == 2.5


def test_an_export_holds_only_what_its_user_sees_and_what_the_filters_leave() -> None:
    abe = actors.actor("Abe", customers_view=Level.OWNED, customers_manage=Level.OWNED)
    actions.create(abe, {"customer_id": "mine", "full_name": "M", "source": "Web"})
    actions.create(abe, {"customer_id": "also", "full_name": "A"})
    actions.create(SYSTEM, {"customer_id": "other", "full_name": "O", "source": "Web"})
    _, content = exported(abe, "csv", source=["Web"])
    assert [row["Customer ID"] for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))] == ["mine"]


def test_an_export_of_nothing_and_one_without_permission_are_refused() -> None:
    with pytest.raises(Conflict):
        actions.start_export(SYSTEM, Filters(), "csv")
    with pytest.raises(Forbidden):
        actions.start_export(actors.actor(customers_export=Level.DISABLED), Filters(), "csv")
    assert not Job.objects.exists()
