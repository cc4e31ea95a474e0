"""The command line: `ceap …`."""

from __future__ import annotations

import os

import typer

app = typer.Typer(name="ceap", no_args_is_help=True, add_completion=False, help="Customer Engagement & Action Platform")


def django(home: str | None) -> None:
    """Start Django on `home`."""
    if home:
        os.environ["CEAP_HOME"] = home
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ceap.web.settings")
    import django as _django

    _django.setup()


HOME = typer.Option(None, "--home", help="The installation's folder (else $CEAP_HOME, else .home/retail).")


@app.command()
def init(home: str = HOME) -> None:
    """Create the home, its store and its first administrator."""
    from ceap.kit.home import Home

    Home.load(home).create()
    django(home)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


@app.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True}, hidden=True)
def manage(ctx: typer.Context, home: str = HOME) -> None:
    """Run a Django management command (for developers)."""
    django(home)
    from django.core.management import execute_from_command_line

    execute_from_command_line(["ceap", *ctx.args])


def main() -> None:
    app()
