"""The limited child process: one bad template or recipient never hurts the others."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markupsafe import escape

from ceap.content.contracts import Compiled, Reason, Rendered, RenderFailure
from ceap.content.renderer.environment import environment
from ceap.content.renderer.limits import Limits
from ceap.content.rendering import Renderer
from ceap.core.links import read_target
from ceap.kit.ids import uuid7
from tests.counts import often

SECRET = "s" * 40
BOMBS = {
    "an endless join": "{{ (1..30000000) | join: ',' | size }}",
    "nested loops": "{% for a in (1..100000) %}{% for b in (1..100000) %}{{ a }}{% endfor %}{% endfor %}",
    "a doubling string": "{% assign s = 'aaaaaaaa' %}{% for i in (1..40) %}{% assign s = s | append: s %}{% endfor %}",
    "a huge split": "{% assign a = (1..9000000) | join: ',' | split: ',' | sort %}{{ a | size }}",
}


def version(html: str = "", *, subject: str = "", text: str = "") -> Compiled:
    return Compiled(uuid7(), subject, "", html, text, (), ())


def customer(**values: object) -> dict[str, object]:
    return {"customer": values}


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer(secret=SECRET) as shared:
        yield shared


def test_each_recipient_gets_its_own_message_in_order(renderer: Renderer) -> None:
    template = version(
        "<p>{{ customer.full_name }}</p>", subject="Hi {{ customer.full_name }}", text="{{ customer.n }}"
    )
    results = renderer.render(template, [customer(full_name=f"C{i}", n=i) for i in range(450)])
    assert results == [Rendered(f"Hi C{i}", f"<p>C{i}</p>", str(i)) for i in range(450)]


def test_a_subject_stays_a_single_line_whatever_the_data_says(renderer: Renderer) -> None:
    template = version(subject="Hi {{ customer.full_name }}")
    [result] = renderer.render(template, [customer(full_name="Eve\r\nBcc: all@example.test\u2028x")])
    assert isinstance(result, Rendered)
    assert result.subject == "Hi Eve Bcc: all@example.test x"


def test_decimals_read_as_numbers(renderer: Renderer) -> None:
    template = version(text="{{ customer.a }} {{ customer.b }} {{ customer.c | default: 'none' }}")
    [result] = renderer.render(template, [customer(a=Decimal("12.0000"), b=Decimal("12.5000"), c=None)])
    assert isinstance(result, Rendered)
    assert result.text == "12 12.5 none"


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_fails_only_its_own_recipients(renderer: Renderer, bomb: str) -> None:
    template = version("{% if customer.bad %}" + bomb + "{% endif %}fine")
    started = time.monotonic()
    results = renderer.render(template, [customer(bad=i in (1, 4)) for i in range(6)])
    assert time.monotonic() - started < 20
    failures = [i for i, result in enumerate(results) if isinstance(result, RenderFailure)]
    assert failures == [1, 4]
    assert {results[i].reason for i in failures} <= {Reason.TIMEOUT, Reason.MEMORY, Reason.ERROR}  # type: ignore[union-attr]
    assert all(result.html == "fine" for result in results if isinstance(result, Rendered))


def test_memory_is_limited_even_when_time_is_not() -> None:
    with Renderer(secret=SECRET, limits=Limits(cpu=30, wall=60, memory=256 << 20)) as patient:
        template = version("{% if customer.bad %}{{ (1..30000000) | join: ',' | size }}{% endif %}fine")
        results = patient.render(template, [customer(bad=True), customer(bad=False)])
    assert isinstance(results[0], RenderFailure)
    assert results[0].reason is Reason.MEMORY
    assert results[1] == Rendered("", "fine", "")


def test_a_message_that_is_too_large_is_refused(renderer: Renderer) -> None:
    template = version("{% for i in (1..15000) %}" + "x" * 200 + "{% endfor %}")
    [result] = renderer.render(template, [customer()])
    assert isinstance(result, RenderFailure)
    assert result.reason is Reason.TOO_LARGE


def test_a_template_that_cannot_be_read_fails_every_recipient_with_the_reason(renderer: Renderer) -> None:
    results = renderer.render(version("{% if %}"), [customer(), customer()])
    assert [r.reason for r in results if isinstance(r, RenderFailure)] == [Reason.ERROR, Reason.ERROR]


def test_a_killed_child_is_replaced_and_nobody_is_lost() -> None:
    with Renderer(secret=SECRET) as fragile:
        template = version("{{ customer.n }}")
        fragile.render(template, [customer(n=0)])
        assert fragile._child
        os.kill(fragile._child.process.pid, signal.SIGKILL)
        results = fragile.render(template, [customer(n=i) for i in range(500)])
    assert results == [Rendered("", str(i), "") for i in range(500)]


def test_a_child_that_dies_in_the_middle_of_a_batch_gives_every_recipient_exactly_one_result() -> None:
    import threading

    with Renderer(secret=SECRET) as fragile:
        template = version("{% for i in (1..400) %}{{ customer.n }}{% endfor %}")
        fragile.render(template, [customer(n=0)])
        stop = threading.Event()

        def assassin() -> None:
            while not stop.wait(0.1):
                if child := fragile._child:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(child.process.pid, signal.SIGKILL)
                    return

        thread = threading.Thread(target=assassin)
        thread.start()
        results = fragile.render(template, [customer(n=i) for i in range(500)])
        stop.set()
        thread.join()
    assert [r.html for r in results if isinstance(r, Rendered)] == [str(i) * 400 for i in range(500)]


def test_without_the_limits_a_bomb_holds_everybody_up() -> None:
    """The planted bug: an unlimited child is still at it when the limited one would long have answered."""
    import threading

    with Renderer(secret=SECRET, limits=Limits(cpu=3600, wall=3600, memory=8 << 30, output=1 << 40)) as unlimited:
        loops = (
            "{% assign n = 0 %}"
            + "{% for a in (1..140) %}{% for b in (1..140) %}{{ 'a b c' | split: ' ' | join: ',' }}" * 1
        )
        template = version(loops + "{{ (1..9000000) | join: ',' | size }}{% endfor %}{% endfor %}")
        done = threading.Event()
        worker = threading.Thread(target=lambda: (unlimited.render(template, [customer()]), done.set()), daemon=True)
        worker.start()
        assert not done.wait(3)
        assert unlimited._child
        unlimited._child.process.kill()
        assert not done.wait(1)  # it tries this recipient once more in a new child
        while not done.wait(0.2):
            if child := unlimited._child:
                child.process.kill()
        worker.join(30)


@settings(max_examples=often(60, 300), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.text(st.characters(codec="utf-8"), max_size=60))
def test_a_value_is_written_escaped_in_html_and_as_it_is_in_text(renderer: Renderer, value: str) -> None:
    [result] = renderer.render(ECHO, [customer(v=value)])
    lines = value.replace("\r\n", "\n").replace("\r", "\n")  # line ends are written as one newline
    assert result == Rendered("", f'<p>{escape(lines)}</p><img src="a">', lines)


ECHO = version('<p>{{ customer.v }}</p><img src="a">', text="{{ customer.v }}")
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=y>"


@pytest.mark.req("C-15")
@pytest.mark.parametrize("name", sorted(environment(escape=True).filters))
def test_no_filter_lets_a_customers_markup_through(name: str) -> None:
    env = environment(escape=True)
    from urllib.parse import quote

    for value in (EVIL, quote(EVIL), [EVIL], {"a": EVIL}):
        for call in (
            name,
            f"{name}: customer.v",
            f"{name}: 'a', customer.v",
            f"{name}: customer.v, 'a'",
            f"{name}: 'a'",
        ):
            for tail in ("", " | join: '<br>'", " | first"):
                source = (
                    "{% assign x = customer.v | "
                    + call
                    + tail
                    + " %}{{ x }}{% capture y %}{{ x }}{% endcapture %}{{ y }}"
                )
                try:
                    out = env.from_string(source).render(customer={"v": value})
                except Exception:
                    continue
                assert "<script" not in out, source
                assert "<img" not in out, source


def test_personal_links_are_signed_and_only_web_addresses_are(renderer: Renderer) -> None:
    template = version(
        '<a href="{% capture u %}https://shop.test/?a=1&amp;n={{ customer.v }}{% endcapture %}'
        '{{ u | signed_target }}">',
        text="x{% if customer.w %}{{ customer.w | signed_target }}{% endif %}",
    )
    people = [customer(v='Zoë & <b>"Q" %41', w=None), customer(v="", w="javascript:alert(1)")]
    [result, refused] = renderer.render(template, people)
    assert isinstance(result, Rendered)
    assert refused == RenderFailure(Reason.EMPTY, "A link leads nowhere: “javascript:alert(1)” is no web address.")
    target = read_target(SECRET, result.html.removeprefix('<a href="').removesuffix('">'))
    assert target == "https://shop.test/?a=1&n=Zo%C3%AB%20&%20%3Cb%3E%22Q%22%20%41"
    assert result.text == "x"
