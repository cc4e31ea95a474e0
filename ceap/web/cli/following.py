"""Carrying out a job from the command line, with its progress on the terminal."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ceap.jobs.models import Job


def carry_out(job: Job, *, quiet: bool) -> Job:
    """Follow `job` when the home's app runs, else take the home's lock and run it here; returns it once ended.

    Raises:
        Conflict: it failed or was cancelled, or another command holds the home.
    """
    from ceap.jobs.actions import run
    from ceap.kit.home import Home
    from ceap.kit.lock import HomeLock, holder
    from ceap.kit.problem import Conflict

    home = Home.load()
    found = holder(home)
    if found and found.role in ("serve", "app"):
        _follow(job, quiet=quiet)
    else:
        with HomeLock(home, "app", "command"):
            runner = threading.Thread(target=run, args=(str(job.pk),), name=f"job-{job.pk}")
            runner.start()
            _follow(job, quiet=quiet, while_alive=runner)
            runner.join()
    job.refresh_from_db()
    if job.state != "done":
        raise Conflict(job.message or f"The job ended as {job.state}.", job=str(job.pk))
    return job


def _follow(job: Job, *, quiet: bool, while_alive: threading.Thread | None = None) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    console = Console(file=sys.stderr)
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        shown = bar.add_task(job.kind, total=None)
        while job.state in ("queued", "running") and (while_alive is None or while_alive.is_alive()):
            bar.update(shown, completed=job.done, total=job.total, description=job.message or job.kind)
            time.sleep(0.2)
            job.refresh_from_db()
