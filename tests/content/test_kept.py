"""What a template says is kept or refused; links are whole; nothing half-empty leaves."""

# ruff: noqa: E501 - tables of what is written and what is answered

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ceap.content.compiler.blocks import BlockSource, CodeSource
from ceap.content.compiler.compile import Parts, compile_template
from ceap.content.contracts import Compiled, Reason, Rendered, RenderFailure
from ceap.content.rendering import Renderer
from ceap.core.links import read_target, with_scheme
from ceap.kit.ids import uuid7
from ceap.kit.problem import Invalid

SECRET = "s" * 40


def compiled(mjml: str) -> Parts:
    return compile_template(
        CodeSource(mjml=mjml, text=""), subject="Hello", preheader="", known=["customer.url"], purpose="transactional"
    )


def body(inner: str) -> str:
    return (
        f"<mjml><mj-body>{inner}<mj-section><mj-column><mj-text>Hi</mj-text></mj-column></mj-section></mj-body></mjml>"
    )


@pytest.mark.parametrize(
    "said",
    [
        "<mj-raw><!--[if mso]><p>Outlook only</p><![endif]--></mj-raw>",
        "<!--[if mso]><p>Outlook only</p><![endif]-->",
        "<!-- a note -->",
        "<mj-section><!--[if mso]><td>x</td><![endif]--><mj-column><mj-text>y</mj-text></mj-column></mj-section>",
        "<mj-section><mj-column><mj-text>a<!--[if !mso]><!--><b>x</b><!--<![endif]--></mj-text></mj-column></mj-section>",
    ],
)
def test_conditions_for_outlook_and_notes_are_kept(said: str) -> None:
    comment = said[said.index("<!--") : said.rindex("-->") + 3]
    assert comment in compiled(body(said)).html


@pytest.mark.parametrize(
    ("mjml", "message"),
    [
        ("<mjml>\n<!--[if mso]>x<![endif]--><mj-body /></mjml>", "Line 2: Conditions for Outlook stand in"),
        (
            "<mjml><mj-head><mj-style><!-- x --></mj-style></mj-head><mj-body /></mjml>",
            "cannot stand inside <mj-style>",
        ),
        ("<mjml><mj-body><mj-raw><!--[if mso]><script>x</script><![endif]--></mj-raw></mj-body></mjml>", "scripts"),
        ("<mjml><?php x ?><mj-body /></mjml>", "<?php?> is not allowed"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_line(mjml: str, message: str) -> None:
    with pytest.raises(Invalid) as refusal:
        compiled(mjml)
    assert any(message in error.message for error in refusal.value.errors)


@pytest.mark.parametrize(
    ("said", "whole"),
    [
        ("example.com", "https://example.com"), ("www.example.com/a?b#c", "https://www.example.com/a?b#c"),
        ("//example.com", "https://example.com"), ("http://a.test", "http://a.test"), ("mailto:a@b.test", "mailto:a@b.test"),
        ("tel:+62812", "tel:+62812"), ("#top", "#top"), ("/offers", "/offers"), ("page.html", "page.html"),
        ("javascript:alert(1)", "javascript:alert(1)"), ("bücher.example", "https://bücher.example"),
        ("example.com:8080/x", "https://example.com:8080/x"),
    ],
)  # fmt: skip
def test_a_bare_host_is_a_web_address(said: str, whole: str) -> None:
    assert with_scheme(said) == whole


def linked(href: str) -> Parts:
    return compiled(body(f'<mj-section><mj-column><mj-text><a href="{href}">x</a></mj-text></mj-column></mj-section>'))


def test_links_without_a_scheme_get_one_and_relative_ones_are_refused() -> None:
    assert linked("example.com/offers").links == ["https://example.com/offers"]
    assert linked("mailto:a@b.test").links == linked("tel:+1").links == linked("#top").links == []
    with pytest.raises(Invalid, match="leads nowhere in a mail: write the whole address"):
        linked("/offers")
    button = BlockSource.model_validate(
        {"blocks": [{"id": "b", "type": "button", "label": "x", "href": "example.com"}]}
    )
    parts = compile_template(button, subject="s", preheader="", known=[], purpose="transactional")
    assert parts.links == ["https://example.com"]


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer(secret=SECRET) as shared:
        yield shared


def sent(renderer: Renderer, subject: str, html: str, text: str = "", **customer: object) -> Rendered | RenderFailure:
    [result] = renderer.render(Compiled(uuid7(), subject, "", html, text, (), ()), [{"customer": customer}])
    return result


def test_a_link_from_a_field_without_a_scheme_works(renderer: Renderer) -> None:
    result = sent(renderer, "s", "{{ customer.url | signed_target }}", url="example.com")
    assert isinstance(result, Rendered)
    assert read_target(SECRET, result.html) == "https://example.com"


@pytest.mark.parametrize(
    ("subject", "html", "reason"),
    [
        ("{% if customer.x %}Hi{% endif %}", "<p>a</p>", "The subject is empty."),
        ("Hi", "<p>&nbsp;{{ customer.x }}</p><!-- note -->", "The message is empty."),
        ("Hi", "<a href='{{ customer.x | signed_target }}'>a</a>", "A link is empty."),
    ],
)
def test_nothing_half_empty_is_sent(renderer: Renderer, subject: str, html: str, reason: str) -> None:
    assert sent(renderer, subject, html, x=None) == RenderFailure(Reason.EMPTY, reason)
    assert isinstance(sent(renderer, subject, html, x="https://a.test"), Rendered)


def test_a_message_of_pictures_is_not_empty(renderer: Renderer) -> None:
    assert isinstance(sent(renderer, "Hi", '<img src="https://a.test/b.png" width="600">'), Rendered)
