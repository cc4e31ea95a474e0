"""A store with every migration applied, made once and copied: a hundred migrations cost 5 s of a core, a copy none.

A file is kept in `tests/artifacts` for each state of the migrations; of PostgreSQL, a whole cluster with a template
database in it (see `provision.postgresql`).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path

import psycopg

ROOT = Path(__file__).parents[1]
ARTIFACTS = ROOT / "tests" / "artifacts"


def file(target: Path) -> None:
    """Put a migrated SQLite store at `target`."""
    made = ARTIFACTS / f"store-{_digest()}.sqlite3"
    with _alone():
        if not made.exists():
            for old in ARTIFACTS.glob("store-*.sqlite3"):
                old.unlink()
            with tempfile.TemporaryDirectory() as home:
                _migrate(home, "")
                shutil.move(Path(home) / "store.sqlite3", made)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(made, target)


def database(server: str) -> str:
    """The name of a migrated database on the cluster of `server`, a store's URL, for CREATE DATABASE … TEMPLATE."""
    name, base = f"ceap_migrated_{_digest()}", server.rpartition("/")[0]
    with _alone(), psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(f"CREATE DATABASE {name}_begun")
            with tempfile.TemporaryDirectory() as home:
                _migrate(home, f"{base}/{name}_begun")
            connection.execute(f"ALTER DATABASE {name}_begun RENAME TO {name}")
    return name


def cluster(server: str) -> Path:
    """Where a cluster with such a database is kept, for this version of the server; older ones are removed."""
    key = hashlib.sha256(f"{_digest()} {server}".encode()).hexdigest()[:16]
    kept = ARTIFACTS / f"cluster-{key}"
    for old in ARTIFACTS.glob("cluster-*"):
        if old != kept:
            shutil.rmtree(old)
    ARTIFACTS.mkdir(exist_ok=True)
    return kept


@cache
def _digest() -> str:
    """Of all migrations, and of the packages that bring their own."""
    found = hashlib.sha256(repr([version(name) for name in ("django", "django-allauth", "django-tasks-db")]).encode())
    for path in sorted((ROOT / "ceap").glob("*/migrations/*.py")):
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()[:16]


def _migrate(home: str, url: str) -> None:
    """Apply every migration in a process of its own, which reads its settings afresh."""
    environment = {**os.environ, "CEAP_HOME": home, "CEAP_STORE_URL": url}
    command = [sys.executable, "-m", "ceap", "manage", "migrate", "-v", "0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


@contextmanager
def _alone() -> Iterator[None]:
    """One process makes a template, the others wait."""
    ARTIFACTS.mkdir(exist_ok=True)
    with (ARTIFACTS / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
