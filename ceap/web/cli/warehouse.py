"""`ceap warehouse rebuild | status`."""

from __future__ import annotations

import typer

from ceap.web.cli import HOME, JSON, app, emit, installed, work

warehouse = typer.Typer(no_args_is_help=True, help="The columnar copy that segments and analytics read.")
app.add_typer(warehouse, name="warehouse")


@warehouse.command()
def rebuild(
    without: list[str] = typer.Option([], help="An archive file to leave out, damaged beyond repair (repeatable)."),
    home: str = HOME,
    as_json: bool = JSON,
) -> None:
    """Make the warehouse again from store, archive and change log; readers see the old rows until it is done."""
    installed(home)
    from ceap.jobs.actions import enqueue

    job = work(enqueue("warehouse.rebuild", without=without), as_json=as_json)
    result = job.result or {}
    rows = ", ".join(f"{count:,} {name}" for name, count in result["rows"].items())
    emit(result, as_json=as_json, text=f"Rebuilt: {rows} (as of {result['as_of']})")


@warehouse.command()
def status(home: str = HOME, as_json: bool = JSON) -> None:
    """How far each reader is behind the change log, and whether every archive file is whole."""
    found = installed(home)
    from ceap.events import queries

    lags, files = queries.lags(), queries.archive_state()
    value = {
        "url": found.warehouse_url.partition("@")[2] or found.warehouse_url,
        "consumers": [{"consumer": lag.consumer, "entries": lag.entries, "seconds": lag.seconds} for lag in lags],
        "archive": {"files": files.files, "rows": files.rows, "damaged": files.damaged},
    }
    lines = [f"Warehouse: {value['url']}"]
    lines += [f"{lag.consumer}: {lag.entries:,} entries behind ({lag.seconds:.0f} s)" for lag in lags]
    lines.append(f"Archive: {files.files:,} files, {files.rows:,} rows")
    lines += [f"DAMAGED or missing: {name}" for name in files.damaged]
    emit(value, as_json=as_json, text="\n".join(lines))
    if files.damaged:
        raise typer.Exit(1)
