"""Empty fields, and moments: what templates print of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from ceap.content.compiler.variables import LiquidFault, paths
from ceap.content.contracts import ZONE, Compiled, Rendered
from ceap.content.renderer.environment import environment
from ceap.content.rendering import Renderer
from ceap.kit.clock import frozen
from ceap.kit.ids import uuid7

ARGUMENTS = {
    "append": ": 'x'", "at_least": ": 1", "at_most": ": 1", "concat": ": other", "date": ": '%d %B'",
    "divided_by": ": 2", "find": ": 'a'", "find_index": ": 'a'", "has": ": 'a'", "in_zone": ": 'Asia/Tokyo'",
    "map": ": 'a'", "minus": ": 1", "modulo": ": 2", "plus": ": 1", "prepend": ": 'x'", "reject": ": 'a'",
    "remove": ": 'a'", "remove_first": ": 'a'", "remove_last": ": 'a'", "replace": ": 'a', 'b'",
    "replace_first": ": 'a', 'b'", "replace_last": ": 'a', 'b'", "slice": ": 0, 3", "split": ": ','",
    "times": ": 2", "where": ": 'a'",
}  # fmt: skip
SAYS = {"append": "x", "prepend": "x", "size": "0"}  # what stands beside the field, and how many words it has


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer(secret="s" * 40) as shared:
        yield shared


def text(renderer: Renderer, source: str, zone: str = "America/New_York", **customer: object) -> str:
    version = Compiled(uuid7(), "", "", "", source, (), ())
    [result] = renderer.render(version, [{"customer": customer, ZONE: zone}])
    assert isinstance(result, Rendered), result
    return result.text


@pytest.mark.parametrize("empty", ["customer.bare", "customer.gone", "gone"])
@pytest.mark.parametrize("escape", [True, False])
def test_an_empty_field_prints_nothing_in_every_filter(empty: str, escape: bool) -> None:
    env = environment(escape=escape)
    for name in env.filters.keys() - {"signed_target"}:  # the compiler's own: an empty link is not sent
        source = f"[{{{{ {empty} | {name}{ARGUMENTS.get(name, '')} }}}}]"
        assert (name, env.from_string(source).render(customer={"bare": None}, other=[])) == (
            name, f"[{SAYS.get(name, '')}]",
        )  # fmt: skip


@pytest.mark.parametrize("name", sorted(environment(escape=True).filters.keys() - {"signed_target"}))
def test_two_filters_over_an_empty_field_never_break_or_print_none(name: str) -> None:
    env = environment(escape=True)
    for after in env.filters.keys() - {"signed_target"}:
        source = f"{{{{ customer.bare | {name}{ARGUMENTS.get(name, '')} | {after}{ARGUMENTS.get(after, '')} }}}}"
        if after in ("concat", "find", "find_index", "has", "map", "reject", "where", "sum", "sort", "sort_natural"):
            continue  # of text and numbers they are refused, as everywhere in Liquid
        assert "None" not in env.from_string(source).render(customer={"bare": None}, other=[])


def test_what_is_empty_inside_a_list_is_left_out(renderer: Renderer) -> None:
    assert text(renderer, "[{{ customer.tags | join: ', ' }}]", tags=["a", None, "b"]) == "[a, b]"


def test_the_default_of_an_empty_field_comes_after_any_filter(renderer: Renderer) -> None:
    assert text(renderer, '{{ customer.born | date: "%d" | default: "soon" }}', born=None) == "soon"


ENDS = datetime(2027, 1, 1, 4, 30, tzinfo=UTC)  # 31 December, 23:30 in New York


def test_a_moment_is_in_the_zone_of_the_recipient(renderer: Renderer) -> None:
    source = '{{ customer.ends | date: "%d %B %Y" }}, {{ customer.ends }}'
    assert text(renderer, source, ends=ENDS) == "31 December 2026, 2026-12-31 23:30"
    assert text(renderer, source, "Asia/Jakarta", ends=ENDS) == "01 January 2027, 2027-01-01 11:30"
    assert text(renderer, '{{ customer.ends | date: "%H:%M %Z" }}', "Asia/Kolkata", ends=ENDS) == "10:00 IST"


def test_a_template_can_ask_for_another_zone(renderer: Renderer) -> None:
    source = '{{ customer.ends | in_zone: "Asia/Tokyo" | date: "%d %B, %H:%M" }}'
    assert text(renderer, source, ends=ENDS) == "01 January, 13:30"
    assert text(renderer, '{{ customer.born | in_zone: "Asia/Tokyo" | date: "%d" }}', born="1990-05-04") == "04"


def test_now_is_the_day_where_the_recipient_lives(renderer: Renderer) -> None:
    with frozen(ENDS):
        assert text(renderer, '{{ "now" | date: "%d %B %Y" }}') == "31 December 2026"
        assert text(renderer, '{{ "now" | date: "%d %B %Y" }}', "Asia/Jakarta") == "01 January 2027"


def test_a_day_without_a_time_is_the_same_day_everywhere(renderer: Renderer) -> None:
    source = '{{ customer.born | date: "%d %B %Y" }}'
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", ""):
        assert text(renderer, source, zone, born="1990-05-04") == "04 May 1990"


@pytest.mark.parametrize("odd", ["not a date", "9999-99-99", "0001-01-01T00:00:00Z", 10**18, -1, "9" * 400])
def test_what_is_no_date_comes_back_as_it_is_or_as_a_date(renderer: Renderer, odd: object) -> None:
    assert text(renderer, '[{{ customer.odd | date: "%Y" }}]', odd=odd) != "[]"


def test_a_zone_that_does_not_exist_is_refused_when_the_template_is_saved() -> None:
    with pytest.raises(LiquidFault, match="there is no time zone “Asia/Jakarta2”"):
        paths('{{ customer.ends | in_zone: "Asia/Jakarta2" }}')
    assert paths('{{ customer.ends | in_zone: "Asia/Jakarta" }}') == {"customer.ends"}
