"""`ceap init` and `ceap manage`."""

from __future__ import annotations

import typer

from ceap.web.cli import HOME, JSON, app, django, emit, home_of


@app.command()
def init(home: str = HOME, as_json: bool = JSON) -> None:
    """Create the home, its store and its first administrator."""
    where = home_of(home).create()
    django(home)
    from ceap.web.store import prepare

    applied = prepare()
    emit(
        {"home": str(where.path), "migrations_applied": applied},
        as_json=as_json,
        text=f"The home is ready: {where.path}",
    )


@app.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True}, hidden=True)
def manage(ctx: typer.Context, home: str = HOME) -> None:
    """Run a Django management command (for developers)."""
    django(home)
    from django.core.management import execute_from_command_line

    execute_from_command_line(["ceap", *ctx.args])
