"""`ceap import` and `ceap export`: files in and out from the command line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ceap.web.cli import HOME, JSON, app, emit, installed, work

if TYPE_CHECKING:
    from ceap.connectors.models import Finding, Import
    from ceap.connectors.queries import Preview

BLOCK = 1 << 20


@app.command("import")
def bring_in(
    file: Path = typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV, XLSX or Parquet."),
    target: str = typer.Option("customers", "--target", help="customers, items, purchases, events or rates."),
    map: list[str] = typer.Option([], "--map", help="COLUMN=FIELD, COLUMN=new:TYPE or COLUMN= (leave out)."),
    match: str | None = typer.Option(
        None,
        "--match",
        help="What customers are recognised by; several with commas. Else that of a known export, or customer_id.",
    ),
    policy: str = typer.Option("both", "--policy", help="both, create or update."),
    leave_out: bool = typer.Option(
        False, "--leave-out", help="Leave wrong values out instead of rejecting their rows."
    ),
    dates: str | None = typer.Option(
        None, "--dates", help="year_first, day_first, month_first, excel or unix; else detected."
    ),
    numbers: str | None = typer.Option(None, "--numbers", help="point (1,234.50) or comma (1.234,50); else detected."),
    unknown: str = typer.Option("reject", "--unknown", help="Unknown customers: reject, create or anonymous."),
    nobody: bool = typer.Option(False, "--nobody", help="Keep purchases and events that name no customer as nobody's."),
    encoding: str | None = typer.Option(None, "--encoding", help="Of a text, such as utf-8 or cp1251; else detected."),
    delimiter: str | None = typer.Option(None, "--delimiter", help="One character, or comma, semicolon, tab, bar."),
    sheet: str | None = typer.Option(None, "--sheet", help="Of a workbook; else the first one with rows."),
    header_row: int | None = typer.Option(
        None, "--header-row", help="The row that names the columns, as the sheet counts; 0: none does."
    ),
    new_fields: bool = typer.Option(
        False, "--new-fields", help="Take every other column too, as a new field (or property of the line)."
    ),
    only_mapped: bool = typer.Option(False, "--only-mapped", help="Take only the columns given with --map."),
    dry_run: bool = typer.Option(
        False, "--dry-run", help="Say what would become of the first 5,000 rows; change nothing."
    ),
    home: str = HOME,
    as_json: bool = JSON,
) -> None:
    """Bring a file in. Columns are guessed by name and values unless --map says otherwise; prints the receipt.

    Ends with 0 when every row was taken, 3 when some were refused, 4 when all were, 1 when the import failed.
    """
    installed(home)
    from ceap.accounts.contracts import SYSTEM
    from ceap.connectors import actions, queries
    from ceap.connectors.contracts import Choice
    from ceap.connectors.forms import chosen_form

    wanted = _wanted(map)
    choice = Choice(encoding, delimiter, sheet, header_row)
    row = actions.upload(SYSTEM, target, file.name, _blocks(file), choice)
    preview = queries.preview(SYSTEM, row.pk)
    seen = preview.columns
    if not as_json:
        emit(None, as_json=False, text=_read_as(row, preview))
    chosen: dict[str, Any] = {} if only_mapped else {g.column: g.field for g in seen if g.confidence >= 0.5}
    chosen |= wanted
    rest = [g for g in seen if not chosen.get(g.column) and g.column not in wanted]
    if target == "rates":  # have three columns, and nothing else
        rest = []
    if new_fields:
        chosen |= {g.column: _new(target, g.column, g.type) for g in rest}
        rest = []
    proposals = {g.column: f"--map '{g.column}={_proposal(target, g.column, g.type)}'" for g in rest}
    if proposals and not only_mapped and not as_json:
        emit(None, as_json=False, text=_not_taken(proposals))
    options = {
        "match": _match(match, preview, target), "policy": policy, "bad_values": "leave_out" if leave_out else "reject",
        "dates": chosen_form(preview.date_forms, "") if dates is None else dates,
        "numbers": chosen_form(preview.number_forms, "point") if numbers is None else numbers,
        "unknown_customer": unknown,
        "no_customer": "anonymous" if nobody else "reject",
    }  # fmt: skip
    if dry_run:
        told = actions.check(SYSTEM, row.pk, chosen, options)
        actions.delete(SYSTEM, row.pk)
        names = ("rows", "all", "created", "updated", "unchanged", "rejected")
        emit(
            {name: getattr(told, name) for name in names}
            | {"mapping": chosen, "not_taken": proposals, "form": row.form, "choice": row.choice}
            | {"layout": preview.layout.key if preview.layout else ""},
            as_json=as_json,
        )
        _end(told.rejected, told.rows)
        return
    try:
        row = actions.start(SYSTEM, row.pk, chosen, options)
    except Exception:
        actions.delete(SYSTEM, row.pk)
        raise
    work(queries.job_of(row), as_json=as_json)
    row = queries.get(SYSTEM, row.pk)
    names = ("position", "created", "updated", "unchanged", "rejected", "left_out")
    answer = {"import": str(row.pk), "state": row.state} | {name: getattr(row, name) for name in names}
    answer |= {"not_taken": proposals, "form": row.form, "choice": row.choice}
    answer["layout"] = preview.layout.key if preview.layout else ""
    answer["findings"] = _told(list(queries.findings(SYSTEM, row.pk)[:20]))
    words = [f"{row.file_name}: {row.position:,} rows, " + ", ".join(f"{getattr(row, n):,} {n}" for n in names[1:5])]
    words += [f"  row {f['row']}, {f['column'] or '–'}: {f['value']!r} {f['reason']}" for f in answer["findings"]]
    if row.rejected + row.left_out > 20:
        words.append(f"  … all of them: `ceap receipt {row.pk}`")
    emit(answer, as_json=as_json, text="\n".join(words))
    _end(row.rejected, row.position)


def _match(match: str | None, preview: Preview, target: str) -> list[str]:
    if match is None and preview.layout and preview.layout.target == target:
        return [preview.layout.match]
    return (match or "customer_id").split(",")


def _wanted(map: list[str]) -> dict[str, Any]:
    """The mapping that --map asks for, by column."""
    wanted: dict[str, Any] = {}
    for each in map:
        column, found, field = each.rpartition("=")
        if not found:
            raise typer.BadParameter(f"{each!r} is not COLUMN=FIELD", param_hint="--map")
        wanted[column] = {"label": column, "type": field[4:]} if field.startswith("new:") else field
    return wanted


def _read_as(row: Import, preview: Preview) -> str:
    """How the file is read, what of it was chosen, and the rows that cannot be."""
    from ceap.connectors import forms
    from ceap.connectors.contracts import form_words

    lines = [f"{row.file_name}: {form_words(row.form, row.choice, preview.sheets)}"]
    lines += [f"  row {number} {why}" for number, _, why in preview.torn]
    found = {"dates": preview.date_forms, "numbers": preview.number_forms}
    lines += [f"  {words}" for kind, each in found.items() if (words := forms.form_words(each, kind))]
    if preview.layout:
        hint = "" if preview.layout.target == row.target else f": take it with --target {preview.layout.target}"
        lines.append(f"This looks like {preview.layout.label}{hint}.")
    if preview.unreadable > len(preview.torn):
        lines.append(f"  … and {preview.unreadable - len(preview.torn):,} more rows that cannot be read")
    return "\n".join(lines)


def _new(target: str, column: str, kind: str) -> Any:
    """What a column that fits no field becomes: a new field of customers, a property of everything else."""
    return {"label": column, "type": kind} if target == "customers" else f"prop:{column}"


def _proposal(target: str, column: str, kind: str) -> str:
    return f"new:{kind}" if target == "customers" else f"prop:{column}"


def _not_taken(proposals: dict[str, str]) -> str:
    lines = [f"  {column}: {proposal}" for column, proposal in list(proposals.items())[:40]]
    if len(proposals) > 40:
        lines.append(f"  … and {len(proposals) - 40:,} more")
    count = f"{len(proposals):,} column{'s' if len(proposals) > 1 else ''}"
    return "\n".join([f"{count} not taken (--new-fields takes all of them):", *lines])


def _end(refused: int, rows: int) -> None:
    """End with 3 when rows were refused, 4 when all were."""
    if refused:
        raise typer.Exit(4 if refused >= rows else 3)


def _blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while block := opened.read(BLOCK):
            yield block


@app.command()
def receipt(import_id: str, home: str = HOME, as_json: bool = JSON) -> None:
    """Print the receipt of an import, every rejected row and left-out value, as CSV or as one JSON list."""
    installed(home)
    from ceap.accounts.contracts import SYSTEM
    from ceap.connectors import queries

    if as_json:
        emit(_told(list(queries.findings(SYSTEM, import_id))), as_json=True)
        return
    for line in queries.receipt_lines(SYSTEM, import_id):
        print(line, end="")


def _told(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    names = ("row", "column", "value", "reason", "rejected")
    return [{name: getattr(finding, name) for name in names} for finding in findings]


@app.command()
def export(
    out: Path = typer.Argument(help="The file to write: .csv or .xlsx."),
    search: str = typer.Option("", "--search", help="Part of name, email, phone or customer ID."),
    source: list[str] = typer.Option([], "--source"),
    status: list[str] = typer.Option([], "--status"),
    city: list[str] = typer.Option([], "--city"),
    consent: str = typer.Option("", "--consent", help="yes, no or never."),
    reachable: str = typer.Option("", "--reachable", help="email."),
    home: str = HOME,
    as_json: bool = JSON,
) -> None:
    """Export customers: all of them, or those the filters leave."""
    installed(home)
    import shutil

    from ceap.accounts.contracts import SYSTEM
    from ceap.customers import actions
    from ceap.customers.queries import Filters

    form = out.suffix.lstrip(".").lower()
    if form not in ("csv", "xlsx"):
        raise typer.BadParameter("the file must end in .csv or .xlsx")
    filters = Filters(search, source, status, city, [], consent, reachable)
    job = work(actions.start_export(SYSTEM, filters, form), as_json=as_json)
    result = job.result or {}
    shutil.copyfile(actions.folder() / str(result["file"]), out)
    emit(result | {"path": str(out)}, as_json=as_json, text=f"{result['rows']:,} customers in {out}")
