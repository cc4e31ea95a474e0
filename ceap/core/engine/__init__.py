"""The columnar engine behind the warehouse: reads are Ibis, writes are a handful of verbs.

`connect(url)` gives an `Engine` for DuckDB, PostgreSQL or Spark. Another Ibis backend comes through an
entry point of the group `ceap.engines`, named like the URL's scheme: a function of the URL that gives an `Engine`
(docs/operate/warehouse.md).
"""

from __future__ import annotations

from importlib.metadata import entry_points

from ceap.core.engine.given import Given
from ceap.core.engine.ports import Damaged, Engine, InUse, Unreachable, Unsupported, Writer

__all__ = ["Damaged", "Engine", "Given", "InUse", "Unreachable", "Unsupported", "Writer", "connect"]

KNOWN = ("duckdb", "postgresql", "spark", "spark-local-cluster")


def connect(url: str, *, memory: str | None = None, threads: int | None = None) -> Engine:
    """Open the warehouse at `url`, creating what is not there.

    Args:
        url: `duckdb:///path/to/file`, `postgresql://user@host/database` (tables live in its schema `warehouse`),
            `spark-local-cluster:///folder` or `spark://master:7077/folder` (tables are Parquet files in the folder).
        memory: DuckDB's limit, e.g. "4GB" (default: half of the machine's).
        threads: DuckDB's threads (default: one for each core).

    Raises:
        Damaged: the file is there, but it is not a whole database of this version.
        InUse: another process holds it.
        Unreachable: the engine cannot be started or reached; the message says what to do.
        Unsupported: no engine is known for such a URL.
    """
    scheme = url.partition("://")[0]
    if scheme == "duckdb":
        from ceap.core.engine.duckdb import DuckDB

        return DuckDB(url.removeprefix("duckdb://"), memory=memory, threads=threads)
    if scheme in ("postgresql", "postgres"):
        from ceap.core.engine.postgresql import PostgreSQL

        return PostgreSQL(url)
    if scheme in ("spark", "spark-local-cluster"):
        from ceap.core.engine.spark import Spark

        return Spark(url)
    for found in entry_points(group="ceap.engines", name=scheme):
        opened: Engine = found.load()(url)
        return opened
    raise _unsupported(scheme)


def check(url: str) -> None:
    """Whether the warehouse at `url` can be reached, without opening it.

    Raises:
        Unreachable: it cannot; the message says what is missing and what to do.
        Unsupported: no engine is known for such a URL.
    """
    scheme = url.partition("://")[0]
    if scheme in ("spark", "spark-local-cluster"):
        from ceap.core.engine import spark

        spark.check(url)
    elif scheme in ("postgresql", "postgres"):
        from ceap.core.engine import postgresql

        postgresql.check(url)
    elif scheme != "duckdb" and not entry_points(group="ceap.engines", name=scheme):
        raise _unsupported(scheme)


def _unsupported(scheme: str) -> Unsupported:
    return Unsupported(f"no engine for a warehouse at {scheme}:// (known: {', '.join(KNOWN)})")
