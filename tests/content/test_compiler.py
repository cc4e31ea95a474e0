"""From blocks or code to Liquid: every fault named, nothing that runs, links tracked."""

# ruff: noqa: E501 - tables of what is written and what is answered

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceap.content.compiler.blocks import BlockSource, CodeSource
from ceap.content.compiler.compile import Parts, compile_template
from ceap.content.compiler.vault import Vault
from ceap.content.previewing import preview
from ceap.content.starters import starters
from ceap.core.links import read_target
from ceap.kit.problem import Invalid

KNOWN = ["customer.full_name", "customer.first_name", "customer.city", "customer.current_tier", "customer.n"]
FOOTER = {"id": "f", "type": "footer", "organisation": "Octave", "address": "1 Main Street, Colombo"}


def blocks(*given: dict[str, Any], footer: bool = True, text: str | None = None) -> BlockSource:
    rows = [{"id": f"b{n}", **block} for n, block in enumerate(given)]
    return BlockSource.model_validate({"blocks": [*rows, FOOTER] if footer else rows, "text": text})


def code(body: str, *, text: str | None = None) -> CodeSource:
    unsubscribe = (
        '<mj-section><mj-column><mj-text><a href="{{ track.unsubscribe }}">Out</a></mj-text></mj-column></mj-section>'
    )
    return CodeSource(mjml=f"<mjml><mj-body>{body}{unsubscribe}</mj-body></mjml>", text=text)


def text_of(body: str) -> CodeSource:
    return code(f"<mj-section><mj-column><mj-text>{body}</mj-text></mj-column></mj-section>")


def compiled(source: BlockSource | CodeSource, *, subject: str = "Hello", purpose: str = "marketing") -> Parts:
    return compile_template(source, subject=subject, preheader="", known=KNOWN, purpose=purpose)


def faults(source: BlockSource | CodeSource, **options: str) -> dict[str, str]:
    with pytest.raises(Invalid) as refusal:
        compiled(source, **options)
    return {error.field: error.message for error in refusal.value.errors}


def test_links_are_numbered_in_order_and_unsubscribe_stays_as_it_is() -> None:
    parts = compiled(
        blocks(
            {
                "type": "text",
                "html": '<p><a href="https://a.test/?x=1&amp;y=2">A</a> <a href="mailto:a@b.test">m</a></p>',
            },
            {"type": "button", "label": "B", "href": "https://b.test/{{ customer.city }}"},
            {"type": "image", "src": "https://c.test/i.png", "alt": "C", "href": "{{ customer.n }}"},
        )
    )
    assert parts.links == ["https://a.test/?x=1&y=2", "", ""]
    hrefs = re.findall(r'<a [^>]*?href="(.*?)"', parts.html)
    assert hrefs == [
        "{{ track.click }}/0",
        "mailto:a@b.test",
        "{{ track.click }}/1?u={% capture ceap_link %}https://b.test/{{ customer.city }}{% endcapture %}"
        "{{ ceap_link | signed_target }}",
        "{{ track.click }}/2?u={{ customer.n | signed_target }}",
        "{{ track.unsubscribe }}",
    ]
    assert parts.html.count("{{ track.open }}") == 1
    assert "A: {{ track.click }}/0" in parts.text
    assert "Unsubscribe: {{ track.unsubscribe }}" in parts.text
    assert "{{ track.open }}" not in parts.text


def test_a_personal_link_leads_to_the_same_address_from_both_parts() -> None:
    from ceap.content.contracts import Compiled, Rendered
    from ceap.content.rendering import Renderer
    from ceap.kit.ids import uuid7

    parts = compiled(blocks({"type": "button", "label": "B", "href": "https://b.test/?a=1&n={{ customer.full_name }}"}))
    with Renderer(secret="x" * 32) as renderer:
        version = Compiled(uuid7(), "", "", parts.html, parts.text, (), ())
        track = {"click": "https://e.test/c/T", "open": "o", "unsubscribe": "u"}
        [mail] = renderer.render(version, [{"customer": {"full_name": "Ann & Co <x>"}, "track": track}])
    assert isinstance(mail, Rendered)
    for part in (mail.html, mail.text):
        [signed] = re.findall(r"https://e\.test/c/T/0\?u=([\w-]+)", part)
        assert read_target("x" * 32, signed) == "https://b.test/?a=1&n=Ann%20&%20Co%20%3Cx%3E"


def test_text_written_by_hand_keeps_the_numbers_of_the_html() -> None:
    parts = compiled(
        blocks(
            {"type": "button", "label": "B", "href": "https://b.test/"},
            text="See https://b.test/ or https://new.test/x, {{ customer.first_name }}. {{ track.unsubscribe }}",
        )
    )
    assert parts.links == ["https://b.test/", "https://new.test/x"]
    assert parts.text.startswith("See {{ track.click }}/0 or {{ track.click }}/1, {{ customer.first_name }}.")


def test_liquid_survives_xml_whatever_it_compares() -> None:
    source = '{% if customer.n < 3 and customer.city == "A & B" %}low{% endif %}'
    for page in (blocks({"type": "text", "html": f"<p>{source}</p>"}), text_of(f"<p>{source}</p>")):
        assert source in compiled(page).html
        assert source in compiled(page).text
    typed = source.replace("&", "&amp;").replace("<", "&lt;").replace("n ", "n&nbsp;")
    assert source in compiled(blocks({"type": "text", "html": f"<p>{typed}</p>"})).html


def test_conditions_between_rows_stay_where_they_are() -> None:
    page = compiled(
        code(
            "{% if customer.n > 3 %}<mj-section><mj-column>{% for i in (1..2) %}<mj-text>row {{ i }}</mj-text>{% endfor %}"
            "</mj-column></mj-section>{% endif %}"
        )
    ).html
    before, after = page.split("row {{ i }}")
    assert before.rindex("{% for i in (1..2) %}") > before.rindex("<tbody>")
    assert after.index("{% endfor %}") < after.index("</tbody>")


def test_a_block_with_a_condition_is_wrapped_in_it() -> None:
    parts = compiled(blocks({"type": "heading", "text": "Gold", "show_if": 'customer.current_tier == "Gold"'}))
    assert preview(parts, {"current_tier": "Gold"}).text.startswith("Gold")
    assert "Gold" not in preview(parts, {"current_tier": "Silver"}).text


@pytest.mark.parametrize(
    ("block", "field", "message"),
    [
        ({"type": "text", "html": "{{ customer.fullname }}"}, "html", "There is no variable customer.fullname. Did you mean customer.full_name?"),
        ({"type": "heading", "text": "{{ customers.n }}"}, "text", "There is no variable customers.n. Did you mean customer.n?"),
        ({"type": "text", "html": "{% if customer.n %}x"}, "html", "expected tag endif, found end of expression."),
        ({"type": "heading", "text": "{{ customer.n | upcased }}"}, "text", "there is no filter upcased. Did you mean upcase?"),
        ({"type": "heading", "text": "{% include 'x' %}"}, "text", "unexpected tag 'include'."),
        ({"type": "text", "html": "{% raw %}<script>{% endraw %}"}, "html", "{% raw %} is not available here."),
        ({"type": "button", "label": "x", "href": "/offers"}, "href", "“/offers” must begin with https://."),
        ({"type": "button", "label": "x", "href": "javascript:alert(1)"}, "href", "“javascript:alert(1)” must begin with https://."),
        ({"type": "image", "src": "data:text/html,x"}, "src", "“data:text/html,x” must begin with https://."),
        ({"type": "spacer", "show_if": "customer.nn"}, "show_if", "There is no variable customer.nn. Did you mean customer.n?"),
    ],
)  # fmt: skip
def test_a_fault_names_its_block_and_the_remedy(block: dict[str, Any], field: str, message: str) -> None:
    assert faults(blocks(block))[f"source.blocks.0.{field}"] == f"Block 1 ({block['type'].capitalize()}): {message}"


def test_a_fault_inside_columns_names_the_column() -> None:
    inner = {"id": "x", "type": "heading", "text": "{{ customer.x }}"}
    found = faults(blocks({"type": "columns", "columns": [[], [inner]]}))
    assert list(found) == ["source.blocks.0.columns.1.0.text"]
    assert found["source.blocks.0.columns.1.0.text"].startswith("Block 1 (Columns), column 2, heading: There is no")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("<mj-bogus/>", "Line 1: There is no MJML tag <mj-bogus>."),
        ("<mj-section><mj-text>x</mj-text></mj-section>", "Line 1: <mj-text> cannot stand inside <mj-section>."),
        ("words", "Line 1: Text cannot stand directly inside <mj-body>; put it in <mj-text>."),
        ("<mj-section>\n<mj-column>\n<mj-text>\n<p>a</mj-text></mj-column></mj-section>", "Line 4: Mismatched tag, inside <p> of line 4."),
        ('<mj-include path="/etc/passwd"/>', "Line 1: There is no MJML tag <mj-include>."),
    ],
)  # fmt: skip
def test_broken_code_names_the_line(body: str, message: str) -> None:
    assert faults(code(body))["source.mjml"] == message


def test_code_with_entities_of_its_own_is_refused() -> None:
    bomb = '<!DOCTYPE m [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><mjml><mj-body>&b;</mj-body></mjml>'
    assert "not allowed" in faults(CodeSource(mjml=bomb, text=""))["source.mjml"]


@pytest.mark.req("C-15")
@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href=" java\tscript:alert(1)">x</a>',
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        "<iframe src=https://x.test></iframe>",
        "<svg onload=alert(1)>",
        '<p style="background:url(javascript:alert(1))">x</p>',
        '<form action="https://x.test"><input></form>',
        "<style>@import 'https://x.test'</style>",
        '{{ "<script>alert(1)</script>" }}',
        '{% capture x %}<b>alert(1)</b>{% endcapture %}{{ x | replace: "b", "script" }}',
        '{% assign x = "%3Cscript%3E" | url_decode %}{{ x }}',
        '<scr{{ "" }}ipt>alert(1)</scr{{ "" }}ipt>',
    ],
)
def test_nothing_an_author_writes_runs(evil: str) -> None:
    seen = preview(compiled(blocks({"type": "text", "html": f"<p>hello</p>{evil}"})), {})
    assert seen.failure == ""
    body = seen.html.split("<body")[1]
    assert not re.search(r"<(script|iframe|svg|form|input|style|object)\b|\son\w+=|javascript:|data:text", body, re.I)
    try:
        written = preview(compiled(text_of(evil)), {}).html.split("<body")[1]
    except Invalid:
        return
    assert not re.search(
        r"<(script|iframe|svg|form|input|style|object)\b|<[^>]*\s(on\w+=|href=\"\s*javascript:)", written, re.I
    )


@pytest.mark.req("C-15")
@settings(max_examples=40, deadline=None)
@given(value=st.text(st.sampled_from("<>\"'&;/ scriptonerror=`{%}\\"), max_size=40))
def test_customer_data_never_becomes_markup(value: str) -> None:
    """Tags and attributes of the mail are the same whatever the customer is called."""
    seen = preview(EVERYWHERE, {"full_name": value or "x", "city": value or "x"}).html
    plain = preview(EVERYWHERE, {"full_name": "x", "city": "x"}).html
    strip = re.compile(r'"[^"]*"')
    assert [strip.sub("", tag) for tag in re.findall(r"<[^<>]*>", seen)] == [
        strip.sub("", tag) for tag in re.findall(r"<[^<>]*>", plain)
    ]


EVERYWHERE = compiled(
    blocks(
        {"type": "heading", "text": "{{ customer.full_name }}"},
        {
            "type": "text",
            "html": '<p title="x">{{ customer.city }}</p><a href="https://a.test/{{ customer.city }}">x</a>',
        },
        {"type": "image", "src": "https://a.test/{{ customer.city }}", "alt": "{{ customer.full_name }}"},
        {"type": "image", "src": "{{ customer.city }}", "alt": "{{ customer.full_name }}"},
    )
)


def test_a_marketing_mail_without_unsubscribe_is_refused_and_a_service_mail_is_not() -> None:
    bare = blocks({"type": "heading", "text": "Hi"}, footer=False)
    assert faults(bare) == {
        "source": "A marketing mail needs a way to unsubscribe that everybody sees: add the footer block."
    }
    assert "track.unsubscribe" not in compiled(bare, purpose="transactional").html
    assert "source.text" in faults(blocks({"type": "heading", "text": "Hi"}, text="no way out"))


def test_an_unsubscribe_link_that_only_some_would_see_is_refused() -> None:
    hidden = CodeSource(
        mjml='<mjml><mj-body><mj-section><mj-column><mj-text>{% if customer.n == "1" %}'
        '<a href="{{ track.unsubscribe }}">Out</a>{% endif %}</mj-text></mj-column></mj-section></mj-body></mjml>',
        text="",
    )
    assert "source" in faults(hidden)


def test_missing_values_show_their_name_in_previews_and_fallbacks_apply() -> None:
    page = blocks(
        {"type": "heading", "text": 'Hi {{ customer.first_name | default: "friend" }} of {{ customer.city }}'},
        {"type": "image", "src": "https://x.test/a.png", "alt": "{{ customer.city }}"},
    )
    seen = preview(compiled(page, subject="For {{ customer.city }}"), {"first_name": "", "city": None})
    assert seen.missing == ["customer.city", "customer.first_name"]
    assert "Hi friend of <mark" in seen.html
    assert 'alt="[customer.city]"' in seen.html
    assert seen.subject == "For [customer.city]"


def test_an_empty_field_is_blank_and_false_and_compares_as_nothing() -> None:
    condition = "{% if customer.city %}A{% endif %}{% if customer.city == blank %}B{% endif %}{% if customer.n > 3 %}C{% endif %}"
    page = compiled(blocks({"type": "heading", "text": f"[{condition}]"}))
    assert "[B]" in preview(page, {"city": "", "n": None}).text
    assert "[AC]" in preview(page, {"city": "Kandy", "n": 4}).text


@pytest.mark.parametrize("one", starters(), ids=lambda one: one.key)
def test_every_starter_compiles_and_reads_well(one: Any) -> None:
    parts = compile_template(one.source, subject=one.subject, preheader=one.preheader, known=KNOWN, purpose=one.purpose)
    seen = preview(parts, {"first_name": "Sam"})
    assert not seen.failure
    assert "{{" not in seen.html + seen.text + seen.subject
    assert len(seen.html) < 100_000


@given(text=st.text(st.characters(codec="utf-8"), max_size=80))
def test_what_the_vault_takes_it_gives_back(text: str) -> None:
    vault = Vault()
    assert vault.restore(vault.protect(text)) == text
