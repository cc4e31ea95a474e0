"""The loop of the child that renders, run in this process, answers as the child does: so its lines can be counted."""

from __future__ import annotations

import io
import resource
import signal
import sys
from collections.abc import Iterator
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

import pytest

from ceap.content.contracts import Compiled, Rendered, RenderFailure
from ceap.content.renderer import __main__ as child
from ceap.content.renderer import frames
from ceap.content.renderer.limits import Limits
from ceap.content.rendering import Renderer
from ceap.kit.clock import now
from ceap.kit.ids import uuid7

SECRET = "s" * 40
LIMITS = Limits(output=400)
PARTS = {  # subject, HTML, text
    "a message": ("Hi {{ customer.name }}", "<p>{{ customer.name }} {{ 'x' | upcase }}</p>", "Hi {{ customer.name }}"),
    "an empty subject": ("{{ customer.none }}", "<p>x</p>", "x"),
    "nothing to see": ("S", "<style>a</style>{{ customer.none }}", ""),
    "a picture": ("S", '<img src="https://a.test/p.png">', ""),
    "too large": ("S", "{{ customer.long }}", ""),
    "a link that leads nowhere": ("S", "{{ customer.name | signed_target }}", "x"),
    "a link": ("S", "{{ customer.url | signed_target }}", "x"),
    "an endless loop": ("S", "{% for a in (1..9000) %}{% for b in (1..9000) %}{% endfor %}{% endfor %}", "x"),
    "what cannot be read": ("S", "{% if %}", "x"),
    "lines that conditions left empty": ("S", "", "a\n\n{% if customer.none %}b{% endif %}\n\n\nc"),
    "a moment of the recipient": ("{{ customer.at | date: '%H:%M' }}", "x", "{{ 'now' | date: '%Y' }}"),
    "a moment elsewhere": ("{{ customer.at | in_zone: 'Asia/Tokyo' | date: '%H:%M' }}", "x", "x"),
}
CONTEXT = {"customer": {"name": "Ann", "long": "x" * 500, "url": "a.test/1", "at": now()}, "@zone": "Asia/Colombo"}


@pytest.fixture
def signals() -> Iterator[None]:
    kept = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGPROF)}
    yield
    for one, handler in kept.items():
        signal.signal(one, handler)


def answers(monkeypatch: pytest.MonkeyPatch, preview: bool, versions: list[Compiled]) -> list[Any]:
    """What the loop writes to the frames that a parent would send."""
    told: list[dict[str, Any]] = [{"secret": SECRET, "limits": asdict(LIMITS)}]
    for one in versions:
        parts = {"subject": one.subject, "html": one.html, "text": one.text}
        told.append({"op": "load", "id": str(one.id), "preview": preview} | parts)
        told.append({"op": "render", "id": str(one.id), "contexts": [CONTEXT], "now": now()})
    said = io.BytesIO()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"".join(map(frames.pack, told)))))
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=said))
    monkeypatch.setattr(resource, "setrlimit", lambda *_: None)  # this process has other tests to run
    child.main()
    said.seek(0)
    return list(iter(lambda: frames.read(said), None))


@pytest.mark.parametrize("preview", [False, True])
@pytest.mark.usefixtures("signals")
def test_the_loop_answers_as_the_child_does(monkeypatch: pytest.MonkeyPatch, preview: bool) -> None:
    versions = [Compiled(uuid7(), subject, "", html, text, (), ()) for subject, html, text in PARTS.values()]
    found = answers(monkeypatch, preview, versions)
    with Renderer(secret=SECRET, limits=LIMITS, preview=preview) as renderer:
        for name, one, loaded, rendered in zip(PARTS, versions, found[::2], found[1::2], strict=True):
            [wanted] = renderer.render(one, [CONTEXT])
            if loaded["failed"]:
                assert wanted == RenderFailure(loaded["failed"], loaded["detail"]), name
            elif isinstance(wanted, Rendered):
                assert rendered == [wanted.subject, wanted.html, wanted.text], name
            else:
                assert rendered == [str(wanted.reason), wanted.detail], name
