"""Entry points: the loops that feed the warehouse and the archive, and the job that rebuilds."""

from __future__ import annotations

from typing import Any

from ceap.events import actions, queries
from ceap.jobs.actions import Progress, job

_started = False


def load() -> None:
    """Bring the warehouse up to date; the app runs this twice a second (on Spark, every five seconds it loads)."""
    global _started
    if not _started:
        actions.settle_after_restore()
        _started = True
    queries.warehouse().keep_up()


def keep_house() -> None:
    """Move old entries to the archive and remove files that nothing refers to."""
    actions.sweep_archive()
    actions.archive_passed()


@job("warehouse.rebuild")
def rebuild(progress: Progress, without: list[str] | None = None) -> dict[str, Any]:
    """Make the warehouse again from store, archive and log."""
    house = queries.warehouse()
    house.rebuild(without or (), beat=progress.step)
    counts = {name: house.count(name) for name in ("customers", "events", "purchases", "items")}
    return {"rows": counts, "as_of": house.as_of.isoformat()}
