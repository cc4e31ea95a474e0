"""`ceap values check | mend`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import typer

from ceap.web.cli import HOME, JSON, app, emit, installed, work

values = typer.Typer(no_args_is_help=True, help="Values that older versions stored in another form than they are read.")
app.add_typer(values, name="values")


@values.command()
def check(home: str = HOME, as_json: bool = JSON) -> None:
    """How many customers hold such a value; nothing is changed."""
    installed(home)
    from ceap.customers.queries import unmended

    found = unmended(float("inf"))
    text = f"{found.odd:,} of {found.looked:,} customers hold a value that is not in the form in which it is read."
    emit(asdict(found), as_json=as_json, text=text)


@values.command()
def mend(home: str = HOME, as_json: bool = JSON) -> None:
    """Bring them into that form, in batches; can be stopped and run again. What cannot be read stays and is named."""
    installed(home)
    from ceap.customers.actions import start_mending

    job = start_mending()
    result: dict[str, Any] = {"mended": {}, "left": 0, "examples": []}
    if job:
        result |= work(job, as_json=as_json).result or {}
    lines = [f"{key}: {count:,} mended" for key, count in result["mended"].items()]
    lines = lines or ["Every value is in its form." if job and not result["left"] else "Nothing was mended."]
    if result["left"]:
        lines.append(f"{result['left']:,} values stay as they are:")
        lines += [f"  customer {one['customer']}, {one['field']}: {one['reason']}" for one in result["examples"]]
    emit(result, as_json=as_json, text="\n".join(lines))
