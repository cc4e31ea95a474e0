"""Small files of the synthetic grocery chain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from ceap.core.learning import grocery, lifecycle, table
from ceap.core.learning.lifecycle import Told
from ceap.core.learning.roles import Given
from ceap.core.learning.versions import Versions
from ceap.kit.clock import now

LABEL = "cluster_category"


def write(folder: Path, made: pa.Table, name: str = "chain.csv") -> Path:
    file = folder / name
    table.write(made, file)
    return file


def ready_made(customers: int, seed: int = 7) -> pa.Table:
    return grocery.chain(customers, seed).table()


def rows(**columns: list[Any]) -> pa.Table:
    return pa.table(columns)


def train(file: Path, folder: Path, *, labels: str | None = None, seed: int = 1, **options: Any) -> dict[str, Any]:
    return lifecycle.train(file, Versions(folder), Told("nimal", now(), seed), Given(label=labels), **options)


def score(file: Path, folder: Path, output: Path, **options: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    answer = lifecycle.score(file, output, Versions(folder), Given(**options))
    return answer, table.read(output).table.to_pylist()
