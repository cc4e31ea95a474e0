"""The threads of the app that run queued jobs."""

from __future__ import annotations

import logging
import threading

from django.db import close_old_connections, connections
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from ceap.kit import leases

log = logging.getLogger("ceap.jobs")
POLL = 0.25


def start(count: int, stop: threading.Event) -> list[threading.Thread]:
    """Start `count` threads that run queued jobs until `stop` is set; returns them."""
    threads = [
        threading.Thread(target=_run, args=(stop,), name=f"jobs-{number}", daemon=True) for number in range(count)
    ]
    for thread in threads:
        thread.start()
    return threads


def _run(stop: threading.Event) -> None:
    while not stop.wait(POLL):
        close_old_connections()
        try:
            # django-tasks' own loop opens an exclusive transaction at each poll; on SQLite that takes the write
            # lock from everybody. A read sees first whether there is anything to claim.
            if DBTaskResult.objects.ready().exists():
                _worker().run()
        except Exception:
            log.exception("the job runner met an error; it goes on")
            stop.wait(2)
    connections.close_all()


def _worker() -> Worker:
    return Worker(
        queue_names=["*"], interval=0, batch=True, backend_name="default", startup_delay=False, max_tasks=1,
        worker_id=leases.token(), excluded_queue_names=[],
    )  # fmt: skip
