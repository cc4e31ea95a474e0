"""The columnar engine behind the warehouse: reads are Ibis, writes are a handful of verbs.

`connect(url)` gives an `Engine` for DuckDB or PostgreSQL. Another Ibis backend needs a module beside `duckdb.py`
with the same two things: a backend for each thread, and a `Writer` whose verbs are committed together.
"""

from __future__ import annotations

from ceap.core.engine.ports import Damaged, Engine, InUse, Unsupported, Writer

__all__ = ["Damaged", "Engine", "InUse", "Unsupported", "Writer", "connect"]


def connect(url: str, *, memory: str | None = None, threads: int | None = None) -> Engine:
    """Open the warehouse at `url`, creating what is not there.

    Args:
        url: `duckdb:///path/to/file` or `postgresql://user@host/database` (tables live in its schema `warehouse`).
        memory: DuckDB's limit, e.g. "4GB" (default: half of the machine's).
        threads: DuckDB's threads (default: one for each core).

    Raises:
        Damaged: the file is there, but it is not a whole database of this version.
        InUse: another process holds it.
        Unsupported: no engine is known for such a URL.
    """
    scheme = url.partition("://")[0]
    if scheme == "duckdb":
        from ceap.core.engine.duckdb import DuckDB

        return DuckDB(url.removeprefix("duckdb://"), memory=memory, threads=threads)
    if scheme in ("postgresql", "postgres"):
        from ceap.core.engine.postgresql import PostgreSQL

        return PostgreSQL(url)
    raise Unsupported(f"No engine for a warehouse at {scheme}:// (known: duckdb, postgresql)")
