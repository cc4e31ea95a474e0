"""Every library that is imported is declared, every declared one is used, and private parts of libraries are listed."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
OWN = {"ceap", "tests", "benchmarks"}
NAMED = {  # declared and used without an import
    "manimgx-fonts": "the fonts of reports: files, found by the name of the distribution",
    "manimgx-fonts-cjk": "the same, for Chinese, Japanese and Korean",
    "tzdata": "zones, where the system has none",
    "argon2-cffi": "Django's hasher of passwords loads it by name",
    "ceap": "the extra `spark`, for the tests",
    "pytest-django": "a plug-in of pytest",
    "pytest-timeout": "a plug-in of pytest",
    "django-stubs": "a plug-in of mypy",
    "coverage": "a program",
    "mypy": "a program",
    "ruff": "a program",
    "import-linter": "a program",
}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def requirements(lines: list[str]) -> dict[str, str]:
    """The versions that are asked for, by distribution."""
    parts = [re.match(r"([\w.-]+)(?:\[[^]]*])?(.*)", line) for line in lines]
    return {normal(part[1]): part[2] for part in parts if part}


SPARK = requirements(PROJECT["project"]["optional-dependencies"]["spark"])
PRODUCT = requirements(PROJECT["project"]["dependencies"]) | {k: v for k, v in SPARK.items() if k != "ibis-framework"}
DEV = requirements(PROJECT["dependency-groups"]["dev"])


def trees(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders:
        yield from _trees(folder)


@cache
def _trees(folder: str) -> list[tuple[str, ast.Module]]:
    paths = sorted(path for path in (ROOT / folder).rglob("*.py") if "node_modules" not in path.parts)
    return [(str(path.relative_to(ROOT)), ast.parse(path.read_text())) for path in paths]


@cache
def imported(tree: ast.Module) -> set[str]:
    """The top-level modules that a module imports, without the standard library's and its own."""
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module and not n.level]
    return {name.partition(".")[0] for name in names} - sys.stdlib_module_names - OWN


def distributions(*folders: str) -> dict[str, str]:
    """The distributions that are imported, each with one file that does."""
    providers = packages_distributions()
    return {
        normal((providers.get(module) or [f"nobody installed {module}"])[0]): file
        for file, tree in trees(*folders)
        for module in imported(tree)
    }


def test_every_library_that_the_product_imports_is_declared() -> None:
    assert {name: file for name, file in distributions("ceap").items() if name not in PRODUCT} == {}


def test_every_library_that_tests_and_benchmarks_import_is_declared() -> None:
    found = distributions(
        "tests",
        "benchmarks",
        "demo",
    )
    assert {name: file for name, file in found.items() if name not in PRODUCT | DEV} == {}


def test_every_declared_library_is_used() -> None:
    assert sorted(PRODUCT.keys() - distributions("ceap").keys() - NAMED.keys()) == []
    everywhere = distributions(
        "ceap",
        "tests",
        "benchmarks",
        "demo",
    )
    assert sorted(DEV.keys() - everywhere.keys() - NAMED.keys()) == []
    assert sorted(NAMED.keys() - (PRODUCT | DEV).keys()) == []


@pytest.mark.parametrize("line", ["import aiosmtplib", "from httpcore import URL", "def f():\n    import numpy.linalg"])
def test_an_import_is_seen_wherever_it_stands(line: str) -> None:
    assert len(imported(ast.parse(line))) == 1


@dataclass(frozen=True)
class Private:
    """A part of a library that it does not promise: where it is used, where it is, whose, and in which versions."""

    user: str
    part: str
    holder: str  # "module:object" whose source or attributes have it
    distribution: str  # "" for the standard library
    versions: str = ""


PRIVATE = (
    Private("ceap/accounts/middleware.py", "_body", "django.http:HttpRequest", "django", ">=5.2.8,<5.3"),
    Private("ceap/accounts/api/session.py", "internal", "allauth.mfa.totp.internal.auth:SECRET_SESSION_KEY",
            "django-allauth", ">=65.13,<66"),
    Private("ceap/accounts/receivers.py", "internal", "allauth.mfa.totp.internal.auth:TOTP",
            "django-allauth", ">=65.13,<66"),
    Private("ceap/accounts/receivers.py", "_mark_code_used", "allauth.mfa.totp.internal.auth:TOTP",
            "django-allauth", ">=65.13,<66"),
    Private("ceap/accounts/receivers.py", "_get_used_cache_key", "allauth.mfa.totp.internal.auth:TOTP",
            "django-allauth", ">=65.13,<66"),
    Private("ceap/channels/sink.py", "_create_session", "aiosmtpd.smtp:SMTP", "aiosmtpd", ">=1.4,<1.5"),
    Private("ceap/core/engine/duckdb.py", "_post_connect", "ibis.backends.duckdb:Backend",
            "ibis-framework", ">=12,<13"),
    Private("ceap/core/engine/spark.py", "_run_pre_execute_hooks", "ibis.backends:BaseBackend",
            "ibis-framework", ">=12,<13"),
    Private("ceap/core/engine/spark.py", "_jsc", "pyspark:SparkContext", "pyspark", ">=4,<5"),
    Private("ceap/core/learning/network.py", "_optimizer", "sklearn.neural_network:MLPClassifier",
            "scikit-learn", ">=1.6,<1.10"),
    Private("ceap/plugins/channels/smtp.py", "_get_socket", "smtplib:SMTP", ""),
    Private("ceap/plugins/channels/smtp.py", "_host", "smtplib:SMTP", ""),
    Private("ceap/reports/excel.py", "_write_single_row", "xlsxwriter.worksheet:Worksheet",
            "xlsxwriter", ">=3.2,<3.4"),
    Private("ceap/reports/excel.py", "_get_xf_index", "xlsxwriter.format:Format", "xlsxwriter", ">=3.2,<3.4"),
)  # fmt: skip
OF_ITSELF = {"self", "cls"}
PROMISED = {"_meta", "_base_manager", "_exit"}  # documented by Django and Python in spite of their names


OF_NAMED_TUPLES = {"_", "_make", "_asdict", "_replace", "_fields"}  # public, as Python's documentation says


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in OF_NAMED_TUPLES


def reaches(tree: ast.Module) -> set[str]:
    """The private parts of libraries that a module reaches: read or set on a foreign object, overridden, imported."""
    found: set[str] = set()
    origin: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] not in OWN:
            steps = node.module.split(".")
            found |= {step for step in steps if is_private(step) or step == "internal"}
            found |= {alias.name for alias in node.names if is_private(alias.name)}
            origin |= {alias.asname or alias.name: f"{node.module}:{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            origin |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.Attribute) and is_private(node.attr) and ast.unparse(node.value) not in OF_ITSELF:
            found.add(node.attr)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            methods = {one.name for one in node.body if isinstance(one, ast.FunctionDef) and is_private(one.name)}
            for base in node.bases:
                found |= {name for name in methods if hasattr(_resolved(ast.unparse(base), origin), name)}
    return found - {"__future__"} - PROMISED


def _resolved(name: str, origin: dict[str, str]) -> Any:
    """The foreign class that a name in a module stands for; None for one of ours."""
    first, *rest = name.partition("[")[0].split(".")
    if first not in origin or origin[first].startswith("ceap"):
        return None
    module, _, attribute = origin[first].partition(":")
    found: Any = importlib.import_module(module)
    for step in ([attribute] if attribute else []) + rest:
        found = getattr(found, step, None)
    return found


def own_names() -> set[str]:
    """Private names that the product itself gives: functions, classes, attributes it sets on itself."""
    found = set()
    for _, tree in trees("ceap"):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found.add(node.name)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                found |= {node.attr} if ast.unparse(node.value) == "self" else set()
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found.add(node.target.id)
    return found


def test_private_parts_of_libraries_are_used_only_where_the_table_says() -> None:
    listed = {(one.user, one.part) for one in PRIVATE}
    own = own_names() - {part for _, part in listed}
    found = {(file, part) for file, tree in trees("ceap") for part in reaches(tree) - own}
    assert found == listed


@pytest.mark.parametrize("row", PRIVATE, ids=lambda row: f"{row.user.removeprefix('ceap/')}-{row.part}")
def test_a_private_part_is_there_in_the_pinned_versions(row: Private) -> None:
    module, _, name = row.holder.partition(":")
    try:
        holder = getattr(importlib.import_module(module), name)
    except ModuleNotFoundError:
        pytest.skip(f"{row.distribution} is not installed")
    if row.part != "internal":
        classes = inspect.getmro(holder)
        assert hasattr(holder, row.part) or any(f"self.{row.part}" in inspect.getsource(c) for c in classes[:-1])
    if row.distribution:
        assert row.versions == (PRODUCT | SPARK)[row.distribution]
        assert "<" in row.versions
        assert SpecifierSet(row.versions).contains(version(row.distribution))


@pytest.mark.parametrize(
    "code",
    [
        "def f(x):\n    return x._secret",
        "from allauth.mfa.internal import x",
        "from smtplib import SMTP\nclass Mine(SMTP):\n    def _get_socket(self): ...",
        "import smtplib\nclass Mine(smtplib.SMTP):\n    def _get_socket(self): ...",
    ],
)
def test_a_new_reach_into_a_library_is_seen(code: str) -> None:
    assert len(reaches(ast.parse(code))) == 1
