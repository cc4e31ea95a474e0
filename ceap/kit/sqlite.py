"""SQLite as this product needs it: a library without the WAL-reset defect, durable and patient connections."""

from __future__ import annotations

import sys

import pysqlite3
import pysqlite3.dbapi2

FLOOR = (3, 51, 3)
PRAGMAS = (
    "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
    "PRAGMA busy_timeout=30000;PRAGMA temp_store=MEMORY;PRAGMA cache_size=-65536;PRAGMA mmap_size=268435456"
)


def install() -> None:
    """Put `pysqlite3` in the place of `sqlite3` for everything imported afterwards.

    Raises:
        RuntimeError: the library is older than `FLOOR` (the WAL-reset corruption defect is in 3.7.0 to 3.51.2).
    """
    if pysqlite3.sqlite_version_info < FLOOR:
        raise RuntimeError(
            f"SQLite {pysqlite3.sqlite_version} may corrupt its log; install pysqlite3 >= 0.6.1 (SQLite >= 3.51.3)."
        )
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
