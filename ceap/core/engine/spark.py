"""Spark: the tables are Parquet files of a `Lake`, which this process writes and executors read.

    spark-local-cluster:///folder?executors=2&cores=1&memory=1024   executors on this machine, in their own processes
    spark://master:7077/folder                                      a cluster; it sees the folder under the same path

Further words after "?" that start with "spark." are settings of Spark. The Java machine starts with the first query.
"""

from __future__ import annotations

import importlib.util
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import ibis
import pyarrow as pa

from ceap.core.engine.given import Given
from ceap.core.engine.lake import Lake, Table
from ceap.core.engine.ports import Damaged, Unreachable, Writer

LEAST_JAVA = 17
SCHEMES = ("spark", "spark-local-cluster")
_UNREADABLE = ("FAILED_READ_FILE", "FileNotFoundException", "is not a Parquet file", "could not read page")
_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.driver.extraJavaOptions": "-Duser.timezone=UTC",
    "spark.executor.extraJavaOptions": "-Duser.timezone=UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.variable.substitute": "false",  # "${…}" in a value is text
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "10000",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
    "spark.sql.maxPlanStringLength": "1000",
    "spark.driver.maxResultSize": "0",
    "spark.log.level": "ERROR",
}


class _Session:
    """The one Spark of this process: engines with the same settings share it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.settings: dict[str, str] = {}
        self.root: Any = None

    def get(self, settings: dict[str, str]) -> Any:
        with self.lock:
            if self.root is not None and (self.settings != settings or not _lives(self.root)):
                with suppress(Exception):
                    self.root.stop()
                self.root = None
            if self.root is None:
                self.root, self.settings = _start(settings), settings
            return self.root

    def stop(self) -> None:
        with self.lock:
            if self.root is not None:
                with suppress(Exception):  # it had died
                    self.root.stop()
                self.root = None


_session = _Session()


class Spark:
    """`Engine` over a folder of Parquet files and a Spark that reads them."""

    pace = 5.0

    def __init__(self, url: str):
        check(url)
        parts = urlsplit(url)
        self._settings = _settings(parts.scheme, parts.netloc, dict(parse_qsl(parts.query)))
        self._lake = Lake(Path(parts.path))
        self._mine = threading.local()

    def backend(self) -> Any:
        with self._lake.reading() as tables:
            return self._shown(tables)

    def run(self, expr: Any, given: Given | None = None) -> pa.Table:
        from py4j.protocol import Py4JError

        table = given.written(expr.as_table()) if given else expr.as_table()
        with self._lake.reading() as tables:
            try:
                return self._run(table, tables)
            except Py4JError as error:  # the Java machine died: once more, in a new one
                if _lives(_session.root):
                    raise _judged(error) from error
            try:
                return self._run(table, tables)
            except Py4JError as error:
                raise _judged(error) from error

    def interrupter(self) -> Callable[[], None]:
        return lambda: None

    def _run(self, table: Any, tables: dict[str, Table]) -> pa.Table:
        from pyspark.errors import PySparkException

        try:
            backend = self._shown(tables)
            backend._run_pre_execute_hooks(table)
            found = backend.raw_sql(backend.compile(table)).toArrow()
        except PySparkException as error:
            raise _judged(error) from error
        schema = table.schema().to_pyarrow()
        return pa.table([found.column(n).cast(field.type) for n, field in enumerate(schema)], schema=schema)

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        with self._lake.writing() as writer:
            yield writer

    def verify(self) -> None:
        self._lake.verify()

    def forget(self) -> None:
        """Remove the files that were still read at the last commit, and end Spark, with what its executors hold and
        have written aside; the next query starts another."""
        self._lake.sweep()
        _session.stop()

    def close(self) -> None:
        self._lake.close()
        self._mine = threading.local()

    def _shown(self, tables: dict[str, Table]) -> Any:
        """The calling thread's backend, in which the views are these tables."""
        root = _session.get(self._settings)
        mine = self._mine
        if getattr(mine, "root", None) is not root:
            mine.root, mine.session, mine.views = root, root.newSession(), {}
            mine.backend = ibis.pyspark.connect(mine.session)
            mine.backend.compiler = compiler()
        for name, table in tables.items():
            if mine.views.get(name) != table:
                self._view(mine.session, name, table)
                mine.views[name] = table
        for name in mine.views.keys() - tables.keys():
            mine.session.catalog.dropTempView(name)
            del mine.views[name]
        return mine.backend

    def _view(self, session: Any, name: str, table: Table) -> None:
        from pyspark.sql import functions
        from pyspark.sql.pandas.types import from_arrow_type
        from pyspark.sql.types import StructField, StructType

        types = [from_arrow_type(c.type, prefer_timestamp_ntz=True) for c in table.columns]
        stored = StructType([StructField(c.stored, type) for c, type in zip(table.columns, types, strict=True)])
        if table.files:
            rows = session.read.schema(stored).parquet(*(self._lake.path(file).as_uri() for file in table.files))
        else:
            empty = ", ".join(
                f"CAST(NULL AS {t.simpleString()}) AS `{c.stored}`" for c, t in zip(table.columns, types, strict=True)
            )
            rows = session.sql(f"SELECT {empty} WHERE FALSE")
        rows.select(*(functions.col(f"`{c.stored}`").alias(c.name) for c in table.columns)).createOrReplaceTempView(
            name
        )


def compiler() -> Any:
    """How expressions become Spark's SQL. Imported late: it needs Spark."""
    from ceap.core.engine.spark_json import compiler

    return compiler


def _settings(scheme: str, place: str, said: dict[str, str]) -> dict[str, str]:
    settings = dict(_SETTINGS)
    if scheme == "spark":
        settings["spark.master"] = f"spark://{place}"
    else:
        executors, cores, memory = (int(said.get(n, d)) for n, d in (("executors", 2), ("cores", 1), ("memory", 1024)))
        settings |= {
            "spark.master": f"local-cluster[{executors},{cores},{memory}]",
            "spark.executor.memory": f"{memory}m",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.authenticate": "true",  # nobody else on this machine may give the executors work
            "spark.sql.shuffle.partitions": str(executors * cores),
        }
    return settings | {name: value for name, value in said.items() if name.startswith("spark.")}


def _start(settings: dict[str, str]) -> Any:
    import pyspark
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_HOME", str(Path(pyspark.__file__).parent))
    own = settings["spark.master"].startswith("local")
    if own:
        os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
        settings = {"spark.authenticate.secret": secrets.token_hex(16), **settings}
    builder = SparkSession.builder.appName("ceap warehouse")
    for name, value in settings.items():
        builder = builder.config(name, value)
    before = signal.getsignal(signal.SIGINT)
    try:
        return builder.getOrCreate()
    except Exception as error:
        raise Unreachable(f"Spark does not start: {str(error).strip().partition(chr(10))[0]}") from error
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, before)  # Spark's client puts its own there


def _lives(root: Any) -> bool:
    try:
        return not root.sparkContext._jsc.sc().isStopped()
    except Exception:
        return False


def java() -> str:
    """The Java that Spark will use; "" when there is none."""
    if home := os.environ.get("JAVA_HOME"):
        return str(Path(home) / "bin" / "java")
    return shutil.which("java") or ""


def java_version(program: str) -> int:
    """Its major version; 0 when it does not run."""
    try:
        said = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=30).stderr
    except OSError:
        return 0
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(found.group(1)) if found else 0


def check(url: str) -> None:
    """Whether Spark's client, a Java and, at `spark://`, the master are there.

    Raises:
        Unreachable: what is missing, and what to do.
    """
    parts = urlsplit(url)
    host, port = parts.hostname, parts.port or 7077
    if len(parts.path) < 2:
        raise Unreachable(f"{parts.scheme}:// needs a folder for its tables: {parts.scheme}://{parts.netloc}/folder")
    if not importlib.util.find_spec("pyspark"):
        raise Unreachable("Spark's client is not installed: pip install 'ceap[spark]'")
    program = java()
    if not program:
        raise Unreachable(f"Spark needs Java {LEAST_JAVA} or newer, and there is none: install it, or set JAVA_HOME")
    if (version := java_version(program)) < LEAST_JAVA:
        raise Unreachable(f"Spark needs Java {LEAST_JAVA} or newer, and {program} is {version or 'not one'}")
    if host:
        try:
            socket.create_connection((host, port), timeout=5).close()
        except OSError as error:
            raise Unreachable(
                f"no Spark master answers at {host}:{port} ({error}): start it, or mend the URL"
            ) from error


def _judged(error: Exception) -> Exception:
    text = str(error)
    if any(sign in text for sign in _UNREADABLE):
        return Damaged(text.partition("\n")[0][:300])
    return error
