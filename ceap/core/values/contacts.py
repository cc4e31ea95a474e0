"""Email addresses and phone numbers as they are kept."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from ceap.core.values.text import visible

LONGEST_EMAIL = 254
# Plainly an address: nothing but the case of its domain has to be looked at. Also used in SQL (RE2).
PLAIN_EMAIL = r"[A-Za-z0-9_+]+([-._][A-Za-z0-9_+]+)*@([A-Za-z0-9]([A-Za-z0-9]|-[A-Za-z0-9]){0,60}\.)+[A-Za-z]{2,63}"
SPECIAL_DOMAIN = "[.@](" + "|".join(re.escape(name) for name in SPECIAL_USE_DOMAIN_NAMES if name != "test") + ")$"
# Numbers that belong to nobody: ranges that Ofcom keeps for drama, and one that Sri Lanka has given to no network.
# Made-up customers have no others, as they have only addresses below ".test".
MADE_UP = (
    r"\+44(1(1[3-8]|[23456]1)4960|1914980|2079460|2896496|2920180|1632960|7700900|8081570|9098790|3069990)\d{3}"
    r"|\+9479\d{7}"
)
_PLAIN_EMAIL, _SPECIAL, _MADE_UP = re.compile(PLAIN_EMAIL), re.compile(SPECIAL_DOMAIN), re.compile(MADE_UP)
_WRITTEN = re.compile(r"[(\uff08]?[+\uff0b]?[\s\d().\-/\u00b7\u2010-\u2015\u2212\uff08\uff09]+")
_EXTENSION = re.compile(r"(?i)\d.*(ext\.?|extn\.?|x|#|;ext=)\s*\d+\s*$")
_DAMAGED = re.compile(r"[+-]?\d+[.,]?\d*[eE]\+?\d+")
_LEAD = re.compile(r"(?i)^(tel|phone|mobile|p|t|m)\s*:\s*")


def email(text: str) -> str:
    """An address that can exist, its domain in lower case and in Unicode (the mail server itself is not asked).

    Raises:
        ValueError: it is none.
    """
    text = visible(text)
    if len(text) <= 200 and _PLAIN_EMAIL.fullmatch(text):
        local, _, host = text.partition("@")
        host = host.lower()
        if len(local) <= 64 and "xn--" not in text.lower() and not _SPECIAL.search(f"@{host}"):
            return f"{local}@{host}"
    try:
        # ".test" is let through: no mail leaves for it, and made-up customers have nothing else.
        found = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError(f"is not an email address: {str(error).rstrip('.')}") from None
    if "." not in found.ascii_domain:
        raise ValueError("is not an email address: its domain has no dot")
    if len(found.normalized) > LONGEST_EMAIL:
        raise ValueError(f"is longer than {LONGEST_EMAIL} characters")
    return found.normalized


def phone(text: str, region: str = "") -> str:
    """The number in E.164. `region` ("ID") is the country of a number without a country prefix (+… or 00…).

    What a spreadsheet adds (".0") is dropped; only numbers that a country has given out are taken.

    Raises:
        ValueError: it is none, could be two, or has an extension.
    """
    text = visible(text)
    known = _phone(text[:200], region)
    if known.startswith("+"):
        return known
    raise ValueError(known)


def fragment(text: str, region: str = "") -> str:
    """What a piece of a number, as people write it, is inside numbers that are kept: "0812-99" → "81299" in Indonesia,
    "0062 81" → "+6281".

    Raises:
        ValueError: it holds something else than digits and what stands between them.
    """
    text = _without_decimals(_LEAD.sub("", visible(text)))
    if not _WRITTEN.fullmatch(text):
        raise ValueError("is no part of a phone number, which has digits and a + in front")
    digits = "".join(str(unicodedata.decimal(c)) for c in text if c.isdecimal())
    if text.startswith(("+", "\uff0b")):
        return f"+{digits}"
    if digits.startswith("00") and len(digits) > 3:
        return f"+{digits[2:]}"
    trunk = digits.startswith("0") and len(digits) > 3 and bool(region)  # the 0 that a country's own numbers begin with
    return digits[1:] if trunk else digits


def beginning(text: str, region: str = "") -> str:
    """How numbers that are kept begin when they are written like `text`: "0812" → "+62812" in Indonesia.

    Raises:
        ValueError: as `fragment`.
    """
    found = fragment(text, region)
    digits = re.sub(r"\D", "", text)
    if found.startswith("+"):
        return found
    if region and digits.startswith("0") and not found.startswith("0"):
        return f"+{phonenumbers.country_code_for_region(region)}{found}"
    return f"+{found}"


@lru_cache(maxsize=20_000)
def _phone(text: str, region: str) -> str:
    """The number, or why it is none: an answer that is remembered."""
    text = _LEAD.sub("", text)
    if _DAMAGED.fullmatch(text):
        return "was damaged by a spreadsheet (1.23E+11); export the column as text"
    text = _without_decimals(text)
    if _EXTENSION.search(text):
        return "has an extension, which cannot be called or written to by itself; leave the extension out"
    if not _WRITTEN.fullmatch(text):
        return "is not a phone number"
    digits = re.sub(r"[^\d+]", "", text.replace("\uff0b", "+"))
    found = {number for one, home in _readings(digits, text, region) if (number := _valid(one, home))}
    if len(found) == 1:
        return found.pop()
    if found:
        return f"could be two numbers ({' or '.join(sorted(found))}); write it with + and the country"
    if not region and digits[:1] != "+" and digits[:2] != "00":
        return "is not a phone number; without a country prefix (+…) a default country must be set"
    return "is not a phone number that any country has given out"


def _without_decimals(text: str) -> str:
    """Without the ".0" that a spreadsheet adds."""
    return re.sub(r"[.,]0+$", "", text) if re.fullmatch(r"\+?\d+[.,]0+", text) else text


def _readings(digits: str, text: str, region: str) -> list[tuple[str, str]]:
    """How the text can be read: what to parse, and in which country."""
    if digits.startswith("+"):
        return [(text, "")]
    if digits.startswith("00"):
        return [("+" + digits[2:], ""), *([(text, region)] if region else [])]
    return [(text, region)] if region else []


def _valid(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        return ""
    written = str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return written if phonenumbers.is_valid_number(number) or _MADE_UP.fullmatch(written) else ""
