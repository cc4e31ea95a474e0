"""The edge's process."""

from __future__ import annotations

from ceap.kit.home import Home
from ceap.kit.process import role, stop_on_signals


def run(home: Home) -> None:
    """Serve the data plane until SIGTERM or SIGINT."""
    import threading

    import uvicorn

    from ceap.edge.app import application

    with role(home, "edge"):
        stop_on_signals(threading.Event())  # uvicorn raises the signal again once it has stopped
        config = uvicorn.Config(
            application(home), host=home.host, port=home.edge_port, access_log=False, log_config=None,
            timeout_graceful_shutdown=10, server_header=False, proxy_headers=False,
        )  # fmt: skip
        uvicorn.Server(config).run()
