"""How far this home has come, kept outside the store: a store put back from a backup, or a copied home, is noticed
before anything is sent from it a second time."""

from __future__ import annotations

import json
import os
from typing import Any

from django.db import connection
from django.db.models import Max

from ceap.events.models import ArchiveFile, Entry, Position
from ceap.kit.home import Home
from ceap.kit.leases import machine
from ceap.kit.process import StartRefused

FILE = "watermark.json"


def place(home: Home) -> str:
    """Which installation this is: the machine, the folder, and the store it uses."""
    return f"{machine()}:{home.path}:{home.store_url.rsplit('@', 1)[-1]}"


def reached() -> int:
    """The newest change-log entry that the store has ever held."""
    newest = [
        Entry.objects.aggregate(n=Max("seq"))["n"],
        Position.objects.aggregate(n=Max("seq"))["n"],
        ArchiveFile.objects.aggregate(n=Max("last_seq"))["n"],
    ]
    return max((n for n in newest if n is not None), default=0)


def read(home: Home) -> dict[str, Any] | None:
    """The mark as it was written last, or None."""
    file = home.path / FILE
    try:
        return dict(json.loads(file.read_text()))
    except (OSError, ValueError):
        return None


def write(home: Home) -> None:
    """Set the mark to where the store is now, replacing the file in one step."""
    file = home.path / FILE
    beside = file.with_suffix(f".{os.getpid()}")
    beside.write_text(json.dumps({"place": place(home), "seq": reached()}))
    beside.replace(file)


def check(home: Home) -> None:
    """Refuse to go on from a store that is behind what this home has already done.

    Raises:
        StartRefused: it was restored, or copied, without `ceap restore`.
    """
    mark = read(home)
    if mark is None:
        return
    remedy = "Stop everything and run `ceap restore` on this home: it holds what may have been sent already."
    if mark["place"] != place(home):
        raise StartRefused(f"This home was copied or moved from {mark['place']}; nothing is sent from it. {remedy}")
    if reached() < mark["seq"]:
        raise StartRefused(f"The store is older than what this home has already done; nothing is sent. {remedy}")


def advance() -> None:
    """Keep the mark; a loop of the worker."""
    write(Home.load())
    connection.close()
