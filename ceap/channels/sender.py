"""The one sender: the worker's loop from planned deliveries to acknowledged ones. Any number of workers may run it."""

from __future__ import annotations

import gc
import logging
import sys
import threading
import time
from typing import Any

from django.db import close_old_connections, connections

from ceap.channels.actions.claiming import working
from ceap.channels.actions.sweeping import sweep
from ceap.channels.sending.lane import Lane
from ceap.content.rendering import Renderer
from ceap.kit.home import Home

log = logging.getLogger("ceap.channels")
LOOK, SWEEP = 0.2, 2.0
GRACE = 15.0


def spare_the_collector() -> None:
    """Look for garbage in cycles seldom, and never among what is loaded for good: thousands of rows come and go."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def run(stop: threading.Event) -> None:
    """Send until `stop` is set; then finish what is being handed over, give the rest back, and return."""
    sys.setswitchinterval(0.0005)  # many short reads from sockets beside one busy thread
    spare_the_collector()
    lanes: dict[Any, Lane] = {}
    swept = 0.0
    with Renderer() as renderer:
        while not stop.is_set():
            close_old_connections()
            try:
                if time.monotonic() - swept > SWEEP:
                    swept = time.monotonic()
                    found = {kind: count for kind, count in sweep().items() if count and kind != "closed"}
                    if found:
                        log.warning("after a worker's end: %s", found)
                for sender_id in working():
                    if sender_id not in lanes or not lanes[sender_id].alive():
                        lanes[sender_id] = Lane(sender_id, renderer, Home.load().edge_url, stop)
            except Exception:
                log.exception("the sender cannot read the store; trying again")
                connections.close_all()
                stop.wait(1)
            stop.wait(LOOK)
        for lane in lanes.values():
            lane.join(GRACE)
    connections.close_all()
