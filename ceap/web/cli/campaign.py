"""`ceap campaign …`: list, launch, pause, resume, cancel, report."""

from __future__ import annotations

from uuid import UUID

import typer

from ceap.web.cli import HOME, JSON, app, emit, installed, work

campaign = typer.Typer(no_args_is_help=True, help="Campaigns: list them, launch and steer them, show how one went.")
app.add_typer(campaign, name="campaign")
ID = typer.Argument(help="The campaign's id, as `ceap campaign list` shows it.")


@campaign.command("list")
def list_campaigns(
    status: str = typer.Option("", "--status", help="Only these, separated by commas: draft, running, …"),
    home: str = HOME,
    as_json: bool = JSON,
) -> None:
    """Show the campaigns, newest first."""
    installed(home)
    from ceap.accounts.contracts import SYSTEM
    from ceap.campaigns import queries

    rows, cursor = [], ""
    while True:
        page, following, _ = queries.page(SYSTEM, "", status, False, cursor, 500)
        rows += [{"id": str(c.pk), "name": c.name, "status": c.status, "planned": c.planned} for c in page]
        if following is None:
            break
        cursor = following
    lines = [
        f"{r['id']}  {r['status']:<10} {r['planned'] if r['planned'] is not None else '–':>10}  {r['name']}"
        for r in rows
    ]
    emit(rows, as_json=as_json, text="\n".join(lines) or "There are no campaigns yet.")


@campaign.command()
def launch(id: UUID = ID, home: str = HOME, as_json: bool = JSON) -> None:
    """Launch a draft as it is now, or put it on its schedule."""
    installed(home)
    from ceap.accounts.contracts import SYSTEM
    from ceap.campaigns import actions, queries

    row = actions.launch(SYSTEM, id, queries.get(SYSTEM, id).version)
    _done(str(row.pk), row.name, row.status, as_json=as_json)


@campaign.command()
def pause(id: UUID = ID, home: str = HOME, as_json: bool = JSON) -> None:
    """Hold what is not handed over yet."""
    _steer("pause", id, home, as_json=as_json)


@campaign.command()
def resume(id: UUID = ID, home: str = HOME, as_json: bool = JSON) -> None:
    """Go on with a paused campaign."""
    _steer("resume", id, home, as_json=as_json)


@campaign.command()
def cancel(id: UUID = ID, home: str = HOME, as_json: bool = JSON) -> None:
    """End a campaign: what is not handed over yet is never sent."""
    _steer("cancel", id, home, as_json=as_json)


@campaign.command()
def report(id: UUID = ID, home: str = HOME, as_json: bool = JSON) -> None:
    """Show how a campaign went and what it was worth."""
    installed(home)
    from ceap.accounts.contracts import SYSTEM
    from ceap.campaigns import queries
    from ceap.jobs.actions import enqueue

    key = str(queries.get(SYSTEM, id).pk)
    job = work(enqueue("measurement.report", SYSTEM, subject=f"campaign:{key}", campaign_id=key), as_json=as_json)
    found = job.result or {}
    states = [f"  {state:<12} {count:>10,}" for state, count in found["states"].items() if count]
    money = [f"{name}: {found[name]}" for name in ("orders", "converted", "revenue", "cost", "roi")]
    people = [f"{name}: {found[name]:,}" for name in ("opened", "clicked", "unsubscribed")]
    head = f"{found['name']} · {found['status']} · {found['planned']:,} planned"
    emit(found, as_json=as_json, text="\n".join([head, *states, *people, *money, f"currency: {found['currency']}"]))


def _steer(verb: str, id: UUID, home: str, *, as_json: bool) -> None:
    installed(home)
    from ceap.accounts.contracts import SYSTEM
    from ceap.campaigns import actions

    row = getattr(actions, verb)(SYSTEM, id)
    _done(str(row.pk), row.name, row.status, as_json=as_json)


def _done(id: str, name: str, status: str, *, as_json: bool) -> None:
    emit({"id": id, "name": name, "status": status}, as_json=as_json, text=f"{name} is {status}.")
