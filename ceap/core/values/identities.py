"""What recognises a customer, in the one form in which it is stored and compared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ceap.core import addresses
from ceap.core.values import contacts
from ceap.core.values.text import visible

LIMITS = {"customer_id": 120}
LONGEST = 254
# What stands where an identity is missing; * stands for anything. The organisation's setting begins with these.
PLACEHOLDERS = (
    "0", "00", "000", "0000", "00000", "n/a", "na", "n.a.", "#n/a", "nan", "nil", "null", "(null)", "<null>", "none",
    "undefined", "unknown", "anonymous", "not available", "not set", "no email", "no phone", "#ref!", "#value!",
    "#name?", "#num!", "#null!", "#div/0!", "test@test.*", "none@none.*", "na@na.*", "no@no.*", "null@null.*",
    "noemail@*", "no-email@*", "no_email@*", "email@email.*", "unknown@unknown.*", "abc@abc.*", "xxx@xxx.*",
    "asdf@asdf.*",
)  # fmt: skip
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\[object \w+\]|\{\}|\[\]"), "is what a program wrote for something that it had not got"),
    (re.compile(r".*(\{\{|\}\}|\$\{|<%|%>|\{%|\*\||\|\*).*"), "is the variable of a template that nobody filled in"),
    (
        re.compile(r"[+-]?\d+([.,]\d+)?[eE]\+\d+|[+-]?\d+[.,]\d+[eE]-?\d+"),
        "was damaged by a spreadsheet (1.23E+15): its last digits are lost; export the column as text",
    ),
    (re.compile(r"\d+[.,]0+"), "was damaged by a spreadsheet (it ends in .0); export the column as text"),
    (re.compile(r"[\W_]*"), "has no letter and no digit"),
)
# SQL (RE2) for what may be refused by these rules; `placeholder` decides.
SUSPECT = r"[\[\]{}<>%*|]|^[+-]?\d+[.,]?\d*[eE]|^\d+[.,]0+$|^[^A-Za-z0-9]*$"


@dataclass(frozen=True)
class Reading:
    """What reading an identity depends on: the country of phone numbers without a prefix ("ID"; "" = none), and what
    counts as a placeholder."""

    region: str = ""
    placeholders: tuple[str, ...] = PLACEHOLDERS

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Reading:
        """As the organisation's settings say."""
        words = settings.get("placeholders", PLACEHOLDERS)
        return cls(str(settings.get("default_region") or ""), tuple(map(str, words or ())))


DEFAULT = Reading()


@lru_cache(maxsize=64)
def pattern(placeholders: tuple[str, ...]) -> str:
    """The placeholders as one regular expression (also RE2), for text in lower case."""
    words = (" ".join(word.split()).lower() for word in placeholders)
    parts = [".*".join(re.escape(part) for part in word.split("*")) for word in words if word.strip("* ")]
    return "|".join(parts) or r"[^\s\S]"


@lru_cache(maxsize=64)
def _matcher(placeholders: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(pattern(placeholders), re.DOTALL)


def refuse_placeholder(text: str, placeholders: tuple[str, ...]) -> None:
    """Refuse what the organisation lists as placeholders, in any case of letters.

    Raises:
        ValueError: it is one.
    """
    if _matcher(placeholders).fullmatch(text.lower()):
        raise ValueError(f"“{text[:60]}” is a placeholder and names nobody (Settings › Organisation lists them)")


def identity(kind: str, value: str, reading: Reading = DEFAULT) -> str:
    """The form in which identity (kind, value) is stored and compared.

    Raises:
        ValueError: it is no such identity, or a placeholder; the message says why.
    """
    text = _seen(kind, value)
    refuse_placeholder(text, reading.placeholders)
    if kind == "phone":
        return contacts.phone(text, reading.region)
    if kind == "email":
        return addresses.email(contacts.email(text))
    for rule, reason in _RULES:
        if rule.fullmatch(text):
            raise ValueError(reason)
    return " ".join(text.split())


def _seen(kind: str, value: str) -> str:
    text = visible(value)
    if not text:
        raise ValueError("is empty")
    most = LIMITS.get(kind, LONGEST)
    if len(text) > most:
        raise ValueError(f"is longer than {most} characters")
    if not text.isprintable():
        raise ValueError("holds a character that cannot be seen (a line break, a control character)")
    return text
