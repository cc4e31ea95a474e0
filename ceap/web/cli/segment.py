"""`ceap segment …`: list, create from a rule or from ids, recalculate."""

from __future__ import annotations

import json
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import Any

import typer

from ceap.web.cli import HOME, JSON, app, emit, installed, work

BLOCK = 1 << 20


class How(StrEnum):
    """As `ceap.segments.contracts.How`, which this module loads only inside its commands."""

    REPLACE = "replace"
    ADD = "add"
    REMOVE = "remove"


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
def upload(
    file: Path = typer.Argument(
        exists=True, dir_okay=False, readable=True, help="CSV, XLSX, Parquet, or text with one id a line."
    ),
    name: str = typer.Option("", "--name", help="Make a new segment of this name."),
    segment_id: str = typer.Option("", "--segment", help="Change this segment, which was made from a list."),
    how: How = typer.Option(How.REPLACE, "--how", help="What the list does to the members of --segment."),
    column: str = typer.Option("", "--column", help="The column that holds the ids (else the one that fits best)."),
    by: str = typer.Option("", "--by", help="customer_id, email, phone, username, id, or an app's own kind."),
    missing: Path = typer.Option(None, "--missing", help="Write the rows that name nobody to this CSV file."),
    home: str = HOME,
    as_json: bool = JSON,
) -> None:
    """Match a list of ids with the customers; with --name or --segment make it the members of a segment."""
    installed(home)
    import shutil

    from ceap.accounts.contracts import SYSTEM
    from ceap.jobs import actions as jobs
    from ceap.segments import actions, contracts, queries

    if name and segment_id:
        raise typer.BadParameter("give --name or --segment, not both")
    with file.open("rb") as opened:
        blocks = iter(lambda: opened.read(BLOCK), b"")
        listed = actions.upload_list(SYSTEM, file.name, blocks, column=column, by=by, wait=True)
    if missing:
        shutil.copyfile(queries.missing_file(listed.pk), missing)
    fields = ("column", "by", "rows", "found", "duplicates", "missing")
    answer: dict[str, Any] = {field: getattr(listed, field) for field in fields}
    if name or segment_id:
        if name:
            made = actions.create_static(SYSTEM, name=name, list_id=listed.pk)
        else:
            made = actions.upload(SYSTEM, segment_id, list_id=listed.pk, how=contracts.How(how.value))
        work(jobs.enqueue("segments.recalculate", segment=str(made.pk)), as_json=as_json)
        version = queries.current(made)
        answer |= {"id": str(made.pk), "name": made.name, "size": version.size if version else None}
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
