"""The tracking links of a delivery: how they are written into a mail and read back by the data plane."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from html import escape
from urllib.parse import urlsplit

_BARE = re.compile(r"(?:[\w-]+\.)+([^\W\d_][\w-]+)(?::\d{1,5})?(?:[/?#]\S*)?")  # example.com/offers
_FILES = {"asp", "aspx", "gif", "htm", "html", "jpeg", "jpg", "jsp", "js", "pdf", "php", "png", "svg", "txt", "xhtml"}
_TOKEN = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_QUOTED = re.compile(r"=\r?\n|^=3[Dd]")
_SALT = b"ceap.link.v1"


def click_url(edge_url: str, token: str) -> str:
    """The click link of the delivery with `token`, to be followed by `/<n>` and perhaps `?u=<signed target>`."""
    return f"{edge_url.rstrip('/')}/c/{token}"


def open_url(edge_url: str, token: str) -> str:
    """The open pixel of the delivery with `token`."""
    return f"{edge_url.rstrip('/')}/o/{token}.gif"


def unsubscribe_url(edge_url: str, token: str) -> str:
    """The one-click unsubscribe link (RFC 8058) of the delivery with `token`."""
    return f"{edge_url.rstrip('/')}/u/{token}"


def part_without(link: str, html: str, text: str) -> str:
    """The part of a message ("HTML", "plain text") that does not name a link, if it has the part; "" for none."""
    if html.strip() and escape(link) not in html:
        return "HTML"
    return "" if link in text or not text.strip() else "plain text"


def tokens_in(text: str) -> tuple[str, str]:
    """What may be the token in a part of a link, without what a mail program or a person put around it; "" for none.

    A token is made of letters, digits, "-" and "_". The second is the first without such signs at its end, which a
    token can have, and so can the text around it. Text that was left quoted-printable is read: a soft line break
    inside, "=3D" in front.
    """
    found = _TOKEN.search(_QUOTED.sub("", text))
    token = found.group() if found else ""
    return token, token.rstrip("-_")


def _signature(secret: str, url: bytes) -> bytes:
    key = hmac.digest(secret.encode(), _SALT, hashlib.sha256)
    return hmac.digest(key, url, hashlib.sha256)[:16]


def sign_target(secret: str, url: str) -> str:
    """`url` with its signature, safe inside a query string: only this installation can make one."""
    raw = url.encode()
    return base64.urlsafe_b64encode(_signature(secret, raw) + raw).decode().rstrip("=")


def read_target(secret: str, value: str) -> str | None:
    """The URL in `value`; None unless `sign_target` made it with `secret` and it is an http(s) address."""
    try:
        raw = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
        url = raw[16:].decode()
    except ValueError:
        return None
    if not hmac.compare_digest(raw[:16], _signature(secret, raw[16:])):
        return None
    return url if is_web_address(url) else None


def with_scheme(text: str) -> str:
    """`text` as people write a web address, with https:// in front where it begins with a host: example.com/offers.

    Anything else (another scheme, an anchor, a path without a host) comes back as it is.
    """
    if text.startswith("//"):
        return f"https:{text}"
    found = _BARE.fullmatch(text)
    return f"https://{text}" if found and found.group(1).lower() not in _FILES else text


def is_web_address(url: str) -> bool:
    """Whether a redirect to `url` is safe to write into a Location header: http(s), a host, nothing unprintable."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and url.isprintable() and " " not in url
    except ValueError:
        return False
