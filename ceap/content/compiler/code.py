"""MJML as a person writes it: checked tag by tag (the compiler behind accepts anything), then written out clean."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from xml.parsers import expat

from ceap.content.compiler.faults import Faults
from ceap.content.compiler.richtext import numeric_entities
from ceap.content.compiler.vault import Vault

FIELD = "source.mjml"
HEAD = {"mj-attributes", "mj-breakpoint", "mj-preview", "mj-style", "mj-title"}
COLUMN = {
    "mj-accordion", "mj-button", "mj-carousel", "mj-divider", "mj-image", "mj-raw", "mj-social", "mj-spacer",
    "mj-table", "mj-text", "mj-navbar",
}  # fmt: skip
INSIDE: dict[str, set[str]] = {
    "mjml": {"mj-head", "mj-body"},
    "mj-head": HEAD,
    "mj-body": {"mj-section", "mj-wrapper", "mj-hero", "mj-raw"},
    "mj-wrapper": {"mj-section", "mj-hero", "mj-raw"},
    "mj-section": {"mj-column", "mj-group", "mj-raw"},
    "mj-group": {"mj-column", "mj-raw"},
    "mj-column": COLUMN,
    "mj-hero": COLUMN,
    "mj-navbar": {"mj-navbar-link", "mj-raw"},
    "mj-social": {"mj-social-element", "mj-raw"},
    "mj-accordion": {"mj-accordion-element", "mj-raw"},
    "mj-accordion-element": {"mj-accordion-title", "mj-accordion-text", "mj-raw"},
    "mj-carousel": {"mj-carousel-image"},
}
CONTENT = {
    "mj-text", "mj-button", "mj-table", "mj-raw", "mj-title", "mj-preview", "mj-style", "mj-navbar-link",
    "mj-social-element", "mj-accordion-title", "mj-accordion-text",
}  # fmt: skip
EMPTY = {"mj-image", "mj-divider", "mj-spacer", "mj-breakpoint", "mj-carousel-image"}
STYLED = {"mj-all", "mj-class"} | COLUMN | set(INSIDE) | CONTENT | EMPTY
HTML = {
    "a", "abbr", "b", "big", "blockquote", "br", "center", "code", "div", "em", "font", "h1", "h2", "h3", "h4", "h5",
    "h6", "hr", "i", "img", "li", "ol", "p", "pre", "s", "small", "span", "strike", "strong", "sub", "sup", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
VOID = {"br", "hr", "img"}
ADDRESSES = {"href", "src", "background-url", "background", "action", "formaction", "poster", "srcset", "xlink:href"}
SCRIPT = re.compile(r"(javascript|vbscript|data:text)", re.I)
BLANKS = re.compile(r"[\x00-\x20]+")
NO_COMMENTS = {"mj-style", "mj-title", "mj-preview", "mj-attributes", "mj-carousel"}
RUNS = re.compile(r"<\s*(?:script|iframe|object|embed|form)\b|\son[a-z]+\s*=|javascript:|vbscript:", re.I)
NAME = re.compile(r"[A-Za-z][\w-]*")


@dataclass
class Node:
    tag: str
    attributes: dict[str, str]
    line: int
    children: list[Node | Comment | str] = field(default_factory=list)


@dataclass
class Comment:
    """A comment as written: a note, or what only Outlook reads ("[if mso]>…<![endif]")."""

    text: str
    line: int

    @property
    def conditional(self) -> bool:
        return "[if" in self.text or "[endif]" in self.text


def checked(mjml: str, preheader: str, vault: Vault, faults: Faults) -> str:
    """Clean MJML with `preheader` in it; faults name the line."""
    source = numeric_entities(vault.protect(mjml, markup=True))
    root = _tree(source, faults)
    if root is None:
        return ""
    if root.tag != "mjml":
        faults.add(FIELD, f"The outermost tag must be <mjml>, not <{root.tag}>.", f"Line {root.line}")
        return ""
    root.attributes.setdefault("lang", "en")
    _check(root, vault, faults)
    if preheader.strip():
        _set_preheader(root, vault.protect(preheader))
    if not any(isinstance(child, Node) and child.tag == "mj-body" for child in root.children):
        faults.add(FIELD, "There is no <mj-body>.")
    return _written(root, vault)


def _tree(source: str, faults: Faults) -> Node | None:
    parser = expat.ParserCreate()
    top = Node("", {}, 0)
    stack = [top]

    def refuse(*_: object) -> None:
        raise ValueError("document types and entities are not allowed")

    def start(tag: str, attributes: dict[str, str]) -> None:
        node = Node(tag, attributes, parser.CurrentLineNumber)
        stack[-1].children.append(node)
        stack.append(node)

    def end(tag: str) -> None:
        stack.pop()

    def text(data: str) -> None:
        stack[-1].children.append(data)

    def comment(data: str) -> None:
        stack[-1].children.append(Comment(data, parser.CurrentLineNumber))

    def instruction(target: str, data: str) -> None:
        faults.add(FIELD, f"<?{target}?> is not allowed in a mail.", f"Line {parser.CurrentLineNumber}")

    parser.CommentHandler, parser.ProcessingInstructionHandler = comment, instruction
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    try:
        parser.Parse(source, True)
    except expat.ExpatError as error:
        last = f", inside <{stack[-1].tag}> of line {stack[-1].line}" if len(stack) > 1 else ""
        faults.add(FIELD, f"{expat.errors.messages[error.code].capitalize()}{last}.", f"Line {error.lineno}")
        return None
    except ValueError as error:
        faults.add(FIELD, f"{str(error).capitalize()}.", f"Line {parser.CurrentLineNumber}")
        return None
    root = next(child for child in top.children if isinstance(child, Node))
    _settle(top, root, faults)
    return root


def _settle(top: Node, root: Node, faults: Faults) -> None:
    """Notes outside of head and body move to the beginning of the body; conditions there would hold for nothing."""
    body = next((c for c in root.children if isinstance(c, Node) and c.tag == "mj-body"), None)
    for parent in (top, root):
        for child in [c for c in parent.children if isinstance(c, Comment)]:
            parent.children.remove(child)
            if child.conditional:
                faults.add(
                    FIELD, "Conditions for Outlook stand in <mj-head>, <mj-body> or inside.", f"Line {child.line}"
                )
            elif body is not None:
                body.children.insert(0, child)


def _check(node: Node, vault: Vault, faults: Faults) -> None:
    where = f"Line {node.line}"
    _check_attributes(node, vault, faults)
    if node.tag in EMPTY and any(not isinstance(child, str) or child.strip() for child in node.children):
        faults.add(FIELD, f"<{node.tag}> holds nothing between its tags.", where)
        return
    if node.tag in CONTENT:
        _check_html(node, vault, faults)
        return
    allowed = STYLED if node.tag == "mj-attributes" else INSIDE.get(node.tag, set())
    for child in node.children:
        if isinstance(child, Comment):
            _check_comment(node, child, faults)
            continue
        if isinstance(child, str):
            if vault.rest(child).strip():
                faults.add(FIELD, f"Text cannot stand directly inside <{node.tag}>; put it in <mj-text>.", where)
            continue
        if child.tag not in allowed:
            known = child.tag in STYLED | HEAD | {"mjml", "mj-head", "mj-body"} or child.tag in EMPTY
            message = (
                f"<{child.tag}> cannot stand inside <{node.tag}>." if known else f"There is no MJML tag <{child.tag}>."
            )
            faults.add(FIELD, message, f"Line {child.line}")
        elif node.tag == "mj-attributes":
            _check_attributes(child, vault, faults)
        else:
            _check(child, vault, faults)


def _check_html(node: Node, vault: Vault, faults: Faults) -> None:
    for child in node.children:
        if isinstance(child, Comment):
            _check_comment(node, child, faults)
            continue
        if isinstance(child, str):
            if node.tag == "mj-style" and ("@import" in child.lower() or "url(" in child.lower()):
                faults.add(FIELD, "Styles cannot load other files.", f"Line {node.line}")
            continue
        if child.tag not in HTML:
            faults.add(FIELD, f"<{child.tag}> is not allowed in a mail.", f"Line {child.line}")
            continue
        _check_attributes(child, vault, faults)
        _check_html(child, vault, faults)


def _check_comment(node: Node, comment: Comment, faults: Faults) -> None:
    where = f"Line {comment.line}"
    if node.tag in NO_COMMENTS:
        faults.add(FIELD, f"A comment cannot stand inside <{node.tag}>; put it before or behind.", where)
    elif RUNS.search(comment.text):
        faults.add(FIELD, "What only Outlook reads cannot hold scripts either.", where)


def _check_attributes(node: Node, vault: Vault, faults: Faults) -> None:
    where = f"Line {node.line}"
    for name, value in node.attributes.items():
        if name.lower().startswith("on") or not NAME.fullmatch(name):
            faults.add(FIELD, f"The attribute {name} is not allowed.", where)
        elif name.lower() in ADDRESSES and SCRIPT.match(BLANKS.sub("", value)):
            faults.add(FIELD, f"“{value[:60]}” is not a web address.", where)
        elif name.lower() == "style" and "expression(" in value.lower():
            faults.add(FIELD, "Styles cannot hold expressions.", where)


def _set_preheader(root: Node, preheader: str) -> None:
    head = next((child for child in root.children if isinstance(child, Node) and child.tag == "mj-head"), None)
    if head is None:
        head = Node("mj-head", {}, root.line)
        root.children.insert(0, head)
    head.children = [c for c in head.children if not (isinstance(c, Node) and c.tag == "mj-preview")]
    head.children.insert(0, Node("mj-preview", {}, root.line, [preheader]))


def _written(node: Node, vault: Vault) -> str:
    attributes = "".join(f' {name}="{html.escape(value)}"' for name, value in node.attributes.items())
    if node.tag in VOID or node.tag in EMPTY:
        return f"<{node.tag}{attributes} />"
    structural = node.tag in INSIDE
    inner = []
    for child in node.children:
        if isinstance(child, Node):
            inner.append(_written(child, vault))
        elif isinstance(child, Comment):
            inner.append(f"<mj-raw><!--{child.text}--></mj-raw>" if structural else f"<!--{child.text}-->")
        elif structural:
            inner.append(vault.as_comments(child))
        else:
            inner.append(child if node.tag == "mj-style" else html.escape(child, quote=False))
    return f"<{node.tag}{attributes}>{''.join(inner)}</{node.tag}>"
