"""What the processes of the sender's crash test do; each function runs in a fork of its own."""

from __future__ import annotations

import threading
from datetime import timedelta

from django.core.management import call_command

from ceap.channels import providers, sender
from ceap.channels.actions import claiming, sweeping
from ceap.channels.models import Delivery
from ceap.kit.clock import now
from ceap.kit.process import stop_on_signals
from tests.channels import people


def plan(count: int, port: int) -> None:
    """Fill the home with customers and plan one campaign to all of them."""
    call_command("migrate", verbosity=0)
    ids = people.customers(count)
    version = people.version(links=["https://shop.test/a"])
    identity = people.smtp_sender(port, config={"timeout": 20, "connections": 3})
    people.plan(ids, identity, content_version_id=version.pk)


def work(plant: str) -> None:
    """A worker's sender, with leases short enough for a test, and on demand with a planted defect."""
    claiming.CLAIM_LEASE = timedelta(seconds=2)
    providers.Provider.patience = property(lambda self: 3.0)  # type: ignore[assignment]
    sender.SWEEP = 0.5
    if plant == "repeat":  # what may have been sent is sent again, as most do
        sender.sweep = repeat
    stop = threading.Event()
    stop_on_signals(stop)
    sender.run(stop)


def repeat() -> dict[str, int]:
    soon = now() + timedelta(seconds=1)  # well before the real sweep may call them unknown
    late = Delivery.objects.filter(state="sending", lease_until__lt=soon)
    late.update(state="planned", lease_token="", lease_until=None)
    return sweeping.sweep()
