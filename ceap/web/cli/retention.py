"""`ceap retention run | preview | status`."""

from __future__ import annotations

from typing import Any

import typer

from ceap.web.cli import HOME, JSON, app, emit, installed, work

retention = typer.Typer(no_args_is_help=True, help="What is deleted because of its age.")
app.add_typer(retention, name="retention")


@retention.command()
def run(home: str = HOME, as_json: bool = JSON) -> None:
    """Delete now what is past its age, instead of in the night."""
    installed(home)
    from ceap.accounts.contracts import SYSTEM
    from ceap.customers.actions import start_retention

    job = start_retention(SYSTEM)
    result: dict[str, Any] = {"removed": {}, "spared": {}, "held": 0, "problem": ""}
    if job:
        result |= work(job, as_json=as_json).result or {}
    lines = [f"{key}: {count:,}" for key, count in result["removed"].items() if count]
    lines = lines or ["Nothing was past its age." if job else "A run is under way."]
    lines += [
        f"{key}: {count:,} kept, they name a customer under a legal hold" for key, count in result["spared"].items()
    ]
    emit(result, as_json=as_json, text="\n".join([*lines, *filter(None, [result["problem"]])]))
    if result["problem"]:
        raise typer.Exit(1)


@retention.command()
def preview(home: str = HOME, as_json: bool = JSON) -> None:
    """How many of each kind a run would delete now, by setting; nothing is changed."""
    installed(home)
    from ceap.accounts.contracts import SYSTEM
    from ceap.customers.actions import would_go

    counts = would_go(SYSTEM)
    emit(counts, as_json=as_json, text="\n".join(f"{key}: {count:,}" for key, count in counts.items()))


@retention.command()
def status(home: str = HOME, as_json: bool = JSON) -> None:
    """The newest runs: when, by whom, how many of each kind went."""
    installed(home)
    from ceap.accounts.contracts import SYSTEM
    from ceap.customers.queries.retention import retention_runs

    rows = [
        {"at": one.created_at, "by": one.by, "finished_at": one.finished_at, "removed": one.removed,
         "spared": one.spared, "held": one.held, "problem": one.problem}
        for one in retention_runs(SYSTEM)
    ]  # fmt: skip
    text = "\n".join(
        f"{one['at']} by {one['by']}: {one['removed'] or 'nothing'}; kept by a hold: {one['spared'] or 'nothing'} "
        f"{one['problem']}".rstrip()
        for one in rows
    )
    emit(rows, as_json=as_json, text=text or "No run yet.")
