"""The law of the house that import-linter cannot say, and that its guards really bite."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
OPEN_DOORS = {"actions", "queries", "contracts"}
GROUND = {"kit", "core", "edge", "plugins", "web"}  # not packages of the domain: every module of theirs is a door


def strangers(graph: grimp.ImportGraph, models_of: set[str]) -> set[str]:
    """Imports from another package's inner rooms, "importer -> imported": models only for foreign keys."""
    found = set()
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            _, package, *room = [*imported.split("."), "", ""]
            mine = importer.split(".")[1:2] == [package]
            if mine or package in GROUND or not imported.startswith("ceap.") or not room[0]:
                continue
            if importer.split(".")[1] == "web" and room[0] in ("api", "apps"):
                continue  # web composes the packages
            doors = OPEN_DOORS | ({"models"} if importer.split(".")[2:3] == ["models"] else set()) | models_of
            if room[0] not in doors:
                found.add(f"{importer} -> {imported}")
    return found


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("ceap", cache_dir=None)


# Rooms that every package may enter: who calls, periodic work, the gate's authentication of requests, the renderer.
SHARED = {"authentication", "schedule", "rendering"}


def test_packages_meet_only_through_actions_queries_and_contracts(graph: grimp.ImportGraph) -> None:
    found = {line for line in strangers(graph, SHARED) if not line.startswith("ceap.web.")}
    assert not found, "\n".join(sorted(found))


def test_an_import_of_another_packages_rules_is_seen() -> None:
    planted = grimp.build_graph("ceap", cache_dir=None)
    planted.add_import(importer="ceap.reports.api", imported="ceap.accounts.rules")
    assert "ceap.reports.api -> ceap.accounts.rules" in strangers(planted, SHARED)


def test_every_package_is_in_the_layers() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    named = {name.strip() for line in contracts[0]["layers"] for name in line.split("|")}
    there = {path.parent.name for path in (ROOT / "ceap").glob("*/__init__.py")}
    assert there <= named


def test_import_linter_refuses_a_planted_import_of_django_in_the_edge(tmp_path: Path) -> None:
    (tmp_path / "ceap" / "edge").mkdir(parents=True)
    (tmp_path / "ceap" / "__init__.py").touch()
    (tmp_path / "ceap" / "edge" / "__init__.py").write_text("import django\n")
    (tmp_path / ".importlinter").write_text(
        "[importlinter]\nroot_package = ceap\ninclude_external_packages = True\n"
        "[importlinter:contract:1]\nname = edge\ntype = forbidden\nsource_modules = ceap.edge\n"
        "forbidden_modules = django\n"
    )
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env={"PYTHONPATH": str(tmp_path)})
    assert done.returncode != 0
    assert "ceap.edge is not allowed to import django" in done.stdout


def test_the_edge_starts_without_django_ibis_and_pyarrow() -> None:
    code = (
        "import sys, ceap.edge.server; from ceap.kit.home import Home;"
        "from ceap.web.cli import load_commands; load_commands();"
        "ceap.edge.server.application(Home.load('/nowhere'), object());"
        "print([m for m in ('django', 'ibis', 'pyarrow', 'duckdb', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_the_worker_starts_without_the_warehouses_libraries(tmp_path: Path) -> None:
    code = (
        "import django, sys; django.setup(); import ceap.channels.sender, ceap.web.store, ceap.web.watermark;"
        "print([m for m in ('ibis', 'pyarrow', 'duckdb', 'pandas', 'numpy') if m in sys.modules])"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "ceap.web.settings", "CEAP_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env=environment)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
