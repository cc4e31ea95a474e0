"""A mail as one customer would see it, with what is missing marked in place."""

from __future__ import annotations

import atexit
import html
import re
import threading
from dataclasses import dataclass
from typing import Any

from ceap.content.compiler.compile import Parts
from ceap.content.contracts import Compiled, Rendered, RenderFailure, letterhead, placeholders
from ceap.content.renderer.environment import MISSING
from ceap.content.renderer.limits import ZONE
from ceap.content.rendering import Renderer
from ceap.kit.ids import uuid7

CLICK = "https://click.invalid"
TRACK = {
    "click": CLICK,
    "open": "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==",
    "unsubscribe": "https://unsubscribe.invalid",
}
_MARK = re.compile(f"{MISSING[0]}([^{MISSING[1]}]*){MISSING[1]}")
_TAG = re.compile(r"<[^<>]*>")
_STYLE = "background:#fde68a;color:#713f12;border-radius:3px;padding:0 3px;font-size:0.9em"
_PERSONAL = re.compile(re.escape(CLICK) + r"/\d+\?u=")
_STATIC = re.compile(re.escape(CLICK) + r"/(\d+)")


@dataclass(frozen=True)
class Preview:
    """`missing`: the variables this customer has no value for. `failure`: why it could not be rendered, else ""."""

    subject: str
    html: str
    text: str
    missing: list[str]
    failure: str


_shared: Renderer | None = None
_lock = threading.Lock()


def _renderer() -> Renderer:
    global _shared
    with _lock:
        if _shared is None:
            _shared = Renderer(preview=True, secret="")
            atexit.register(_shared.close)
        return _shared


def render_sample(parts: Parts) -> list[Rendered | RenderFailure]:
    """The template rendered for nobody and for somebody with a value everywhere, under the limits."""
    full: dict[str, Any] = {path.removeprefix("customer."): "1" for path in parts.variables}
    mapped = dict.fromkeys(placeholders(parts.variables), "1")
    given = {"organisation": letterhead("1", "1"), "track": TRACK}
    return _renderer().render(
        _as_compiled(parts),
        [{"customer": dict.fromkeys(full), **given}, mapped | {"customer": full, **given}],
    )


def preview(
    parts: Parts, customer: dict[str, Any], mapped: dict[str, Any] | None = None, zone: str = "UTC",
    organisation: dict[str, str] | None = None,
) -> Preview:  # fmt: skip
    """How the mail looks to a customer with these field values in `zone`, its placeholders filled with `mapped`.

    `organisation`: its `letterhead`.
    """
    known, free = _said(customer), placeholders(parts.variables)
    filled = _said({name: (mapped or {}).get(name) for name in free})
    fields = [path for path in parts.variables if path not in free]
    nobody = {path.removeprefix("customer."): None for path in fields}
    missing = [path for path in fields if path.removeprefix("customer.") not in known]
    missing += [name for name in free if name not in filled]
    ours = {"name": None, "address": None} | _said(organisation or {})
    context = dict.fromkeys(free) | filled
    context |= {"customer": nobody | known, "organisation": ours, "track": TRACK, ZONE: zone}
    [result] = _renderer().render(_as_compiled(parts), [context])
    if isinstance(result, RenderFailure):
        return Preview("", "", "", missing, result.detail)
    return Preview(
        _MARK.sub(r"[\1]", result.subject),
        _marked(_real_links(result.html, parts, escape=True)),
        _MARK.sub(r"[\1]", _real_links(result.text, parts, escape=False)),
        missing,
        "",
    )


def _said(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, "", [])}


def _as_compiled(parts: Parts) -> Compiled:
    return Compiled(
        uuid7(), parts.subject, parts.preheader, parts.html, parts.text, tuple(parts.variables), tuple(parts.links)
    )


def _real_links(rendered: str, parts: Parts, *, escape: bool) -> str:
    """The targets in place of tracked links (in previews nothing is signed)."""

    def target(match: re.Match[str]) -> str:
        url = parts.links[int(match.group(1))]
        return html.escape(url) if escape else url

    return _STATIC.sub(target, _PERSONAL.sub("", rendered))


def _marked(page: str) -> str:
    """Names of missing variables: highlighted in text, plain inside tags."""
    page = _TAG.sub(lambda tag: _MARK.sub(r"[\1]", tag.group()), page)
    return _MARK.sub(rf'<mark style="{_STYLE}">\1</mark>', page)
