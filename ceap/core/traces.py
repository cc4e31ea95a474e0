"""What a person can be recognised by in text that does not say whose it is, and taking it out of there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from unicodedata import normalize
from urllib.parse import quote

from ceap.core import addresses

ERASED = "[erased]"
_SEPARATORS = r"[\s().\-/\u00a0]*"
SHORTEST_PHONE = 7  # digits: a shorter number is a quantity more often than a phone
SHORTEST_ID = 6
SHORTEST_TEXT = 12


@dataclass(frozen=True)
class Traces:
    """What names one person: `emails` in lower case, `phones` in E.164, `ids` of other kinds, `names`, `texts` (notes).

    `ids` are looked for only where they cannot be a number or a word of something else: with letters and digits, or
    long. A name counts with two words or more.
    """

    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        emails: Iterable[str] = (),
        phones: Iterable[str] = (),
        ids: Iterable[str] = (),
        names: Iterable[str] = (),
        texts: Iterable[str] = (),
    ) -> Traces:
        """Traces of these values; those that would be found in the data of others are left out."""
        digits = (p for p in phones if len(re.sub(r"\D", "", p)) >= SHORTEST_PHONE)
        return cls(
            _unique(e.strip().lower() for e in emails if "@" in e),
            _unique(digits),
            _unique(i for i in ids if _telling(i)),
            _unique(n for n in names if len(n.split()) > 1 and len(n) >= SHORTEST_ID),
            _unique(t for t in texts if len(t.split()) > 1 and len(t) >= SHORTEST_TEXT),
        )

    def json(self) -> dict[str, list[str]]:
        """To be kept (sealed) until the erasure is over."""
        return {name: list(getattr(self, name)) for name in ("emails", "phones", "ids", "names", "texts")}

    @classmethod
    def read(cls, said: dict[str, list[str]]) -> Traces:
        """What `json` wrote."""
        return cls(**{name: tuple(values) for name, values in said.items()})

    def __bool__(self) -> bool:
        return any((self.emails, self.phones, self.ids, self.names, self.texts))

    def scrub(self, text: str) -> str:
        """`text` with `ERASED` in place of whatever names the person, in any case and way of writing."""
        if self._pattern is None or not text:
            return text
        text = self._pattern.sub(ERASED, text)
        for word in self._foreign:  # case folding beyond ASCII, as \u escapes
            text = text.replace(word, ERASED)
        return text

    def scrub_json(self, value: Any) -> Any:
        """A JSON value with every text in it scrubbed, keys too."""
        if isinstance(value, str):
            return self.scrub(value)
        if isinstance(value, dict):
            return {self.scrub(key): self.scrub_json(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.scrub_json(one) for one in value]
        return value

    def found_in(self, text: str) -> bool:
        """Whether `text` names the person."""
        return self.scrub(text) != text

    def names_row(self, cells: Iterable[str]) -> bool:
        """Whether one of these cells is an address or id of the person, as a file may write it."""
        return any(self._is_mine(cell.strip()) for cell in cells if cell)

    def blanked(self, content: bytes) -> bytes:
        """`content` (UTF-8 text, JSON too) with spaces in place of what names the person: its length stays."""
        if self._bytes is None:
            return content
        return self._bytes.sub(lambda found: b" " * len(found.group()), content)

    @cached_property
    def likes(self) -> tuple[str, ...]:
        """LIKE patterns (ASCII case ignored) of which at least one fits every text that `scrub` changes."""
        found = ["%".join(part for half in e.split("@", 1) for part in _plain_parts(half)) for e in self._emails]
        found += ["%".join(_digits(p)[-SHORTEST_PHONE:]) for p in self.phones]
        for text in self._worded:
            found.append("%".join(_plain_parts(text)))
        return tuple(f"%{one}%" for one in _unique(found) if len(one.replace("%", "")) >= 3)

    @cached_property
    def _emails(self) -> tuple[str, ...]:
        """The addresses as mails, files and forms spell them: composed or not, the domain in Unicode or in ASCII."""
        return _unique(way for email in self.emails for way in addresses.spellings(email))

    @cached_property
    def _worded(self) -> tuple[str, ...]:
        """Ids, names and notes, composed or not."""
        words = (*self.ids, *self.names, *self.texts)
        return _unique(normalize(form, word) for word in words for form in ("NFC", "NFD"))

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        parts = [_email(e) for e in self._emails] + [_phone(p) for p in self.phones]
        parts += [_words(t) for t in sorted(self._worded, key=len, reverse=True)]
        return re.compile("|".join(parts), re.IGNORECASE) if parts else None

    @cached_property
    def _foreign(self) -> tuple[str, ...]:
        words = (*self._emails, *self._worded)
        return _unique(way for word in words for way in _escaped(word) if way != word)

    @cached_property
    def _bytes(self) -> re.Pattern[bytes] | None:
        words = (*self._emails, *self.phones, *self._worded)
        cased = {case for word in words for case in (word, word.upper(), word.title())}  # bytes fold ASCII alone
        ways = {way for word in cased for way in (word, *_escaped(word))}
        if not ways:
            return None
        longest = sorted(ways, key=len, reverse=True)
        return re.compile(b"|".join(re.escape(way.encode()) for way in longest), re.IGNORECASE)

    def _is_mine(self, cell: str) -> bool:
        text = cell.casefold().lstrip("'")
        if text.removeprefix("mailto:") in self._emails or text in {one.casefold() for one in self.ids}:
            return True
        if any(f"<{email}>" in text for email in self._emails):
            return True
        digits = _digits(cell).removeprefix("00").lstrip("0")
        return len(digits) >= SHORTEST_PHONE and any(
            _digits(p).endswith(digits) and len(digits) >= len(_digits(p)) - 3 for p in self.phones
        )


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(v for v in (value.strip() for value in values) if v))


def _telling(id: str) -> bool:
    mixed = any(c.isdigit() for c in id) and any(c.isalpha() for c in id)
    return len(id) >= SHORTEST_ID and (mixed or len(id) >= 8)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _plain_parts(text: str) -> list[str]:
    """The ASCII runs of a text: what stands as it is in JSON, too."""
    return [part for part in re.split(r"[^a-zA-Z0-9@.+\-]+", text) if part]


def _escaped(text: str) -> tuple[str, ...]:
    """`text` as it stands in JSON that is ASCII only, in JSON, and in an address of the web."""
    return _unique((json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], quote(text), quote(text, "@")))


def _email(email: str) -> str:
    local, _, domain = email.partition("@")
    return rf"(?<![\w.+%-]){re.escape(local)}(?:@|%40){re.escape(domain)}(?!\w|-\w+\.|\.\w)"


def _phone(phone: str) -> str:
    """E.164 with any separators, or as written within the country: without its one to three first digits."""
    digits = _digits(phone)
    ways = [digits, *(digits[n:] for n in (1, 2, 3) if len(digits) - n >= 8)]
    return r"(?<!\d)(?:\+|00|0)?(?:" + "|".join(_SEPARATORS.join(way) for way in ways) + r")(?!\d)"


def _words(text: str) -> str:
    return r"(?<!\w)" + r"\s+".join(re.escape(word) for word in text.split()) + r"(?!\w)"
