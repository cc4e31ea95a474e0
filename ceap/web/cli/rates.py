"""`ceap rates list`."""

from __future__ import annotations

import typer

from ceap.web.cli import HOME, JSON, app, emit, installed

rates = typer.Typer(no_args_is_help=True, help="Rates by which amounts of other currencies are converted.")
app.add_typer(rates, name="rates")


@rates.command(name="list")
def listed(home: str = HOME, as_json: bool = JSON) -> None:
    """Every rate, newest first."""
    installed(home)
    from ceap.accounts.contracts import SYSTEM
    from ceap.accounts.queries import organisation
    from ceap.events.queries import rates as found
    from ceap.events.schemas import RateOut

    rows = [RateOut.from_orm(one).dict() for one in found(SYSTEM)]
    own = organisation().currency
    text = "\n".join(f"{row['day']}  1 {row['currency']} = {row['rate']} {own}" for row in rows)
    emit(rows, as_json=as_json, text=text or f"There are no rates to {own}.")
