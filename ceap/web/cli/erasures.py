"""`ceap erasures run | status`."""

from __future__ import annotations

import typer

from ceap.web.cli import HOME, JSON, app, emit, installed, work

erasures = typer.Typer(no_args_is_help=True, help="Persons who were erased, and the last copies of their data.")
app.add_typer(erasures, name="erasures")


@erasures.command()
def run(home: str = HOME, as_json: bool = JSON) -> None:
    """Erase the last copies now, instead of within the day."""
    installed(home)
    from ceap.customers.actions import start_erasing

    job = start_erasing(at_once=True)
    result = (work(job, as_json=as_json).result or {}) if job else {"erased": 0, "waiting": 0}
    text = (
        f"Erased: {result['erased']}; waiting: {result['waiting']}"
        if job
        else "No erasure is open, or one is under way."
    )
    emit(result, as_json=as_json, text=text)
    if result["waiting"]:
        raise typer.Exit(1)


@erasures.command()
def status(home: str = HOME, as_json: bool = JSON) -> None:
    """Which erasures are open, and until when their last copies are gone."""
    installed(home)
    from ceap.accounts.contracts import SYSTEM
    from ceap.customers.queries.erasures import erasures as found

    rows = [
        {
            "customer": row.customer, "requested_at": row.requested_at, "due_at": row.due_at,
            "finished_at": row.finished_at, "problem": row.problem,
        }
        for row in found(SYSTEM)
    ]  # fmt: skip
    lines = [
        f"#{row['customer']}: "
        + (f"gone since {row['finished_at']}" if row["finished_at"] else f"gone by {row['due_at']}")
        + (f" ({row['problem']})" if row["problem"] else "")
        for row in rows
    ]
    emit(rows, as_json=as_json, text="\n".join(lines) or "Nobody was erased.")
