"""What the processes of the sender's crash test do; each function runs in a fork of its own."""

from __future__ import annotations

import resource
import signal
import threading
import time
from datetime import timedelta
from typing import Any

from django.db.utils import OperationalError

from ceap.channels import providers, sender
from ceap.channels.actions import claiming, sweeping
from ceap.channels.models import Delivery
from ceap.channels.sending import lane
from ceap.jobs.schedule import LOOPS
from ceap.kit.clock import now
from ceap.kit.process import stop_on_signals
from tests.channels import people


def plan(count: int, port: int) -> None:
    """Fill the home with customers and plan one campaign to all of them."""
    ids = people.customers(count)
    version = people.version(links=["https://shop.test/a"])
    identity = people.smtp_sender(port, config={"timeout": 20, "connections": 3})
    people.plan(ids, identity, content_version_id=version.pk)


def work(plant: str, hand_over: float = 3.0) -> None:
    """A worker's sender, with leases short enough for a test, and on demand with a planted defect."""
    claiming.CLAIM_LEASE = timedelta(seconds=2)
    providers.Provider.patience = property(lambda self: hand_over)  # type: ignore[assignment]
    sender.SWEEP = 0.5
    if plant == "repeat":  # what may have been sent is sent again, as most do
        sender.sweep = repeat  # type: ignore[attr-defined]
    stop = threading.Event()
    stop_on_signals(stop)
    sender.run(stop)


def role(plant: str) -> None:
    """The worker as `ceap worker` runs it, with its own times."""
    from ceap.kit.home import Home
    from ceap.web.roles import worker

    if plant == "leases alone":  # as it was: whoever dies keeps what it holds for a minute
        LOOPS.pop("leases of the dead (worker)")
    worker.run(Home.load())


def repeat() -> dict[str, int]:
    soon = now() + timedelta(seconds=1)  # well before the real sweep may call them unknown
    late = Delivery.objects.filter(state="sending", lease_until__lt=soon)
    late.update(state="planned", lease_token="", lease_until=None)
    return sweeping.sweep()


def work_on_a_small_disk(plant: str) -> None:
    """A worker whose disk is full from SIGUSR1 to SIGUSR2; what it cannot write down it says."""

    def disk(line: str, room: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
        say(line)

    signal.signal(signal.SIGUSR1, lambda *_: disk("full", 4096))
    signal.signal(signal.SIGUSR2, lambda *_: disk("room", resource.RLIM_INFINITY))
    real = lane.acknowledge  # type: ignore[attr-defined]

    def acknowledge(results: Any) -> int:
        try:
            return real(results)
        except OperationalError:
            say("not written")
            raise

    lane.acknowledge = acknowledge  # type: ignore[attr-defined]
    if plant == "again":
        lane.Lane._write = hand_back_what_is_not_written  # type: ignore[method-assign]
    work("", hand_over=60)


def hand_back_what_is_not_written(self: lane.Lane, results: Any, rest: Any) -> None:
    """The planted defect: who cannot write down that a message was handed over takes it for not handed over."""
    try:
        lane.acknowledge(results)  # type: ignore[attr-defined]
    except OperationalError:
        rest = [*rest, *((row, 0.0) for row, _ in results)]
    while rest:
        try:
            lane.hand_back(rest)  # type: ignore[attr-defined]
            return
        except OperationalError:
            time.sleep(0.1)


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201
