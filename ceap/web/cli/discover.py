"""`ceap discover …`: segments from what customers buy, by a model that is trained, evaluated, deployed, and scores."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ceap.web.cli import HOME, JSON, app, django, emit, home_of, work

if TYPE_CHECKING:
    from ceap.accounts.contracts import Actor
    from ceap.core.learning.lifecycle import Told
    from ceap.core.learning.roles import Given
    from ceap.core.learning.versions import Versions
    from ceap.jobs.models import Job

discover = typer.Typer(no_args_is_help=True, help="Segments discovered in, or learnt from, a table of customers.")
app.add_typer(discover, name="discover")

INPUT = typer.Option(..., "--input", help="CSV or Parquet, one row a customer: id, outlet, sales by category.")
LABELS = typer.Option(None, "--labels", help="The column with the segments that customers already have.")
ID = typer.Option(None, "--id", help="The column with the customer's id (else guessed).")
OUTLET = typer.Option(None, "--outlet", help="The column with the outlet (else guessed).")
AMOUNT = typer.Option([], "--amount", help="A column of sales, once for each category (else guessed).")
VERSION = typer.Option(None, "--version", min=1, help="A version of the model (else the newest, or the one in use).")
SEED = typer.Option(1, "--seed", min=0, help="The same seed and data give the same result.")


@discover.command()
def train(
    input: Path | None = typer.Option(
        None, "--input", help="CSV or Parquet: customers or purchases (else the purchases of the home)."
    ),
    labels: str | None = LABELS,
    segments: int | None = typer.Option(None, "--segments", min=2, max=50, help="How many (else chosen)."),
    id: str | None = ID,
    outlet: str | None = OUTLET,
    amount: list[str] = AMOUNT,
    seed: int = SEED,
    home: str = HOME,
    as_json: bool = JSON,
) -> None:
    """Train a new version: on labels when --labels names them, else segments are discovered."""
    from ceap.core.learning import lifecycle

    given = _given(id, outlet, labels, amount)
    if input is None or _has_store(home):
        known = _train_here(home, input, given, seed, segments, as_json)
    else:
        known = lifecycle.train(input, _versions(home), _told(seed), given, segments=segments, beat=_beat(as_json))
    emit(known, as_json=as_json, text=_trained(known))


@discover.command()
def publish(home: str = HOME, as_json: bool = JSON) -> None:
    """Score the home's customers by the version in use and let its segments hold them; sizes by name."""
    django(home)
    from ceap.jobs import actions as jobs
    from ceap.segments.contracts import DISCOVER

    emit(_publish(jobs.enqueue(DISCOVER, subject="segments"), as_json), as_json=as_json)


@discover.command()
def evaluate(
    input: Path = INPUT,
    labels: str | None = LABELS,
    version: int | None = VERSION,
    id: str | None = ID,
    outlet: str | None = OUTLET,
    amount: list[str] = AMOUNT,
    seed: int = SEED,
    home: str = HOME,
    as_json: bool = JSON,
) -> None:
    """Measure a version on a file, beside the version in use."""
    from ceap.core.learning import lifecycle

    given = _given(id, outlet, labels, amount)
    found = lifecycle.evaluate(input, _versions(home), _told(seed), given, version=version)
    emit(
        found,
        as_json=as_json,
        text="\n".join([f"version {found['version']}", *_receipt(found["data"]), *_lines(found["metrics"])]),
    )


@discover.command()
def deploy(
    version: int | None = VERSION,
    input: Path | None = typer.Option(None, "--input", help="Not needed: a version is deployed as it was trained."),
    home: str = HOME,
    as_json: bool = JSON,
) -> None:
    """Put a version to use (the newest unless --version says otherwise); an older one rolls back."""
    versions = _versions(home)
    told = _told(0)
    before = versions.in_use()
    number = version or (versions.numbers() or [0])[-1]
    if not number:
        from ceap.kit.problem import NotFound

        raise NotFound("No model has been trained yet: run `ceap discover train` first.")
    if _has_store(home):
        django(home)
        from ceap.segments import actions

        job = actions.deploy_model(_operator(), number)
        _publish(job, as_json)
    else:
        versions.deploy(number, told.by, told.at)
    emit({"version": number, "before": before, "by": told.by, "at": told.at}, as_json=as_json)


@discover.command()
def score(
    input: Path = INPUT,
    output: Path | None = typer.Option(None, "--output", help="CSV or Parquet: the id as it came, and segment."),
    labels: str | None = LABELS,
    version: int | None = VERSION,
    id: str | None = ID,
    outlet: str | None = OUTLET,
    amount: list[str] = AMOUNT,
    home: str = HOME,
    as_json: bool = JSON,
) -> None:
    """Say which segment each customer of a file belongs to, by the version in use."""
    from ceap.core.learning import lifecycle

    given = _given(id, outlet, labels, amount)
    found = lifecycle.score(input, output, _versions(home), given, version=version)
    lines = [f"version {found['version']}" + ("" if found["deployed"] else " (not deployed)"), *_receipt(found)]
    emit(found, as_json=as_json, text="\n".join([*lines, *_lines(found["segments"])]))


@discover.command("list")
def list_versions(home: str = HOME, as_json: bool = JSON) -> None:
    """Show the versions of the model, and which one is in use."""
    versions = _versions(home)
    used = versions.in_use()
    names = ("version", "mode", "trained_at", "trained_by")
    rows = [
        {name: known[name] for name in names} | {"in_use": number == used}
        for number in versions.numbers()
        for known in [versions.manifest(number)]
    ]
    lines = [f"{'*' if row['in_use'] else ' '} {' '.join(str(row[name]) for name in names)}" for row in rows]
    emit(rows, as_json=as_json, text="\n".join(lines) or "No model has been trained yet.")


def _train_here(
    home: str, input: Path | None, given: Given, seed: int, segments: int | None, quiet: bool
) -> dict[str, Any]:
    """Train on the home's purchases, or on a file that it keeps from now on so that its customers can be scored."""
    django(home)
    from ceap.kit.ids import uuid7
    from ceap.learning import actions, queries
    from ceap.learning.contracts import Training

    kept = None
    if input is not None:
        with input.open("rb") as opened:
            blocks = iter(lambda: opened.read(1 << 20), b"")
            kept = (
                queries.files()
                .keep(str(uuid7()), input.name, blocks, queries.limit(), _told(0).by, _told(0).at, given)
                .id
            )
    done = work(actions.start_training(_operator(), Training(kept, segments, seed)), as_json=quiet)
    return _versions(home).manifest((done.result or {})["version"])


def _publish(job: Job, quiet: bool) -> dict[str, Any]:
    """Carry out a scoring, and the membership versions that it queues."""
    from ceap.jobs import actions as jobs

    done = work(job, as_json=quiet)
    work(jobs.enqueue("segments.recalculate"), as_json=quiet)
    return done.result or {}


def _has_store(home: str) -> bool:
    """Whether there is an installation in the home, whose trail and segments follow what is done."""
    store = home_of(home).store_file
    return store is None or store.exists()


def _operator() -> Actor:
    """Whoever uses the command line, by the name of the account of the system."""
    from ceap.accounts.contracts import Actor

    return Actor("system", "system", f"{_told(0).by} (command line)")


def _versions(home: str) -> Versions:
    from ceap.core.learning.versions import Versions

    return Versions(home_of(home).path / "models" / "discover")


def _told(seed: int) -> Told:
    from ceap.core.learning.lifecycle import Told
    from ceap.kit.clock import now

    try:
        by = getpass.getuser()
    except (KeyError, OSError):  # a process without a name
        by = "unknown"
    return Told(by, now(), seed)


def _given(id: str | None, outlet: str | None, labels: str | None, amounts: list[str]) -> Given:
    from ceap.core.learning.roles import Given

    return Given(id, outlet, labels, tuple(amounts))


def _beat(quiet: bool) -> Any:
    def tell(done: float, what: str) -> None:
        if not quiet and sys.stderr.isatty():
            print(f"\r{done:4.0%} {what:<60}", end="" if done < 1 else "\n", file=sys.stderr)

    return tell


def _receipt(data: dict[str, Any]) -> list[str]:
    lines = [f"{data['rows']:,} rows read, {data['usable']:,} used, {data['refused']:,} refused"]
    return lines + [
        f"  {one['column']}: {one['what']}: {one['rows']:,} rows, {one['done']}" for one in data["findings"]
    ]


def _lines(found: dict[str, Any], indent: str = "") -> list[str]:
    lines = []
    for key, value in found.items():
        if isinstance(value, dict):
            lines += [f"{indent}{key}:", *_lines(value, indent + "  ")]
        elif not isinstance(value, list):
            lines.append(f"{indent}{key}: {value:.4g}" if isinstance(value, float) else f"{indent}{key}: {value}")
    return lines


def _trained(known: dict[str, Any]) -> str:
    lines = [f"version {known['version']} ({known['mode']})", *_receipt(known["data"]), *known["warnings"]]
    lines += _lines(known["metrics"])
    for one in known["segments"]:
        lines.append(f"{one['key']} {one['name']}: {one['customers']:,} customers ({one['share']:.1%})")
        lines += [f"    {trait['words']}" for trait in one["traits"][:3]]
        if one["rule"]:
            lines.append(f"    rule ({one['rule']['fidelity']:.0%} true): {one['rule']['words']}")
        if one["recommendation"]:
            lines.append(f"    campaign: {one['recommendation']['type']}: {one['recommendation']['offer']}")
    return "\n".join(lines)
