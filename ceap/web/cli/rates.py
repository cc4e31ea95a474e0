"""`ceap rates list | import`."""

from __future__ import annotations

from pathlib import Path

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

    rows = [{"day": one.day, "currency": one.currency, "rate": f"{one.rate:f}"} for one in found(SYSTEM)]
    own = organisation().currency
    text = "\n".join(f"{row['day']}  1 {row['currency']} = {row['rate']} {own}" for row in rows)
    emit(rows, as_json=as_json, text=text or f"There are no rates to {own}.")


@rates.command(name="import")
def bring_in(
    file: Path = typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV: day, currency, rate."),
    home: str = HOME,
    as_json: bool = JSON,
) -> None:
    """Keep the rates of a file with the columns day (2026-11-20), currency (IDR) and rate (0.0000613)."""
    installed(home)
    import csv
    from datetime import date
    from decimal import Decimal, InvalidOperation

    from ceap.accounts.contracts import SYSTEM
    from ceap.events.actions import set_rates
    from ceap.events.contracts import NewRate
    from ceap.kit.problem import invalid

    given = []
    with file.open(newline="", encoding="utf-8-sig") as lines:
        for number, row in enumerate(csv.DictReader(lines), 2):
            try:
                day, rate = date.fromisoformat((row["day"] or "").strip()), Decimal((row["rate"] or "").strip())
                given.append(NewRate(day, (row["currency"] or "").strip().upper(), rate))
            except (KeyError, ValueError, InvalidOperation) as error:
                raise invalid(f"row {number}", "Give day, currency and rate, like 2026-11-20,IDR,0.0000613.") from error
    changed = set_rates(SYSTEM, given)
    emit({"rates": len(given), "changed": changed}, as_json=as_json, text=f"{len(given)} rates, {changed} changed.")
