"""`ceap serve`, `ceap app`, `ceap edge`, `ceap worker`: the processes of an installation."""

from __future__ import annotations

import os
import sys

from ceap.web.cli import HOME, JSON, app, home_of


@app.command()
def serve(home: str = HOME, as_json: bool = JSON) -> None:
    """Run app, edge and worker under one supervisor until stopped."""
    from ceap.kit.process import python

    home_of(home)
    words = python("-m", "ceap.web.roles", "serve", *(["--json"] if as_json else []))
    os.execv(sys.executable, words)  # noqa: S606 - the same process, lighter by the command line


@app.command(name="app")
def app_role(home: str = HOME, as_json: bool = JSON) -> None:
    """Run the control plane: pages, API, coarse jobs, the warehouse."""
    from ceap.web.roles.app import run

    run(home_of(home))


@app.command()
def edge(home: str = HOME, as_json: bool = JSON) -> None:
    """Run the data plane: events in, customer look-ups, tracking links."""
    from ceap.edge.server import run

    run(home_of(home))


@app.command()
def worker(home: str = HOME, as_json: bool = JSON) -> None:
    """Run the sender and the worker's periodic loops."""
    from ceap.web.roles.worker import run

    run(home_of(home))
