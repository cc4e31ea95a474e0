"""The forms of dates and numbers of a file are detected, shown, chosen, and the import uses them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ceap.accounts.contracts import SYSTEM
from ceap.connectors import actions, queries
from ceap.connectors.contracts import Options
from ceap.connectors.forms import chosen_form
from ceap.customers.models import Customer
from ceap.kit.problem import Invalid
from tests.connectors.bringing import bring, receipt

pytestmark = pytest.mark.django_db(transaction=True)
MAP = {"id": "customer_id", "born": "date_of_birth", "points": "balance_available"}


def seen(content: str) -> Any:
    return queries.preview(SYSTEM, actions.upload(SYSTEM, "customers", "a.csv", [content.encode()]).pk)


def test_american_dates_and_comma_numbers_come_in_as_detected() -> None:
    content = "id;born;points\n1;1/15/24;1\u202f234,50\n2;2/3/24;\u22125,5\n"
    preview = seen(content)
    assert (preview.date_forms.form, preview.date_forms.ambiguous) == ("month_first", False)
    assert (preview.number_forms.form, preview.number_forms.ambiguous) == ("comma", False)
    assert {one.column: one.type for one in preview.columns if one.column != "id"} == {
        "born": "date",
        "points": "number",
    }
    chosen: dict[str, Any] = {
        "dates": chosen_form(preview.date_forms, ""),
        "numbers": chosen_form(preview.number_forms, "point"),
    }
    assert receipt(bring(content, MAP, **chosen)) == ("done", 2, 0, 0, 0)
    found = Customer.objects.order_by("customer_id").values_list("date_of_birth", "balance_available")
    assert [(born, float(points or 0)) for born, points in found] == [
        (date(2024, 1, 15), 1234.5), (date(2024, 2, 3), -5.5),
    ]  # fmt: skip


def test_dates_that_could_be_two_have_to_be_chosen() -> None:
    content = "id,born\n1,03/04/2026\n"
    preview = seen(content)
    assert (preview.date_forms.ambiguous, chosen_form(preview.date_forms, "")) == (True, "")
    mapping = {"id": "customer_id", "born": "date_of_birth"}
    assert receipt(bring(content, mapping))[4] == 1
    bring(content, mapping, dates="month_first")
    assert Customer.objects.get().date_of_birth == date(2026, 3, 4)


def test_a_form_that_does_not_exist_is_refused_and_that_of_an_older_import_is_understood() -> None:
    with pytest.raises(Invalid, match="Choose one of year_first"):
        bring("id,born\n1,2026-01-01\n", {"id": "customer_id"}, dates="stardate")
    old = Options.of({"day_first": False, "decimal_comma": True})
    assert (old.dates, old.numbers) == ("month_first", "comma")
