"""The folder of a demo: made, emptied, and whether it was filled to the end."""

from __future__ import annotations

import shutil
import socket

from ceap.kit.home import Home
from ceap.kit.problem import Conflict

UNFINISHED = "being-filled"  # a file in the home for as long as its fill has not ended
SETTINGS = """# A demo: made-up people, a mail sink on loopback that delivers nothing.
sink = true
sink_port = {port}
"""
PORTS = range(8025, 8125)  # where a demo's mail sink may listen


def prepare(home: Home, *, reset: bool = False) -> Home:
    """Make the folder and settings of a demo home; with `reset`, or when a fill was cut short, from nothing.

    Raises:
        Conflict: the home is in use, or it is no demo.
    """
    from ceap.kit.lock import holder

    settings = home.path / "settings.toml"
    made_here = not home.path.exists() or (settings.exists() and settings.read_text().startswith("# A demo"))
    if (reset or (home.path / UNFINISHED).exists()) and home.path.exists():
        if found := holder(home):
            raise Conflict(f"The demo is running (process {found.pid}): stop it first, then start over.")
        if not made_here:
            raise Conflict(f"{home.path} is not the home of a demo; nothing was removed.")
        if home.store_file is None:
            raise Conflict("The demo is on PostgreSQL: drop and create its database, and remove the home yourself.")
        shutil.rmtree(home.path)
    home.create()
    if not settings.exists():
        settings.write_text(SETTINGS.format(port=_free_port()))
    return Home.load(home.path)


def _free_port() -> int:
    """The first port for a sink on which nobody listens now, so that two demos run beside each other."""
    for port in PORTS:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise Conflict(f"Ports {PORTS[0]} to {PORTS[-1]} are all in use: set CEAP_SINK_PORT to a free one.")


def filled() -> str:
    """The scenario this home is filled with; "" = not, or not to the end."""
    from ceap.accounts.queries import organisation

    return str(organisation().scenario)
