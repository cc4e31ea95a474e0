"""The versions of the model, who put them to use, and the table that the last scoring wrote."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from ceap.accounts.contracts import Actor
from ceap.core.learning import purchases
from ceap.core.learning import scored as tables
from ceap.core.learning.versions import Damaged, Versions
from ceap.kit.home import Home
from ceap.learning.contracts import VIEW, Scored


def folder() -> Path:
    """Where the home keeps the model and what belongs to it."""
    return Home.load().path / "models" / "discover"


def versions() -> Versions:
    """The versions in the home, whoever may see them."""
    return Versions(folder())


def scored() -> Scored | None:
    """The table of the last scoring (`core.learning.scored` says its columns); None: nobody was scored yet."""
    file = folder() / tables.FILE
    try:
        known = file.stat()
    except OSError:
        return None
    return _head(file, known.st_mtime_ns, known.st_ino)


@lru_cache(maxsize=2)
def _head(file: Path, changed: int, inode: int) -> Scored | None:
    return tables.read(file)


def scored_file(number: int, facts: dict[str, Any]) -> str | None:
    """The kept file whose rows version `number` scores: the last one it was given, else that of its training."""
    last = scored()
    if last is not None and last.version == number and last.file:
        return last.file
    return facts.get("upload")


def listed(actor: Actor) -> list[dict[str, Any]]:
    """What is known about each version, newest first; `in_use` marks the one that was deployed last.

    One whose files are damaged has `damaged`, a sentence that says so, and perhaps nothing else.

    Raises:
        Forbidden: `actor` may not see segments.
    """
    actor.require(VIEW)
    found = versions()
    return [_told(found, number, found.in_use()) for number in reversed(found.numbers())]


def version(actor: Actor, number: int) -> dict[str, Any]:
    """One version, as `listed` tells it.

    Raises:
        Forbidden: `actor` may not see segments. NotFound: there is no such version.
    """
    actor.require(VIEW)
    found = versions()
    if number not in found.numbers():
        found.manifest(number)
    return _told(found, number, found.in_use())


def _told(found: Versions, number: int, used: int | None) -> dict[str, Any]:
    about: dict[str, Any] = {"version": number, "in_use": number == used, "damaged": None, "upload": None}
    try:
        about |= found.manifest(number)
        found.check(number)
    except Damaged as problem:
        about["damaged"] = problem.detail
    about["source"] = (
        purchases.SOURCE if about.get("data", {}).get("file") == purchases.SOURCE and not about["upload"] else "file"
    )
    return about


def deployments(actor: Actor) -> list[dict[str, Any]]:
    """Who put which version to use, and when; newest first.

    Raises:
        Forbidden: `actor` may not see segments.
    """
    actor.require(VIEW)
    return versions().deployments()[::-1]
