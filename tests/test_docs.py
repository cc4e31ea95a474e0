"""What README and docs say is so: links, commands, targets of make, settings, and the examples of plug-ins run."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ibis
import pyarrow as pa
import pytest
import typer
from typer.core import TyperGroup

from ceap.core import engine, plugins
from ceap.core.ports import Message, Outcome
from ceap.kit.clock import now
from ceap.kit.home import Home
from ceap.web import cli
from ceap.web.supervisor import ROLES
from tests.snapshots import SETTINGS, settings_page

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "ui" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
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


INTERNAL = {"CEAP_HOME", "CEAP_CLOCK_SHIFT", "CEAP_SUPERVISOR_PID"}  # no lines of settings.toml
TESTS_ONLY = {"CEAP_TEST_NOW", "CEAP_TEST_STORE_URL", "CEAP_TEST_WAREHOUSE_URL"}


def read_settings(source: str, within_home: bool) -> Iterator[tuple[str, str]]:
    """The settings of the installation that a module reads, each with its default where that is a plain value."""
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get"):
            continue
        holder = ast.unparse(node.func.value)
        if not re.fullmatch(r"(self\.)?home|HOME|Home\.load\(\)" + ("|self" if within_home else ""), holder):
            continue
        name, *default = node.args
        assert isinstance(name, ast.Constant), f"a setting's name is worked out: {ast.unparse(node)}"
        plain = default[0].value if default and isinstance(default[0], ast.Constant) else ""
        yield str(name.value), "" if plain is None else str(plain)


def settings_of_the_code() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "ceap").rglob("*.py")):
        own = path == ROOT / "ceap" / "kit" / "home.py"
        for name, default in read_settings(path.read_text().replace("self.get(name", "None(name"), own):
            found.setdefault(name, set()).update({default} - {""})
    return found


def settings_of_the_page(text: str) -> dict[str, str]:
    return dict(re.findall(r"^\| `([a-z_]+)` \| ([^|]+) \|", text, re.M))


def test_every_setting_of_an_installation_is_on_its_page_with_its_default_and_no_other() -> None:
    code, page = settings_of_the_code(), settings_of_the_page((ROOT / "docs/operate/settings.md").read_text())
    assert sorted(page) == sorted(code)
    assert {n: page[n] for n, defaults in code.items() if not all(f"`{one}`" in page[n] for one in defaults)} == {}


def test_every_variable_that_a_page_names_is_read() -> None:
    named = {name for page in PAGES for name in re.findall(r"\bCEAP_[A-Z_]+", page.read_text())}
    assert named - {f"CEAP_{name.upper()}" for name in settings_of_the_code()} - INTERNAL - TESTS_ONLY == set()


def test_a_setting_that_is_read_anywhere_is_seen() -> None:
    code = "def f(home):\n    return home.get('colour', 'red'), self.home.get('size'), other.get('weight')"
    assert list(read_settings(code, within_home=False)) == [("colour", "red"), ("size", "")]


def test_the_page_of_the_organisations_settings_is_what_the_code_says() -> None:
    assert SETTINGS.read_text() == settings_page(), "python -m tests.check --write"


def test_the_picture_in_the_readme_shows_every_role() -> None:
    picture = dict(FENCE.findall((ROOT / "README.md").read_text()))["mermaid"]
    assert [role for role in ROLES if not re.search(rf"\b{role}\[", picture)] == []


def examples() -> dict[str, str]:
    """The Python examples of docs/extend/plugins.md, by the name of the file that their first line says."""
    blocks = FENCE.findall((ROOT / "docs/extend/plugins.md").read_text())
    return {code.splitlines()[0].removeprefix("# "): code for language, code in blocks if language == "python"}


def test_every_kind_of_plug_in_has_an_example() -> None:
    text = (ROOT / "docs/extend/plugins.md").read_text()
    groups = {f"ceap.{kind}" for kind in plugins.PORTS} | {"ceap.engines"}
    used = {found for path in (ROOT / "ceap").rglob("*.py") for found in re.findall(GROUP, path.read_text())}
    assert {f"ceap.{kind}" if "{kind}" in group else group for group in used for kind in plugins.PORTS} == groups
    assert {group for group in groups if f"`{group}`" not in text} == set()
    assert len(examples()) == len(groups)


GROUP = r"entry_points\(group=f?\"(ceap\.[a-z_{}]+)\""


def test_the_example_of_a_channel_loads_and_sends(tmp_path: Path) -> None:
    [(name, code)] = [(name, code) for name, code in examples().items() if "/channels/" in name]
    file = tmp_path / name.removeprefix("<home>/")
    file.parent.mkdir(parents=True)
    file.write_text(code)
    found = plugins.registry("channels", tmp_path)
    assert found.errors == {}
    plugin = found.plugins["paper"]
    assert plugins.destination(plugin.Config, {"folder": str(tmp_path)}) == {"folder": str(tmp_path)}
    session = plugin.open(plugin.Config(folder=str(tmp_path)))
    letter = Message("k1", "Shop", "shop@example.org", "ada@example.org", "Hello", "<p>Hi</p>", "Hi", now())
    assert session.send(letter, lambda: False).outcome is Outcome.WITHDRAWN
    assert not list(tmp_path.glob("*.txt"))
    assert session.send(letter, lambda: True).outcome is Outcome.SENT
    assert (tmp_path / "k1.txt").read_text() == "To: ada@example.org\n\nHello\n\nHi"
    session.close()


def test_the_example_of_an_engine_opens_and_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    [code] = [code for name, code in examples().items() if "/channels/" not in name]
    module = SimpleNamespace()
    exec(compile(code, "example", "exec"), vars(module))
    monkeypatch.setattr(EntryPoint, "load", lambda self: module.connect)
    point = EntryPoint("memory", "ceap_memory:connect", "ceap.engines")
    monkeypatch.setattr(engine, "entry_points", lambda **asked: EntryPoints([point]).select(**asked))
    engine.check("memory://")
    warehouse = engine.connect("memory://")
    with warehouse.writing() as writer:
        writer.create("events", pa.schema([("n", pa.int64())]))
        writer.append("events", pa.table({"n": [1, 2, 3]}))
    total = warehouse.backend().table("events").aggregate(total=ibis._.n.sum())
    assert warehouse.run(total).to_pylist() == [{"total": 6}]
    warehouse.close()


def test_hosts_are_read_from_a_list_and_from_text_with_commas(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CEAP_ALLOWED_HOSTS", raising=False)
    usual = ["127.0.0.1", "localhost", "[::1]", "ceap.example.org"]
    assert Home(tmp_path, {"app_url": "https://ceap.example.org"}).allowed_hosts == usual
    assert Home(tmp_path, {"allowed_hosts": ["a.example", "b.example"]}).allowed_hosts == ["a.example", "b.example"]
    monkeypatch.setenv("CEAP_ALLOWED_HOSTS", "a.example, b.example")
    assert Home(tmp_path).allowed_hosts == ["a.example", "b.example"]
