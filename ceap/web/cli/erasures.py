"""`ceap erasures run | status | compact`."""

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
    from ceap.customers.queries import tables_to_compact
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
    lines = lines or ["Nobody was erased."]
    if large := tables_to_compact():
        sizes = ", ".join(f"{name} ({size >> 20:,} MiB)" for name, size in large.items())
        lines.append(
            f"Too large to be rewritten at each erasure: {sizes}. Run `ceap erasures compact` in a quiet hour."
        )
    emit(rows, as_json=as_json, text="\n".join(lines))


@erasures.command()
def compact(home: str = HOME, as_json: bool = JSON) -> None:
    """Write the store anew without the bytes of what was deleted; a table waits while its turn is. For a quiet hour."""
    installed(home)
    from ceap.core.copies import NotYet
    from ceap.customers import actions

    try:
        sizes = actions.compact(lambda name: None if as_json else typer.echo(f"rewriting {name}", err=True))
    except NotYet as reason:
        emit({"problem": str(reason)}, as_json=as_json, text=str(reason))
        raise typer.Exit(1) from reason
    before, after = (sum(pair[n] for pair in sizes.values()) for n in (0, 1))
    text = (
        f"{len(sizes)} tables, {before >> 20:,} MiB, are now {after >> 20:,} MiB."
        if sizes
        else "The file is rewritten."
    )
    emit({name: {"before": b, "after": a} for name, (b, a) in sizes.items()}, as_json=as_json, text=text)
