"""The one form in which an address is compared: suppressions, identities, search, imports, unsubscribe links, bounces.

Two spellings of an address are the same address exactly when these functions make the same text of them. They are
total: text that is no address comes back tidied, so that comparing never fails. Whether it may be stored is for the
readers of values to say.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable, Iterator

import idna

_DOTS = re.compile("[\u3002\uff0e\uff61]")  # what UTS 46 reads as a full stop
_PHONE_NOISE = re.compile(r"[\s().\-/\u00a0\u2010-\u2015\u2212\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def is_plain(text: str) -> bool:
    """Whether the normal form of an email address is no more than its lower case, which SQL can make as well."""
    return text.isascii() and "xn--" not in text.lower()


def email(text: str) -> str:
    """The normal form of an email address: NFC, lower case, the domain in Unicode (IDNA 2008 with UTS 46).

    `USER@xn--exmple-cua.test` and `user@EXÄMPLE.test` are both `user@exämple.test`. For `is_plain` text it is the
    lower case without surrounding blanks. A domain that IDNA refuses stays as it is, in lower case.
    """
    text = text.strip()
    local, at, host = text.rpartition("@")
    if not at:
        return _lower(text)
    return f"{_lower(local)}@{domain(host)}"


def domain(text: str) -> str:
    """The normal form of a domain: lower case, labels in Unicode, no dot around it."""
    text = _trim(text)
    if is_plain(text):
        return text.lower()
    try:
        text = idna.uts46_remap(text, std3_rules=False, transitional=False)
    except idna.IDNAError:
        text = _lower(_DOTS.sub(".", text))
    return ".".join(_label(part) for part in _trim(text).split("."))


def spellings(text: str) -> tuple[str, ...]:
    """The ways in which an email address is written, in lower case: its normal form, that taken apart (NFD), and each
    of the two parts with the domain in ASCII (`xn--…`).
    """
    whole = email(text)
    local, _, host = whole.rpartition("@")
    try:
        plain = idna.encode(host).decode()
    except (idna.IDNAError, UnicodeError):
        plain = host
    apart = unicodedata.normalize("NFD", local)
    return tuple(dict.fromkeys((text.lower(), whole, f"{local}@{plain}", f"{apart}@{plain}",
                                unicodedata.normalize("NFD", whole))))  # fmt: skip


def phone(text: str) -> str:
    """The normal form of a phone number with its country prefix: E.164 without separators, e.g. +6281299990001.

    A number without a prefix has none: read it with the organisation's country first.
    """
    bare = _PHONE_NOISE.sub("", unicodedata.normalize("NFKC", text))
    if re.fullmatch(r"(\+|00)[0-9]+", bare):
        return "+" + bare.removeprefix("+").removeprefix("00") if bare[0] == "0" else bare
    return text.strip()


def normal(text: str) -> str:
    """The normal form of an address of any channel: of an email address, of a phone number, else without blanks."""
    text = text.strip()
    if "@" in text:
        return email(text)
    return phone(text) if text[:1] in ("+", "0", "(", "\uff0b") else text


def digest(key: bytes, address: str) -> str:
    """The keyed hash (HMAC-SHA256, hex) of an address's normal form.

    Equal addresses have equal digests; without `key` nobody can tell which address it is, not even by trying all.
    """
    return digest_of_normal(key, normal(address))


def digest_of_normal(key: bytes, address: str) -> str:
    """`digest` of an address that is in its normal form already."""
    return hmac.digest(key, address.encode("utf-8", "surrogatepass"), "sha256").hex()


def digests(key: bytes, addresses: Iterable[str]) -> Iterator[str]:
    """`digest_of_normal` of very many addresses, in order: HMAC (RFC 2104) with the key's two blocks hashed once."""
    block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    inner, outer = hashlib.sha256(bytes(b ^ 0x36 for b in block)), hashlib.sha256(bytes(b ^ 0x5C for b in block))
    for address in addresses:
        inside, outside = inner.copy(), outer.copy()
        inside.update(address.encode("utf-8", "surrogatepass"))
        outside.update(inside.digest())
        yield outside.hexdigest()


def _lower(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())


def _trim(text: str) -> str:
    while (shorter := text.strip().strip(".")) != text:
        text = shorter
    return text


def _label(text: str) -> str:
    if not text.startswith("xn--"):
        return text
    try:
        return unicodedata.normalize("NFC", idna.ulabel(text)).lower()
    except (idna.IDNAError, UnicodeError):
        return text
