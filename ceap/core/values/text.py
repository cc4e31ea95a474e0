"""Text as it is kept: composed (NFC), whole characters, without what nobody sees."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

_HALF = re.compile("[\ud800-\udfff]")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_QUOTED = re.compile(r"'[=+\-@\t\r]")
SEARCH_FROM = 3
HALF = "holds half of a character (a lone surrogate), which cannot be stored"


def clean(text: str) -> str:
    """`text` in NFC, without NUL and without the apostrophe that keeps a spreadsheet from calculating ('+62…).

    Raises:
        ValueError: it holds a lone surrogate.
    """
    if text.isascii():
        text = text.replace("\x00", "") if "\x00" in text else text
    else:
        if _HALF.search(text):
            raise ValueError(HALF)
        text = unicodedata.normalize("NFC", text).replace("\x00", "")
    return text[1:] if text[:1] == "'" and _QUOTED.match(text) else text


def visible(text: str) -> str:
    """`clean` text without surrounding blanks and without characters that show nothing (zero width, direction)."""
    text = clean(text)
    return (text if text.isascii() else _UNSEEN.sub("", text)).strip()


def file_name(given: str) -> str:
    """The name of a file as it is kept: without its folders, `visible`, at most 250 characters; "file" when nothing is
    left of it. Half a character, which a disk may hold, becomes a question mark."""
    return visible(_HALF.sub("?", given).replace("\\", "/").rsplit("/", 1)[-1])[:250] or "file"


def searchable(text: str) -> bool:
    """Whether `text` is long enough to be searched: three characters, or two of a script without small letters
    (Chinese, Japanese, Korean, Arabic, Hindi …), in which two are a name."""
    return len(text) >= SEARCH_FROM or (len(text) == 2 and all(unicodedata.category(c) == "Lo" for c in text))


def composed(value: Any) -> Any:
    """JSON with every text and key in NFC."""
    if isinstance(value, str):
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {composed(key): composed(one) for key, one in value.items()}
    return [composed(one) for one in value] if isinstance(value, list) else value


def half_at(value: Any, path: str = "") -> str | None:
    """Where in JSON a lone surrogate is: the path of the text or key ("[1].properties.bio"); None: nowhere."""
    if isinstance(value, str):
        return path if not value.isascii() and _HALF.search(value) else None
    if isinstance(value, dict):
        for key, one in value.items():
            inner = ".".join(filter(None, (path, _HALF.sub("\ufffd", str(key)))))
            if _HALF.search(str(key)):
                return inner
            if (found := half_at(one, inner)) is not None:
                return found
    if isinstance(value, (list, tuple)):
        for number, one in enumerate(value):
            if (found := half_at(one, f"{path}[{number}]")) is not None:
                return found
    return None
