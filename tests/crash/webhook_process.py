"""What the processes of the webhooks' crash test do; each function runs in a fork of its own."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

from pyroaring import BitMap

from ceap.accounts.contracts import SYSTEM
from ceap.connectors import actions, calls, sending
from ceap.kit.process import stop_on_signals
from ceap.web.store import prepare


def plan(url: str, people: int) -> None:
    """A subscriber, and something to tell it in many calls."""
    prepare()
    actions.create_webhook(SYSTEM, url=url, events=["segment.entered"])
    actions.notify_moves("0192aaaa-0000-7000-8000-000000000000", "Loyal", 1, BitMap(range(1, people + 1)), None)


def work(plant: str) -> None:
    """A worker's webhook loop, with leases short enough for a test, and on demand with a planted defect."""
    calls.LEASE = timedelta(seconds=1)
    if plant == "acknowledged first":
        real = sending._send

        def early(outbound: Any, token: str, call: Any) -> None:
            calls.acknowledged(call, token, 200, "", 0)
            real(outbound, token, call)

        sending._send = early
    stop = threading.Event()
    stop_on_signals(stop)
    while not stop.wait(0.05):
        sending.send_due()
