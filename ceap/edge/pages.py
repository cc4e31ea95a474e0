"""The few pages a recipient may see: unsubscribe, unsubscribed, a link that is damaged or leads nowhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

_STYLE = """
:root { color-scheme: light dark; --ground: #f6f7f9; --card: #fff; --ink: #16181d; --soft: #4b5263;
  --accent: #1d4ed8; --on: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #111318; --card: #1b1e25; --ink: #eceef2; --soft: #b3b9c6; --accent: #8ab0ff; --on: #0b1020; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 16px; background: var(--ground);
  color: var(--ink); font: 17px/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 30rem; background: var(--card); border-radius: 12px; padding: 28px 24px; }
h1 { font-size: 1.4rem; line-height: 1.25; margin: 0 0 .6rem; } p { margin: 0 0 1.2rem; color: var(--soft); }
p:last-child { margin: 0; } a { color: var(--accent); overflow-wrap: anywhere; }
button { width: 100%; min-height: 48px; border: 0; border-radius: 8px; background: var(--accent); color: var(--on);
  font: inherit; font-weight: 600; cursor: pointer; }
button:focus-visible { outline: 3px solid var(--ink); outline-offset: 3px; }
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS = {
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
    "x-content-type-options": "nosniff",
}


_INCOMPLETE = "This link is not complete"


@dataclass(frozen=True)
class Sender:
    """Who a message is from: the organisation, the email addresses at which it reads, its postal address (lines)."""

    name: str
    addresses: Sequence[str] = ()
    postal_address: str = ""


def confirm(organisation: str) -> str:
    """The page behind the unsubscribe link: one button, which alone acts."""
    return _page(
        "Unsubscribe",
        f"<p>Press the button to stop getting these messages from {escape(organisation)}.</p>"
        '<form method="post"><button type="submit">Unsubscribe</button></form>',
    )


def done(organisation: str) -> str:
    """What is said once the opt-out is stored."""
    return _page(
        "You are unsubscribed",
        f"<p>{escape(organisation)} will not send you these messages any more. You can close this page.</p>",
    )


def later() -> str:
    """What is said when the opt-out could not be stored."""
    return _page(
        "Please try again",
        "<p>We could not store your choice just now; nothing was changed. Please press the button again.</p>"
        '<form method="post"><button type="submit">Unsubscribe</button></form>',
    )


def trial() -> str:
    """What the unsubscribe link of a test message says."""
    return _page(
        "This was a test message", "<p>Nothing was changed: the link belongs to a test, not to a customer.</p>"
    )


def incomplete(sender: Sender) -> str:
    """An unsubscribe link that names no message: nothing was stored, and this is how to be heard all the same."""
    return _page(
        _INCOMPLETE,
        "<p>Nothing was changed: you are <strong>not</strong> unsubscribed. A part of the link is missing or was "
        f"altered on its way, so we cannot tell whose it is. Open it once more from the message. {_ways(sender)}</p>",
    )


def nowhere(sender: Sender) -> str:
    """A link that leads to no known target."""
    return _page(
        _INCOMPLETE,
        "<p>A part of it is missing, was altered on its way, or leads to what is no longer there. Open it once more "
        f"from the message. {_ways(sender)}</p>",
    )


def _ways(sender: Sender) -> str:
    """How to write to the organisation."""
    name, post = escape(sender.name), "<br>".join(escape(line) for line in sender.postal_address.splitlines() if line)
    mails = " or ".join(f'<a href="mailto:{quote(one, safe="@+")}">{escape(one)}</a>' for one in sender.addresses)
    how = f"Or write to {name} at {mails}" if mails else f"Answer the message or write to {name}"
    return f"{how}{', or by post' if mails else ''}:</p><p>{post}" if post else f"{how}."


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><main><h1>{title}</h1>{body}</main></body></html>"
    )
