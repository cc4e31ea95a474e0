"""RESULTS.md: one row for each benchmark and scale; a run replaces its own rows and leaves the others."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from benchmarks.frame import Result, benchmarks

FILE = Path(__file__).parent / "RESULTS.md"
HEAD = """# Measured

Made by `ceap bench ID --scale small|full`; absolute times depend on the machine, the ratios are of one run.
`limit`: what the machine can do at all; `peer`: the usual way. Ratios are ours ÷ theirs, as speeds. Small scale is for
a quick look; the full scale counts. Where other work shared the machine, the note says so; changes were then judged
by processor time, before and after in the same minutes.

| id | scale | work | ours | P99 ms | limit | ÷ limit | peer | ÷ peer | n | reached | measured | notes |
|---|---|---|---|---|---|---|---|---|---|---|---|---|
"""
_ROW = re.compile(r"^\| (F-\d+) \| (small|full) \|.*$", re.MULTILINE)


def record(result: Result) -> None:
    """Put `result` into its row."""
    rows = {(m.group(1), m.group(2)): m.group(0) for m in _ROW.finditer(FILE.read_text() if FILE.exists() else "")}
    rows[result.id, result.scale] = _row(result)
    order = sorted(rows, key=lambda key: (int(key[0].split("-")[1]), key[1] == "small"))
    FILE.write_text(HEAD + "\n".join(rows[key] for key in order) + "\n")


def _row(result: Result) -> str:
    work = benchmarks()[result.id].WORK
    cells = [
        result.id, result.scale, work, f"{_number(result.value)} {result.unit}", _number(result.p99),
        _number(result.limit), _number(result.ratio_limit), _number(result.peer), _number(result.ratio_peer),
        _number(result.n), "yes" if result.reached else "**no**", date.today().isoformat(), result.note,
    ]  # fmt: skip
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
