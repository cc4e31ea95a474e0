"""The command line: `ceap …`. Each module of this folder adds its commands to `app` (or a group of its own).

Modules import only typer and this package at the top, everything else inside the commands: `ceap edge` must start
without Django.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from ceap.jobs.models import Job
    from ceap.kit.home import Home

app = typer.Typer(name="ceap", no_args_is_help=True, add_completion=False, help="Customer Engagement & Action Platform")
HOME = typer.Option(None, "--home", help="The installation's folder (else $CEAP_HOME, else .home/retail).")
JSON = typer.Option(False, "--json", help="Print one JSON object instead of words.")


def home_of(path: str | None) -> Home:
    """The home at `path`, which every role and child process started from here uses too."""
    from ceap.kit.home import Home

    home = Home.load(path)
    os.environ["CEAP_HOME"] = str(home.path)
    return home


def django(path: str | None) -> Home:
    """Start Django on the home at `path`."""
    home = home_of(path)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ceap.web.settings")
    import django as _django

    _django.setup()
    return home


def installed(path: str | None) -> Home:
    """Start Django on the home at `path`, which must hold an installation of this version.

    Raises:
        NotFound: there is none; nothing is made.
        Conflict: its store was last used by an older version.
        StartRefused: its store was last used by a newer version.
    """
    from ceap.kit.problem import Conflict, NotFound

    home = home_of(path)
    if not home.path.is_dir() or (home.store_file and not home.store_file.exists()):
        raise NotFound(f"There is no installation in {home.path}: `ceap init --home {home.path}` makes one.")
    django(path)
    from ceap.web.store import pending

    if missing := pending():
        remedy = f"`ceap init --home {home.path}`, or a start of the app, brings it up to date."
        raise Conflict(f"The store of {home.path} lacks {len(missing)} changes of this version: {remedy}")
    return home


def emit(value: Any, *, as_json: bool, text: str | None = None) -> None:
    """Print a command's answer: `value` as JSON, or `text` (else `value`'s fields, one a line)."""
    if as_json:
        print(json.dumps(value, default=str))
    elif text is not None:
        print(text)
    else:
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            print(f"{key}: {item}")


def work(job: Job, *, as_json: bool = False) -> Job:
    """Carry out a job that was enqueued: by the app when it runs on this home, else in this process.

    Shows the progress on stderr; returns the ended job.

    Raises:
        Conflict: the job failed or was cancelled (its message says why), or the home is in use by another command.
    """
    from ceap.web.cli.following import carry_out

    return carry_out(job, quiet=as_json)


def load_commands() -> None:
    """Import every module of this folder, so that its commands exist."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")


def main() -> None:
    """Run the command line. A refusal prints its sentence and exits with 1."""
    from ceap.kit.home import PRIVATE
    from ceap.kit.problem import Problem
    from ceap.kit.process import refuse

    os.umask(PRIVATE)
    load_commands()
    try:
        app()
    except Problem as problem:
        refuse(problem, as_json="--json" in sys.argv)
