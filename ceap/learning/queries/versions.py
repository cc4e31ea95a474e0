"""The versions of the model, who put them to use, and the table that the last scoring wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ceap.accounts.contracts import Actor
from ceap.core.learning import scored as tables
from ceap.core.learning.versions import Versions
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
    return tables.read(folder() / tables.FILE)


def listed(actor: Actor) -> list[dict[str, Any]]:
    """What is known about each version, newest first; `in_use` marks the one that was deployed last.

    Raises:
        Forbidden: `actor` may not see segments. Damaged: a manifest cannot be read.
    """
    actor.require(VIEW)
    found = versions()
    used = found.in_use()
    return [found.manifest(number) | {"in_use": number == used} for number in reversed(found.numbers())]


def deployments(actor: Actor) -> list[dict[str, Any]]:
    """Who put which version to use, and when; newest first.

    Raises:
        Forbidden: `actor` may not see segments.
    """
    actor.require(VIEW)
    return versions().deployments()[::-1]
