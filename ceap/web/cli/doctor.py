"""`ceap doctor`: what is well, what is not, and what to do."""

from __future__ import annotations

import typer

from ceap.web.cli import HOME, JSON, app, django, emit, home_of

_MARKS = {"ok": "ok  ", "warn": "WARN", "fail": "FAIL", "info": "info"}


@app.command()
def doctor(home: str = HOME, as_json: bool = JSON) -> None:
    """Look at versions, files, databases, ports and mail, and say the remedy; exits with 1 when something fails."""
    where = home_of(home)
    if where.path.is_dir():
        django(home)
    from ceap.web import doctor as checks

    findings = checks.examine(where)
    lines = [
        f"{_MARKS[f.state]} {f.what:<22} {f.found}" + (f"\n     → {f.remedy}" if f.remedy else "") for f in findings
    ]
    said = checks.as_json(findings)
    emit(said, as_json=as_json, text="\n".join(lines))
    if not said["ok"]:
        raise typer.Exit(1)
