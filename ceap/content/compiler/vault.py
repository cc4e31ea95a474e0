"""Takes Liquid out of the way of XML, HTML and CSS tools, and puts it back untouched afterwards."""

from __future__ import annotations

import html
import re
import secrets
from collections.abc import Callable

LIQUID = re.compile(r"{%-?\s*comment\s*-?%}.*?{%-?\s*endcomment\s*-?%}|{{.*?}}|{%.*?%}", re.S)


class Vault:
    """Liquid by token. A token is one word of letters and digits that cannot be met in the text by accident."""

    def __init__(self) -> None:
        self._word = f"Lq{secrets.token_hex(5)}n"
        self._pattern = re.compile(rf"(?:<!--)?{self._word}(\d+)z(?:-->)?")
        self._kept: list[tuple[str, str]] = []

    def keep(self, in_html: str, in_text: str | None = None) -> str:
        """A token for Liquid (which may read differently in the plain-text part)."""
        self._kept.append((in_html, in_html if in_text is None else in_text))
        return f"{self._word}{len(self._kept) - 1}z"

    def protect(self, source: str, *, markup: bool = False) -> str:
        """`source` with a token for each Liquid tag or output; in `markup`, entities inside Liquid are resolved."""

        def token(match: re.Match[str]) -> str:
            liquid = match.group()
            return self.keep(html.unescape(liquid).replace("\u00a0", " ") if markup else liquid)

        return LIQUID.sub(token, source)

    def restore(self, text: str, *, plain: bool = False) -> str:
        """`text` with the Liquid back in place of its tokens (tokens of tokens included)."""
        while self._word in text:
            text = self._pattern.sub(lambda match: self._kept[int(match.group(1))][plain], text)
        return text

    def holds(self, text: str) -> bool:
        """Whether a token is in `text`."""
        return self._word in text

    def comment(self, liquid: str) -> str:
        """A token that may stand between the rows of a table."""
        return f"<mj-raw><!--{self.keep(liquid)}--></mj-raw>"

    def as_comments(self, text: str) -> str:
        """`text`, of tokens and blanks only, as comments that may stand between the rows of a table."""
        return "".join(f"<mj-raw><!--{match.group()}--></mj-raw>" for match in self._pattern.finditer(text))

    def rest(self, text: str) -> str:
        """`text` without its tokens."""
        return self._pattern.sub("", text)

    def split(self, text: str, other: Callable[[str], str]) -> str:
        """`text` with `other` applied to what is between tokens."""
        parts, at = [], 0
        for match in self._pattern.finditer(text):
            parts += [other(text[at : match.start()]), match.group()]
            at = match.end()
        return "".join([*parts, other(text[at:])])
