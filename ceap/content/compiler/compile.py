"""One template as edited → one compiled version, or every fault at once, each naming its block."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import css_inline
import mjml
from pydantic import BaseModel

from ceap.content.compiler import code
from ceap.content.compiler import mjml as writing
from ceap.content.compiler.blocks import BlockSource, CodeSource, Columns, Footer, Products
from ceap.content.compiler.faults import Faults
from ceap.content.compiler.links import Tracked, completed
from ceap.content.compiler.plaintext import plain_text
from ceap.content.compiler.variables import LiquidFault, always_written, nearest, paths, unknown
from ceap.content.compiler.vault import Vault
from ceap.content.contracts import UNSUBSCRIBE, placeholders

_RAW = re.compile(r"{%-?\s*(raw|doc)\b")
_LIQUID_FIELDS = {"text", "html", "src", "alt", "href", "label", "name", "price", "image", "link_label"} | {
    "organisation", "address", "reason", "unsubscribe_label",
}  # fmt: skip


@dataclass(frozen=True)
class Parts:
    """What compiling gives; see `contracts.Compiled`. `warnings` do not stand in the way of saving."""

    subject: str
    preheader: str
    html: str
    text: str
    generated_text: str
    variables: list[str]
    links: list[str]
    warnings: list[str]
    mjml: str


def compile_template(
    source: BlockSource | CodeSource, *, subject: str, preheader: str, known: Collection[str], purpose: str
) -> Parts:
    """Compile a template.

    Args:
        known: the variables there are, as `customer.full_name`.
        purpose: "marketing" mails must have a way to unsubscribe.

    Raises:
        Invalid: what is wrong, by field: `subject`, `preheader`, `source.blocks.<n>.<field>`, `source.mjml`,
            `source.text`.
    """
    faults, vault = Faults(), Vault()
    read: set[str] = set()
    subject = " ".join(subject.split())
    if not subject:
        faults.add("subject", "Write a subject.")
    read |= _check_liquid(subject, "subject", "Subject", known, faults)
    read |= _check_liquid(preheader, "preheader", "Preheader", known, faults)
    if source.text is not None:
        read |= _check_liquid(source.text, "source.text", "Plain text", known, faults)
    if isinstance(source, BlockSource):
        if not source.blocks:
            faults.add("source.blocks", "Add at least one block.")
        for field, where, block in _blocks(source):
            read |= _check_block(block, field, where, known, faults)
        faults.check()
        document = writing.document(source, preheader, vault)
    else:
        read |= _check_liquid(source.mjml, "source.mjml", "MJML", known, faults)
        document = code.checked(source.mjml, preheader, vault, faults)
    faults.check()

    try:
        page = mjml.mjml2html(document, disable_comments=False, fonts={}, include_loader=None)
    except Exception as error:  # the compiler raises ValueError, and panics are Exceptions of its own
        faults.add("source.mjml" if isinstance(source, CodeSource) else "source.blocks", f"MJML: {error}")
        faults.check()
    page = css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False).inline(page)
    tracked = Tracked(vault)
    page = tracked.in_html(page, "source.mjml" if isinstance(source, CodeSource) else "source.blocks", faults)
    generated = plain_text(page, vault)
    text = generated if source.text is None else tracked.in_text(source.text)
    html, text = vault.restore(page), vault.restore(text, plain=True).strip() + "\n"
    if purpose == "marketing":
        _check_unsubscribe(html, text, source, faults)
    faults.check()
    return Parts(
        subject=subject,
        preheader=preheader,
        html=html,
        text=text,
        generated_text=_untracked(generated, vault, tracked),
        variables=sorted(path for path in read if not path.startswith(("track.", "organisation."))),
        links=tracked.targets,
        warnings=[*_to_map(read, known), *_warnings(source, subject, preheader, vault.restore(page))],
        mjml=vault.restore(document),
    )


def _blocks(source: BlockSource) -> Iterator[tuple[str, str, BaseModel]]:
    """Every block and product: its field, its name for a person, itself."""
    for at, block in enumerate(source.blocks):
        field, where = f"source.blocks.{at}", f"Block {at + 1} ({block.type.capitalize()})"
        yield field, where, block
        if isinstance(block, Columns):
            for nth, column in enumerate(block.columns):
                for inner_at, inner in enumerate(column):
                    name = f"{where}, column {nth + 1}, {inner.type}"
                    yield f"{field}.columns.{nth}.{inner_at}", name, inner
        if isinstance(block, Products):
            for nth, item in enumerate(block.items):
                yield f"{field}.items.{nth}", f"{where}, product {nth + 1}", item


def _check_block(block: Any, field: str, where: str, known: Collection[str], faults: Faults) -> set[str]:
    read: set[str] = set()
    for name in type(block).model_fields:
        value = getattr(block, name)
        if name in _LIQUID_FIELDS and isinstance(value, str):
            read |= _check_liquid(value, f"{field}.{name}", where, known, faults, markup=name == "html")
    condition = getattr(block, "show_if", "").strip()
    if condition:
        if "{%" in condition or "{{" in condition or "%}" in condition:
            faults.add(f"{field}.show_if", "Write the condition without {% or {{.", where)
        else:
            read |= _check_liquid(f"{{% if {condition} %}}{{% endif %}}", f"{field}.show_if", where, known, faults)
    kind = getattr(block, "type", "product")
    if kind == "image" and not block.src.strip():
        faults.add(f"{field}.src", "Give the address of the image.", where)
    if kind == "button":
        if not block.href.strip():
            faults.add(f"{field}.href", "Give the button an address.", where)
        if not block.label.strip():
            faults.add(f"{field}.label", "Give the button a label.", where)
    if kind == "footer" and not block.address.strip():
        faults.add(f"{field}.address", "Give the postal address that the law asks for.", where)
    if kind == "footer" and not block.unsubscribe_label.strip():
        faults.add(f"{field}.unsubscribe_label", "Give the unsubscribe link a label.", where)
    for name in ("href", "src", "image"):
        value = completed(getattr(block, name, "").strip())
        if value and not re.match(
            r"https?://|mailto:|tel:|sms:|{{|{%" if name == "href" else r"https?://|{{|{%", value, re.I
        ):
            faults.add(f"{field}.{name}", f"“{value[:80]}” must begin with https://.", where)
    return read


def _check_liquid(
    value: str, field: str, where: str, known: Collection[str], faults: Faults, *, markup: bool = False
) -> set[str]:
    if markup:
        vault = Vault()
        value = vault.restore(vault.protect(value, markup=True))
    if _RAW.search(value):
        faults.add(field, "{% raw %} is not available here.", where)
        return set()
    try:
        read = paths(value)
    except LiquidFault as fault:
        faults.add(field, str(fault), where)
        return set()
    for sentence in unknown(read, known):
        faults.add(field, sentence, where)
    return read


def _check_unsubscribe(html: str, text: str, source: BlockSource | CodeSource, faults: Faults) -> None:
    how = "add the footer block" if isinstance(source, BlockSource) else 'link to "{{ track.unsubscribe }}"'
    if not always_written(UNSUBSCRIBE, html):
        faults.add("source", f"A marketing mail needs a way to unsubscribe that everybody sees: {how}.")
    elif not always_written(UNSUBSCRIBE, text):
        faults.add("source.text", "The plain text needs the unsubscribe address too: write {{ track.unsubscribe }}.")


def _untracked(generated: str, vault: Vault, tracked: Tracked) -> str:
    """The generated text as a person would edit it: with the addresses themselves instead of tracked ones."""
    text = vault.restore(generated, plain=True).strip() + "\n"

    def static(match: re.Match[str]) -> str:
        return tracked.targets[int(match.group(1))] or match.group()

    text = re.sub(r"\{\{ track\.click \}\}/(\d+)(?!\?u=)(?!\d)", static, text)
    text = re.sub(
        r"\{\{ track\.click \}\}/\d+\?u=\{% capture ceap_link %\}(.*?)"
        r"\{% endcapture %\}\{\{ ceap_link \| signed_target \}\}",
        r"\1",
        text,
        flags=re.S,
    )
    return re.sub(r"\{\{ track\.click \}\}/\d+\?u=\{\{ (.*?) \| signed_target \}\}", r"{{ \1 }}", text)


def _to_map(read: Collection[str], known: Collection[str]) -> list[str]:
    return [
        f"“{name}” is no field: each campaign with this template maps it to one.{nearest(name, known)}"
        for name in placeholders(read)
    ]


def _warnings(source: BlockSource | CodeSource, subject: str, preheader: str, html: str) -> list[str]:
    found = []
    if len(subject) > 70:
        found.append("Subjects over 70 characters are cut off on most phones.")
    if not preheader.strip():
        found.append("Without a preheader, mail programs show the first words of the mail beside the subject.")
    if isinstance(source, BlockSource) and not any(isinstance(block, Footer) for block in source.blocks):
        found.append("There is no footer.")
    for variable in sorted(set(re.findall(r"{{-?\s*(customer\.\w+)\s*-?}}", f"{subject} {preheader} {html}"))):
        found.append(f'{variable} has no fallback: it is left out where it is empty (| default: "…").')
    if len(html) > 100_000:
        found.append(f"The mail is {len(html) // 1024} KB; Gmail cuts off mails over 102 KB.")
    missing_alt = len(re.findall(r"<img (?![^>]*\balt=\"[^\"]+\")(?![^>]*track\.open)", html))
    if missing_alt:
        found.append("An image has no description for people who do not see it.")
    return found
