"""`ceap init` and `ceap manage`."""

from __future__ import annotations

import typer

from ceap.web.cli import HOME, JSON, app, django, emit, home_of


@app.command()
def init(
    email: str = typer.Option("admin@example.com", "--email", help="Address of the first administrator."),
    name: str = typer.Option("Administrator", "--name", help="Name of the first administrator."),
    organisation: str = typer.Option("", "--organisation", help="Name of the organisation."),
    address: str = typer.Option("", "--address", help="Its postal address, which every marketing email names."),
    home: str = HOME,
    as_json: bool = JSON,
) -> None:
    """Create the home, its store and its first administrator."""
    where = home_of(home).create()
    where.tighten()
    django(home)
    from ceap.web.store import prepare

    applied = prepare()
    from ceap.accounts.actions import change_organisation, create_administrator
    from ceap.accounts.contracts import SYSTEM
    from ceap.accounts.queries import has_users

    if organisation or address:
        settings = {"postal_address": address} if address else {}
        change_organisation(SYSTEM, name=organisation or None, settings=settings)
    answer = {"home": str(where.path), "migrations_applied": applied}
    text = f"The home is ready: {where.path}"
    if not has_users():
        password = create_administrator(email, name)
        answer |= {"email": email, "one_time_password": password}
        text += f"\nFirst administrator: {email}\none-time password: {password} (to be changed at the first login)"
    emit(answer, as_json=as_json, text=text)


@app.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True}, hidden=True)
def manage(ctx: typer.Context, home: str = HOME) -> None:
    """Run a Django management command (for developers)."""
    django(home)
    from django.core.management import execute_from_command_line

    execute_from_command_line(["ceap", *ctx.args])
