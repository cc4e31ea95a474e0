"""A message as RFC 5322 / 2045 octets: 7-bit, CRLF, at most 998 octets a line, nothing a value could break out of."""

from __future__ import annotations

import re
from binascii import b2a_qp
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache

from ceap.core.ports import Message

_BREAK = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_ATOMS = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*")


class BadAddress(ValueError):
    """The address cannot be written into an envelope or a header."""


def one_line(value: str) -> str:
    """`value` without anything that could end a header line."""
    return (value if value.isprintable() else _BREAK.sub(" ", value)).strip()


@lru_cache(maxsize=256)
def address(value: str) -> str:
    """An address as it is written into envelopes and headers: its domain in ASCII.

    Raises:
        BadAddress: it has no domain, or holds what is not allowed there.
    """
    local, at, domain = value.strip().rpartition("@")
    if not at or not local or not domain or len(value) > 254 or re.search(r"[\s<>,;:\\\"()\[\]\x00-\x1f\x7f]", value):
        raise BadAddress(f"{one_line(value)[:100]!r} is not an address")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise BadAddress(f"{one_line(value)[:100]!r} has no valid domain") from error
    return f"{local}@{domain}"


def text(value: str, name_length: int = 0) -> str:
    """Free text as a header value: encoded (RFC 2047) when it is not ASCII or too long for one line."""
    value = one_line(value)
    if value.isascii() and len(value) + name_length < 900 and "=?" not in value:
        return value
    return Header(value, "utf-8", maxlinelen=75, header_name="X" * name_length).encode(linesep="\r\n")


def mailbox(name: str, email: str) -> str:
    """`Name <address>` as a header value."""
    name = one_line(name)
    if not name:
        return address(email)
    if not name.isascii():
        shown = text(name, 10)
    else:
        shown = name if _ATOMS.fullmatch(name) else '"' + name.replace("\\", r"\\").replace('"', r"\"") + '"'
    return f"{shown} <{address(email)}>"


def message_id(message: Message) -> str:
    """The Message-ID: the same for every attempt."""
    return f"<{message.key}@{address(message.from_address).rpartition('@')[2]}>"


_date = lru_cache(maxsize=16)(format_datetime)  # many messages are of one second


def build(message: Message) -> bytes:
    """The octets of `message`: multipart/alternative with the plain text first.

    Raises:
        BadAddress: sender, recipient or reply address cannot be written.
        ValueError: an extra header's name is not one.
    """
    boundary = f"=_{message.key}"
    headers = [
        f"From: {mailbox(message.from_name, message.from_address)}",
        f"To: {address(message.to)}",
        f"Subject: {text(message.subject, 9)}",
        f"Date: {_date(message.at.replace(microsecond=0))}",
        f"Message-ID: {message_id(message)}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
    ]
    if message.reply_to:
        headers.insert(2, f"Reply-To: {address(message.reply_to)}")
    for name, value in message.headers.items():
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of a header")
        headers.append(f"{name}: {text(value, len(name) + 2)}")
    parts = [_part("plain", message.text), _part("html", message.html)] if message.html else [
        _part("plain", message.text)
    ]  # fmt: skip
    edge = b"\r\n--" + boundary.encode()
    body = b"".join(edge + b"\r\n" + part for part in parts) + edge + b"--\r\n"
    return "\r\n".join(headers).encode("utf-8") + b"\r\n" + body


def _part(subtype: str, content: str) -> bytes:
    raw = content.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").encode("utf-8", "replace")
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: ".encode()
    if raw.isascii() and max(map(len, raw.split(b"\n"))) < 900:
        return head + b"7bit\r\n\r\n" + raw.replace(b"\n", b"\r\n")
    return head + b"quoted-printable\r\n\r\n" + b2a_qp(raw, istext=True).replace(b"\n", b"\r\n")
