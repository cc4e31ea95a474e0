"""Blocks → MJML, one section a block."""

from __future__ import annotations

from collections.abc import Sequence

from ceap.content.compiler.blocks import (
    AnyBlock,
    BlockSource,
    Button,
    Columns,
    Divider,
    Footer,
    Heading,
    Image,
    Look,
    Products,
    Spacer,
    Text,
)
from ceap.content.compiler.links import completed
from ceap.content.compiler.richtext import attribute, sanitised, words
from ceap.content.compiler.vault import Vault

FONTS = {
    "sans": "'Helvetica Neue', Helvetica, Arial, sans-serif",
    "serif": "Georgia, 'Times New Roman', serif",
    "mono": "'SFMono-Regular', Consolas, Menlo, monospace",
}
SIZES = {1: ("28px", "1.25"), 2: ("21px", "1.3"), 3: ("17px", "1.4")}
SIDE = "32px"
MUTED = "#5d6875"


def document(source: BlockSource, preheader: str, vault: Vault) -> str:
    """The MJML of a whole mail."""
    look = source.look
    style = (
        f"a {{ color: {look.accent}; }} p {{ margin: 0 0 12px 0; }} "
        "ul, ol { margin: 0 0 12px 0; padding-left: 22px; }"
    )
    body = "".join(section(block, look, vault) for block in source.blocks)
    return (
        f'<mjml lang="en"><mj-head>{preview(preheader, vault)}<mj-attributes>'
        f'<mj-all font-family="{FONTS[look.font]}" color="{look.ink}" />'
        '<mj-text font-size="16px" line-height="1.6" /><mj-section padding="0" />'
        f'</mj-attributes><mj-style>{style}</mj-style></mj-head><mj-body width="{look.width}px" '
        f'background-color="{look.background}"><mj-section padding="12px 0" background-color="{look.background}">'
        f'<mj-column><mj-spacer height="8px" /></mj-column></mj-section>{body}'
        f'<mj-section background-color="{look.background}"><mj-column><mj-spacer height="16px" /></mj-column>'
        "</mj-section></mj-body></mjml>"
    )


def preview(preheader: str, vault: Vault) -> str:
    return f"<mj-preview>{words(vault.protect(preheader))}</mj-preview>" if preheader.strip() else ""


def section(block: AnyBlock, look: Look, vault: Vault) -> str:
    """One block, inside its condition."""
    match block:
        case Columns():
            inner = "".join(
                f"<mj-column>{''.join(part(one, look, vault, '16px') for one in column)}</mj-column>"
                for column in block.columns
            )
            out = _section(inner, look.surface, "0 16px")
        case Products():
            out = products(block, look, vault)
        case Footer():
            out = _section(f"<mj-column>{footer(block, look, vault)}</mj-column>", look.background)
        case _:
            out = _section(f"<mj-column>{part(block, look, vault, SIDE)}</mj-column>", look.surface)
    if not block.show_if.strip():
        return out
    return f"{vault.comment('{% if ' + block.show_if.strip() + ' %}')}{out}{vault.comment('{% endif %}')}"


def _section(inner: str, background: str, padding: str = "0") -> str:
    return f'<mj-section background-color="{background}" padding="{padding}">{inner}</mj-section>'


def part(block: AnyBlock, look: Look, vault: Vault, side: str) -> str:
    """One simple block inside a column."""

    def text(value: str) -> str:
        return words(vault.protect(value))

    def quoted(value: str) -> str:
        return attribute(vault.protect(value.strip()))

    match block:
        case Heading():
            size, height = SIZES[block.level]
            tag = f"h{block.level}"
            return (
                f'<mj-text font-size="{size}" line-height="{height}" font-weight="700" align="{block.align}" '
                f'color="{block.colour or look.ink}" padding="14px {side} 6px"><{tag} style="margin:0;font-size:{size};'
                f'line-height:{height};font-weight:700">{text(block.text)}</{tag}></mj-text>'
            )
        case Text():
            body = sanitised(vault.protect(block.html, markup=True))
            return f'<mj-text align="{block.align}" padding="6px {side}">{body}</mj-text>'
        case Image():
            link = f' href="{quoted(block.href)}"' if block.href.strip() else ""
            width = f' width="{block.width}px"' if block.width else ""
            return (
                f'<mj-image src="{picture(block.src, vault)}" alt="{quoted(block.alt)}" align="{block.align}" '
                f'padding="10px {side}"{width}{link} />'
            )
        case Button():
            return (
                f'<mj-button href="{quoted(block.href)}" align="{block.align}" border-radius="6px" font-weight="600" '
                f'font-size="16px" inner-padding="13px 24px" padding="12px {side}" color="{block.colour}" '
                f'background-color="{block.background or look.accent}">{text(block.label)}</mj-button>'
            )
        case Divider():
            return f'<mj-divider border-width="1px" border-color="{block.colour}" padding="14px {side}" />'
        case Spacer():
            return f'<mj-spacer height="{block.height}px" />'
        case _:
            raise TypeError(f"a {block.type} block cannot be inside a column")


def picture(src: str, vault: Vault) -> str:
    """The address of an image; one that begins with a variable is written only when it is a web address."""
    src = completed(src.strip())
    protected = vault.protect(src)
    if protected and not src.lower().startswith(("http://", "https://")):
        liquid = vault.restore(protected)
        protected = vault.keep(
            f"{{% capture ceap_image %}}{liquid}{{% endcapture %}}{{{{ ceap_image | web_address }}}}"
        )
    return attribute(protected)


def products(block: Products, look: Look, vault: Vault) -> str:
    """Rows of products; the last row is filled with empty columns so that all are equally wide."""
    rows = []
    for start in range(0, len(block.items), block.per_row):
        shown: Sequence[object] = block.items[start : start + block.per_row]
        cells = [_product(item, block, look, vault) for item in block.items[start : start + block.per_row]]
        cells += ["<mj-column />"] * (block.per_row - len(shown))
        rows.append(_section("".join(cells), look.surface, "8px 16px"))
    return "".join(rows)


def _product(item: object, block: Products, look: Look, vault: Vault) -> str:
    from ceap.content.compiler.blocks import Product

    assert isinstance(item, Product)
    link = Button(id="", show_if="", label=block.link_label, href=item.href)
    parts = []
    if item.image.strip():
        parts.append(
            part(
                Image(id="", show_if="", src=item.image, alt=item.name, href=item.href, width=None), look, vault, "16px"
            )
        )
    parts.append(
        f'<mj-text font-weight="600" padding="4px 16px 0">{words(vault.protect(item.name))}</mj-text>'
        f'<mj-text color="{MUTED}" font-size="15px" padding="0 16px">{words(vault.protect(item.price))}</mj-text>'
    )
    if item.href.strip():
        parts.append(part(link, look, vault, "16px"))
    return f"<mj-column>{''.join(parts)}</mj-column>"


def footer(block: Footer, look: Look, vault: Vault) -> str:
    lines = [words(vault.protect(line)) for line in (block.reason, block.organisation, block.address) if line.strip()]
    link = f'<a href="{vault.keep("{{ track.unsubscribe }}")}">{words(vault.protect(block.unsubscribe_label))}</a>'
    return (
        f'<mj-text align="center" font-size="13px" line-height="1.6" color="{MUTED}" padding="20px {SIDE} 8px">'
        f"{'<br/>'.join([*lines, link])}</mj-text>"
    )
