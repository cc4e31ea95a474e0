"""What README and docs point to exists: files, headings, commands of `ceap` with their options, targets of make."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from ceap.web import cli

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)
SPAN = re.compile(r"`([^`\n]+)`")
COMMAND = re.compile(r"^(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?(ceap|make)((?: .*)?)$")


def slug(heading: str) -> str:
    """The anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.replace("`", "").strip().lower()).replace(" ", "-")


def dead_links(page: Path, text: str) -> list[str]:
    """The relative links of a page that lead nowhere."""
    found = []
    for link in LINK.findall(FENCE.sub("", text)):
        path, _, anchor = link.partition("#")
        if "://" in link or link.startswith("mailto:"):
            continue
        target = (page.parent / path).resolve() if path else page
        headings = re.findall(r"^#+ (.+)$", target.read_text(), re.M) if anchor and target.exists() else []
        if not target.exists() or (anchor and anchor not in map(slug, headings)):
            found.append(link)
    return found


def commands(text: str) -> list[list[str]]:
    """The words of every `ceap …` and `make …` that a page says, in blocks and within sentences."""
    lines = [line for language, block in FENCE.findall(text) if language in ("", "sh") for line in block.splitlines()]
    found = []
    for line in [*lines, *SPAN.findall(FENCE.sub("", text))]:
        said = COMMAND.match(line.split("  #")[0].split(" && ")[0].strip())
        if said:
            first, *others = [shlex.split(each) for each in said[2].replace("…", "").split("|")]
            found += [[said[1], *first], *([said[1], first[0], *other] for other in others)]  # a|b
    return found


def wrong(words: list[str], root: Any, targets: set[str]) -> str:
    """What does not exist of a command, or ""."""
    program, *rest = words
    if program == "make":
        return next((word for word in rest if "=" not in word and word not in targets), "")
    command = root
    for word in rest:
        if not isinstance(command, TyperGroup) or word.startswith("-") or word.isupper():
            break
        if word not in command.commands:
            return word
        command = command.commands[word]
    options = {one for param in command.params for one in (*param.opts, *param.secondary_opts)} | {"--help"}
    return next((w for w in rest if w.startswith("--") and w.partition("=")[0] not in options), "")


@pytest.fixture(scope="module")
def root() -> Any:
    cli.load_commands()
    return typer.main.get_command(cli.app)


@pytest.fixture(scope="module")
def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_and_every_command_of_a_page_leads_somewhere(page: Path, root: Any, targets: set[str]) -> None:
    text = page.read_text()
    assert dead_links(page, text) == []
    assert [words for words in commands(text) if wrong(words, root, targets)] == []


def test_the_pages_say_commands() -> None:
    said = [words for page in PAGES for words in commands(page.read_text())]
    assert ["make", "demo"] in said
    assert len({tuple(words) for words in said if words[0] == "ceap"}) >= 10


@pytest.mark.parametrize(
    "said",
    [
        "ceap fly",
        "ceap segment fly",
        "ceap key list | fly",
        "ceap export --to mars",
        "make coffee",
        "CEAP_HOME=/x ceap serve --fast",
    ],
)
def test_a_command_that_does_not_exist_is_found(said: str, root: Any, targets: set[str]) -> None:
    assert any(wrong(words, root, targets) for words in commands(f"```\n{said}\n```\n"))


def test_a_dead_link_and_a_dead_anchor_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# What it is\n[there](#what-it-is) [dead](nowhere.md) [gone](page.md#gone)")
    assert dead_links(page, page.read_text()) == ["nowhere.md", "page.md#gone"]
