"""Variables of a template that are no field: found, shown, and filled with what is mapped to them."""

from __future__ import annotations

import pytest

from ceap.content.compiler.blocks import BlockSource
from ceap.content.compiler.compile import Parts, compile_template
from ceap.content.contracts import Fill, filled, placeholders
from ceap.content.previewing import preview
from ceap.content.suggesting import like
from ceap.customers.contracts import DEFAULT_FIELDS

pytestmark = pytest.mark.req("S-13")
FOOTER = {"id": "f", "type": "footer", "organisation": "Octave", "address": "1 Main Street, Colombo"}
LABELS = {"customer.first_name": "First name", **{f"customer.{one.key}": one.label for one in DEFAULT_FIELDS}}


def parts(text: str, subject: str = "Hello") -> Parts:
    source = BlockSource.model_validate({"blocks": [{"id": "a", "type": "text", "html": f"<p>{text}</p>"}, FOOTER]})
    return compile_template(source, subject=subject, preheader="", known=list(LABELS), purpose="marketing")


def test_names_and_numbers_that_are_no_field_are_placeholders_and_keep_their_order() -> None:
    found = parts(
        "{{2}} {{ name }} {{ customer.city }} {{ 10 | default: 'x' }} {% if code %}{{ code }}{% endif %}", "{{1}}"
    )
    assert placeholders(found.variables) == ["1", "2", "10", "code", "name"]
    assert found.subject == "{{1}}"


def test_a_template_that_says_fields_only_has_no_placeholders() -> None:
    found = parts("{{ customer.full_name }} {% for i in (1..2) %}{{ i }} {{ 3 | plus: 1 }}{% endfor %}")
    assert placeholders(found.variables) == []


def test_saving_says_which_variables_each_campaign_has_to_map() -> None:
    said = parts("{{ first_name }}").warnings[0]
    assert said == (
        "“first_name” is no field: each campaign with this template maps it to one. Did you mean customer.first_name?"
    )


def test_a_placeholder_is_written_with_its_field_or_else_its_fallback_and_never_as_markup() -> None:
    mapping = {"1": Fill("customer.full_name", "friend"), "code": Fill(fallback="<b>SPRING</b>")}
    text = parts("Dear {{1}}, {{ code }}", "For {{ 1 }}")
    named = preview(text, {"full_name": "Löwe & Sons"}, filled(mapping, {"full_name": "Löwe & Sons"}))
    assert (named.subject, named.missing) == ("For Löwe & Sons", [])
    assert "Dear Löwe &amp; Sons, &lt;b&gt;SPRING&lt;/b&gt;" in named.html
    empty = preview(text, {"full_name": ""}, filled(mapping, {"full_name": ""}))
    assert "Dear friend, <b>SPRING</b>" in empty.text


def test_a_preview_names_what_nothing_fills() -> None:
    shown = preview(parts("Dear {{1}} of {{ shop }}"), {})
    assert shown.missing == ["1", "shop"]
    assert "Dear [1] of [shop]" in shown.text


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("name", "full_name"), ("first_name", "first_name"), ("firstName", "first_name"), ("tier", "current_tier"),
        ("phone_number", "phone"), ("email_address", "email"), ("Date of birth", "date_of_birth"), ("1", None),
        ("balance", None), ("voucher", None),
    ],
)  # fmt: skip
def test_a_field_of_a_like_name_is_suggested_and_none_where_several_are_alike(name: str, path: str | None) -> None:
    assert like(name, LABELS) == (path and f"customer.{path}")
