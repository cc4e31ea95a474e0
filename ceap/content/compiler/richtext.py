"""Rich text made safe: the few tags that mail programs show alike, no scripts, no foreign styles."""

from __future__ import annotations

import html
import re
from html.entities import html5

import nh3

TAGS = {"p", "br", "b", "strong", "i", "em", "u", "s", "a", "span", "ul", "ol", "li", "sub", "sup", "blockquote"}
ATTRIBUTES = {"a": {"href", "title", "style"}, "span": {"style"}, "p": {"style"}, "li": {"style"}}
STYLES = {"color", "background-color", "font-weight", "font-style", "font-size", "text-decoration", "text-align"}
SCHEMES = {"http", "https", "mailto", "tel"}
_VOID = re.compile(r"<(br|hr|img)((?:\s[^<>]*?)?)\s*/?>")
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
_KEPT = {"amp", "lt", "gt", "quot", "apos"}


def numeric_entities(text: str) -> str:
    """`text` with HTML's named entities as characters, which XML understands."""

    def character(match: re.Match[str]) -> str:
        name = match.group(1)
        return match.group() if name in _KEPT else html5.get(f"{name};", match.group())

    return _ENTITY.sub(character, text)


def sanitised(markup: str) -> str:
    """Well-formed XHTML with only what is allowed; other tags go and their text stays, scripts go wholly."""
    clean = nh3.clean(
        markup,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel=None,
        filter_style_properties=STYLES,
        strip_comments=True,
    )
    return numeric_entities(_VOID.sub(r"<\1\2/>", clean))


def attribute(value: str) -> str:
    """`value` for use inside a double-quoted attribute."""
    return html.escape(value, quote=True)


def words(value: str) -> str:
    """Plain text as markup; line ends become <br/>."""
    return html.escape(value, quote=False).replace("\n", "<br/>")
