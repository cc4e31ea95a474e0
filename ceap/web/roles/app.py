"""The app: control plane, coarse jobs, sole owner of the warehouse file."""

from __future__ import annotations

import os
import threading

from ceap.kit import logs
from ceap.kit.home import Home
from ceap.kit.lock import HomeLock
from ceap.kit.process import role, stop_on_signals

JOB_THREADS = 2


def run(home: Home) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        HomeInUse: another process holds the home.
        StartRefused: the store is newer than this code.
    """
    logs.configure("app")
    os.environ["DJANGO_SETTINGS_MODULE"] = "ceap.web.settings"
    with HomeLock(home, "app"), role(home, "app"):
        import django
        import uvicorn

        django.setup()
        from ceap.jobs import actions, runner, schedule
        from ceap.web import store

        store.prepare()
        stop = threading.Event()
        stop_on_signals(stop)  # uvicorn raises the signal again once it has stopped; the rest below must still run
        config = uvicorn.Config(
            "ceap.web.asgi:application", host=home.host, port=home.app_port, lifespan="off", access_log=False,
            log_config=None, timeout_graceful_shutdown=10, proxy_headers=True, server_header=False,
        )  # fmt: skip
        actions.discover()
        threads = [*schedule.start("app", stop), *runner.start(JOB_THREADS, stop)]
        try:
            uvicorn.Server(config).run()
        finally:
            stop.set()
            for thread in threads:
                thread.join(5)
