"""Liquid as templates may use it: no loader, every limit on, nothing that gets around escaping."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, TextIO
from urllib.parse import quote, urlsplit

from liquid import BoundTemplate, Environment, RenderContext, is_undefined
from liquid.builtin.expressions.primitive import Blank, StringLiteral
from liquid.builtin.output import Output, OutputNode
from liquid.exceptions import LiquidError
from liquid.stringify import to_liquid_string
from markupsafe import Markup

from ceap.content.renderer.moments import Place
from ceap.core.links import with_scheme

OUTPUT_LIMIT = 2_000_000
LOOP_LIMIT = 20_000
NAMESPACE_LIMIT = 1_000_000

# include, render: there are no other templates. tablerow writes its own HTML, which mail programs break.
# raw (read by the lexer, refused by the compiler) would write what it holds as it is.
NO_TAGS = ("include", "render", "tablerow")
# safe: would let a value skip escaping. escapejs: mails have no scripts. base64: hides what is sent.
NO_FILTERS = (
    "safe", "escapejs", "base64_encode", "base64_decode", "base64_url_safe_encode", "base64_url_safe_decode",
)  # fmt: skip

# The only filters whose result is markup; every other one works on text, which is escaped when it is written.
MARKUP_FILTERS = ("escape", "escape_once", "newline_to_br")

# Numbered placeholders, as templates of WhatsApp have them: in Liquid `{{ 1 }}` would be the number itself.
NUMBERED = re.compile(r"({{-?\s*)([1-9]\d?)(?=\s*(?:-?}}|\|\s*default\b))")

MISSING = ("\ue000", "\ue001")  # around the name of a missing variable in previews


def _text_of(literal: StringLiteral, context: object) -> str:
    return literal.value


# Upstream, a string literal of an autoescaping template is markup: a template could then write any tag it likes.
StringLiteral.evaluate = _text_of  # type: ignore[method-assign, assignment]


def as_text(filter_: Callable[..., Any]) -> Callable[..., Any]:
    """The filter with a result that is text, never markup."""

    @wraps(filter_)
    def filtered(*args: Any, **kwargs: Any) -> Any:
        result = filter_(*args, **kwargs)
        return str.__str__(result) if isinstance(result, Markup) else result

    return filtered


# Filters that have an answer for an empty field; every other one answers nothing with nothing. Text that is written
# beside a value (append, prepend) stays, an empty field has no words (size), and `default` is there for this.
ANSWER_NOTHING = ("default", "append", "prepend", "size", "signed_target")


def over_nothing(filter_: Callable[..., Any]) -> Callable[..., Any]:
    """The filter with nil and undefined answered by nil; nil in lists and arguments is left out, never "None"."""

    @wraps(filter_)
    def filtered(left: Any, *args: Any, **kwargs: Any) -> Any:
        if left is None or is_undefined(left):
            return None
        if isinstance(left, list | tuple):
            left = [one for one in left if one is not None and not is_undefined(one)]
        return filter_(left, *args, **kwargs)

    return filtered


class Personalisation(Environment):
    """The environment of every template; `autoescape` for HTML, not for text and subjects."""

    loop_iteration_limit = LOOP_LIMIT
    local_namespace_limit = NAMESPACE_LIMIT
    output_stream_limit = OUTPUT_LIMIT
    context_depth_limit = 20
    block_nesting_limit = 20
    suppress_blank_control_flow_blocks = False

    def from_string(self, source: str, *args: Any, **kwargs: Any) -> BoundTemplate:
        """As upstream; `{{ 1 }}` is the variable of that name."""
        return super().from_string(NUMBERED.sub(r'\1["\2"]', source), *args, **kwargs)


def _is_blank(blank: Blank, other: object) -> bool:
    return other is None or _blank_before(blank, other)


# An empty field is nil, and nil is blank, as in the original Liquid.
_blank_before = Blank.__eq__
Blank.__eq__ = _is_blank  # type: ignore[method-assign]


class ShownNode(OutputNode):
    """An output that writes its name when it has nothing to write, for previews."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        value = self.expression.evaluate(context)
        if value is None or value == "" or is_undefined(value):
            name = str(getattr(self.expression, "left", self.expression)).strip("[\"']")
            return buffer.write(f"{MISSING[0]}{name}{MISSING[1]}")
        return buffer.write(to_liquid_string(value, context.autoescape))


class ShownOutput(Output):
    """`{{ … }}` in previews."""

    node_class = ShownNode


class Hollow(LiquidError):
    """What would be sent is half empty; the message says which part."""

    def __init__(self, message: str):
        super().__init__(message, token=None)


def web_address(value: object) -> str:
    """`value` as an absolute http(s) address with everything unsafe percent-encoded; "" when it is none.

    Text captured in an HTML template arrives escaped and is taken back to what the customer's data says.
    """
    text = html.unescape(str(value)) if isinstance(value, Markup) else str(value)
    text = quote(with_scheme(text.strip()), safe="!#$%&'()*+,/:;=?@[]~-._")
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.hostname else ""


def environment(
    *, escape: bool, preview: bool = False, sign: Callable[[str], str] | None = None, place: Place | None = None
) -> Personalisation:
    """A fresh environment.

    Args:
        escape: whether values are HTML-escaped as they are written.
        preview: whether missing variables show their name.
        sign: makes the value of `?u=` out of an address; without it the filter gives the address itself.
        place: where the recipient lives, for dates; UTC without it.
    """
    env = Personalisation(autoescape=escape)
    if preview:
        env.add_tag(ShownOutput)
    for tag in NO_TAGS:
        del env.tags[tag]
    for name in NO_FILTERS:
        env.filters.pop(name, None)

    place = place or Place()
    env.add_filter("date", place.date)
    env.add_filter("in_zone", place.in_zone)
    for name in env.filters.keys() - set(MARKUP_FILTERS):
        env.filters[name] = as_text(env.filters[name])
    for name in env.filters.keys() - set(ANSWER_NOTHING):
        env.filters[name] = over_nothing(env.filters[name])

    def signed_target(value: object) -> str:
        target = web_address(value)
        if not target and not preview:
            said = "" if value is None or is_undefined(value) else str(value).strip()
            raise Hollow(f"A link leads nowhere: “{said[:80]}” is no web address." if said else "A link is empty.")
        return sign(target) if target and sign else target

    env.add_filter("signed_target", signed_target)
    env.add_filter("web_address", web_address)
    return env
