"""The app: control plane, coarse jobs, sole owner of the warehouse file."""

from __future__ import annotations

import os
import threading

from ceap.kit import logs
from ceap.kit.home import Home
from ceap.kit.lock import HomeLock
from ceap.kit.process import join, role, serve_http, stop_on_signals

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
        stop = threading.Event()
        stop_on_signals(stop)
        import django
        import uvicorn

        django.setup()
        from ceap.jobs import actions, runner, schedule
        from ceap.web import store

        store.prepare()
        config = uvicorn.Config(
            "ceap.web.asgi:application", host=home.host, port=home.app_port, lifespan="off", access_log=False,
            log_config=None, timeout_graceful_shutdown=10, proxy_headers=True, server_header=False,
        )  # fmt: skip
        actions.discover()
        threads = [*schedule.start("app", stop), *runner.start(JOB_THREADS, stop)]
        try:
            serve_http(uvicorn.Server(config), stop)
        finally:
            join(threads, 5)
