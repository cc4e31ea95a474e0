"""Rewrites the links of a mail to tracked ones and adds the open pixel; see `Compiled.links`."""

from __future__ import annotations

import html
import re

from ceap.content.compiler.faults import Faults
from ceap.content.compiler.vault import LIQUID, Vault
from ceap.core.links import with_scheme

_ANCHOR = re.compile(r'(<a\s(?:[^<>"]|"[^"]*")*?\bhref=")([^"]*)(")', re.I)
_PLAIN = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
UNTRACKED = ("mailto:", "tel:", "sms:", "#")
_TRACK = re.compile(r"\{\{-?\s*track\.(?:unsubscribe|open|click)\b[^}]*\}\}")
PIXEL = '<img src="{{ track.open }}" width="1" height="1" alt="" style="display:block;border:0;width:1px;height:1px">'


class Tracked:
    """The links of one version, in order of appearance."""

    def __init__(self, vault: Vault):
        self.vault = vault
        self.targets: list[str] = []

    def in_html(self, page: str, field: str, faults: Faults) -> str:
        """`page` (with tokens) with its links tracked and the open pixel at its end."""

        def anchor(match: re.Match[str]) -> str:
            before, href, after = match.groups()
            target = self.vault.restore(html.unescape(href)).strip()
            if not target or target.lower().startswith(UNTRACKED) or _TRACK.fullmatch(target):
                return match.group()
            target = completed(target)
            if not target.lower().startswith(("http://", "https://")) and not LIQUID.match(target):
                faults.add(
                    field,
                    f"The link “{target[:80]}” leads nowhere in a mail: "
                    "write the whole address, which begins with https:// (or mailto:, tel:).",
                )
                return match.group()
            return before + self._token(target) + after

        page = _ANCHOR.sub(anchor, page)
        return page.replace("</body>", f"{self.vault.keep(PIXEL, '')}</body>")

    def in_text(self, text: str) -> str:
        """A plain-text part as a person wrote it, its web addresses tracked; those of the HTML keep their number."""

        def address(match: re.Match[str]) -> str:
            return self._token(self.vault.restore(match.group()), reuse=True)

        return _PLAIN.sub(address, self.vault.protect(text))

    def _token(self, target: str, *, reuse: bool = False) -> str:
        personal = bool(LIQUID.search(target))
        if reuse and not personal and target in self.targets:
            number = self.targets.index(target)
        else:
            number = len(self.targets)
            self.targets.append("" if personal else target)
        link = f"{{{{ track.click }}}}/{number}"
        if not personal:
            return self.vault.keep(link)
        return self.vault.keep(link + _signed(target, escape=True), link + _signed(target, escape=False))


def completed(target: str) -> str:
    """A link as written, with https:// in front of a bare host, also where Liquid follows: example.com/{{ … }}."""
    start = LIQUID.search(target)
    if start is None:
        return with_scheme(target)
    before = target[: start.start()]
    whole = with_scheme(before) if "/" in before else before
    return whole + target[start.start() :]


def _signed(target: str, *, escape: bool) -> str:
    """`?u=…` for a target with Liquid in it."""
    if LIQUID.fullmatch(target) and target.startswith("{{") and target.count("{{") == 1:
        return "?u={{ " + target[2:-2].strip("- \n\t") + " | signed_target }}"
    literal = html.escape if escape else str
    parts, at = [], 0
    for match in LIQUID.finditer(target):
        parts += [literal(target[at : match.start()]), match.group()]
        at = match.end()
    body = "".join([*parts, literal(target[at:])])
    return f"?u={{% capture ceap_link %}}{body}{{% endcapture %}}{{{{ ceap_link | signed_target }}}}"
