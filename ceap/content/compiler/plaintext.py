"""The plain-text part of a mail, made from its HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from ceap.content.compiler.vault import Vault

_BLOCKS = {"p", "div", "table", "tr", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "hr"}
_SKIPPED = {"head", "style", "script", "title"}
_CELLS = {"td", "th"}


class _Reader(HTMLParser):
    def __init__(self, vault: Vault):
        super().__init__(convert_charrefs=True)
        self.vault, self.out = vault, [""]
        self.skipped = 0
        self.hidden: list[str] = []  # open tags inside a hidden element
        self.links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if self.hidden or "display:none" in values.get("style", "").replace(" ", ""):
            if tag not in ("br", "img", "hr", "meta"):
                self.hidden.append(tag)
            return
        if tag in _SKIPPED:
            self.skipped += 1
        elif tag == "br":
            self.out.append("\n")
        elif tag == "hr":
            self.out.append("\n\n----\n\n")
        elif tag == "li":
            self.out.append("\n- ")
        elif tag == "a":
            self.links.append((values.get("href", ""), len(self.out)))
        elif tag == "img" and values.get("alt"):
            self.out.append(values["alt"])
        elif tag in _BLOCKS:
            self.out.append("\n\n")

    def handle_endtag(self, tag: str) -> None:
        if self.hidden:
            if tag in self.hidden:
                while self.hidden.pop() != tag:
                    pass
            return
        if tag in _SKIPPED:
            self.skipped -= 1
        elif tag == "a" and self.links:
            href, start = self.links.pop()
            label = "".join(self.out[start:]).strip()
            if href and not href.startswith("#"):
                bare = href.removeprefix("mailto:").removeprefix("tel:")
                self.out.append(f": {bare}" if label and label != bare else bare if not label else "")
        elif tag in _CELLS:
            self.out.append(" ")
        elif tag in _BLOCKS:
            self.out.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self.skipped and not self.hidden:
            self.out.append(re.sub(r"\s+", " ", data))

    def handle_comment(self, data: str) -> None:
        if self.vault.holds(data) and not self.vault.rest(data).strip() and not self.hidden:
            self.out.append(f"\n\n{data}\n\n")


def plain_text(page: str, vault: Vault) -> str:
    """The text of `page` (HTML with tokens), tokens kept: a line a paragraph, "label: address" for links."""
    reader = _Reader(vault)
    reader.feed(page)
    reader.close()
    lines = "".join(reader.out).replace("\u00a0", " ").split("\n")
    text = "\n".join(re.sub(r"[ \t]+", " ", line).strip() for line in lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
