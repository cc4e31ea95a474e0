"""The worker: sends, and runs the worker's periodic loops."""

from __future__ import annotations

import os
import threading

from ceap.kit import logs
from ceap.kit.home import Home
from ceap.kit.process import GRACE, join, ready, role, stop_on_signals


def run(home: Home) -> None:
    """Work until SIGTERM or SIGINT.

    Raises:
        StartRefused: the store is newer than this code, or was put back from a backup without `ceap restore`.
    """
    logs.configure("worker")
    os.environ["DJANGO_SETTINGS_MODULE"] = "ceap.web.settings"
    with role(home, "worker"):
        stop = threading.Event()
        stop_on_signals(stop)
        import django

        django.setup()
        from ceap.channels import sender
        from ceap.jobs import schedule
        from ceap.web import store, watermark

        if not store.wait(stop):
            return
        watermark.check(home)
        schedule.every(5, role="worker", name="watermark")(watermark.advance)
        ready(home, "worker")
        threads = schedule.start("worker", stop)
        sending = threading.Thread(target=sender.run, args=(stop,), name="sender", daemon=True)
        sending.start()
        while not stop.wait(1):
            if not sending.is_alive():  # it said why; a fresh process starts it again
                raise SystemExit("the sender has stopped")
        join([*threads, sending], GRACE - 2)
