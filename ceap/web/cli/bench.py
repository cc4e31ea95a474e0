"""`ceap bench`: the promises of speed, measured."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from ceap.web.cli import HOME, JSON, app, emit

SCALE = typer.Option("full", "--scale", help="small (minutes for all) or full (the one that counts)")


@app.command()
def bench(id: str, scale: str = SCALE, home: str = HOME, as_json: bool = JSON) -> None:
    """Measure one promise (F-6) or all; each runs on a throw-away home, so --home is not used."""
    root = Path(__file__).resolve().parents[3]
    if not (root / "benchmarks").is_dir():
        raise typer.BadParameter("the benchmarks come with the source tree, not with the installed package")
    sys.path.insert(0, str(root))
    from benchmarks.frame import benchmarks, run
    from benchmarks.results import record

    known = benchmarks()
    if scale not in ("small", "full") or (id != "all" and id not in known):
        raise typer.BadParameter(f"one of: all, {', '.join(known)}; --scale small or full")
    failed = False
    for one in known if id == "all" else [id]:
        try:
            result = run(one, scale)  # type: ignore[arg-type]
        except RuntimeError as error:
            failed = True
            print(error, file=sys.stderr)
            continue
        record(result)
        missed = "" if result.reached else "  NOT REACHED"
        line = f"{one:5} {result.value:,.4g} {result.unit}  p99 {result.p99}  ÷limit {result.ratio_limit}{missed}"
        emit(result.json(), as_json=as_json, text=f"{line}\n      {result.note}")
    if failed:
        raise typer.Exit(1)
