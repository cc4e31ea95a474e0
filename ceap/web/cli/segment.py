"""`ceap segment …`: list, count a rule, recalculate."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import typer

from ceap.web.cli import HOME, JSON, app, emit, installed, work

segment = typer.Typer(no_args_is_help=True, help="Segments: list them, recalculate them, show one.")
app.add_typer(segment, name="segment")


@segment.command("list")
def list_segments(
    archived: bool = typer.Option(False, "--archived", help="The archived ones."),
    home: str = HOME,
    as_json: bool = JSON,
) -> None:
    """Show the segments with their stored sizes."""
    installed(home)
    from ceap.accounts.contracts import SYSTEM
    from ceap.segments import queries

    rows, cursor = [], None
    while True:
        page = queries.listed(SYSTEM, queries.Filters(archived=archived), cursor=cursor, limit=500)
        rows += [
            {"id": str(s.pk), "name": s.name, "size": s.size, "status": queries.status(s.latest_state, s.latest_as_of)}
            for s in page.items
        ]
        cursor = page.next
        if cursor is None:
            break
    lines = [
        f"{r['id']}  {r['size'] if r['size'] is not None else '–':>10}  {r['status']:<9} {r['name']}" for r in rows
    ]
    emit(rows, as_json=as_json, text="\n".join(lines) or "There are no segments yet.")


@segment.command()
def create(
    name: str = typer.Argument(help="Up to 60 characters."),
    rule: Path = typer.Argument(help="A JSON file with the rule, or - for standard input.", allow_dash=True),
    description: str = typer.Option("", "--description"),
    home: str = HOME,
    as_json: bool = JSON,
) -> None:
    """Save a segment and build its membership."""
    installed(home)
    from ceap.accounts.contracts import SYSTEM
    from ceap.jobs import actions as jobs
    from ceap.kit.problem import invalid
    from ceap.segments import actions, queries

    text = typer.get_text_stream("stdin").read() if str(rule) == "-" else rule.read_text()
    try:
        data = json.loads(text)
    except ValueError as error:
        raise invalid("rule", f"This is not JSON: {error}.") from None
    made = actions.create(SYSTEM, name=name, description=description, rule=data)
    work(jobs.enqueue("segments.recalculate", segment=str(made.pk)), as_json=as_json)
    version = queries.current(made)
    answer = {"id": str(made.pk), "name": made.name, "size": version.size if version else None}
    emit(answer, as_json=as_json)


@segment.command()
def recalculate(
    segment_id: str = typer.Argument("", help="One segment; all of them when left out."),
    home: str = HOME,
    as_json: bool = JSON,
) -> None:
    """Build memberships anew, wait for it, and say how many ended in which state."""
    installed(home)
    from ceap.accounts.contracts import SYSTEM
    from ceap.jobs import actions as jobs
    from ceap.segments import actions, queries

    if segment_id:
        ids = [str(queries.get(SYSTEM, segment_id).pk)]
    else:
        ids = [str(key) for key in queries.visible_to(SYSTEM).filter(archived_at=None).values_list("pk", flat=True)]
    for one in ids:
        actions.recalculate(SYSTEM, one)
    only: dict[str, Any] = {"segment": segment_id} if segment_id else {}
    work(jobs.enqueue("segments.recalculate", **only), as_json=as_json)
    newest = [found for one in ids if (found := queries.latest(one))]  # whichever job built it
    emit(dict(Counter(str(found.state) for found in newest)), as_json=as_json)
