"""The store of a crash test: a file of its home, or a PostgreSQL database of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
import pytest

from tests import template


@contextmanager
def store(kind: str) -> Iterator[str]:
    """The value of CEAP_STORE_URL for "sqlite" (the home's own file) or "postgresql" (skipped where there is none)."""
    if kind == "sqlite":
        yield ""
        return
    admin = os.environ.get("CEAP_TEST_POSTGRESQL_URL", "")
    if not admin:
        pytest.skip("no PostgreSQL: set CEAP_TEST_POSTGRESQL_URL")
    name = f"ceap_crash_{uuid4().hex[:12]}"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template.database(admin)}")
    try:
        yield f"{admin.rpartition('/')[0]}/{name}"
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
