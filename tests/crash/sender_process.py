"""A worker's sender as a process, with leases short enough for a test, and on demand with a planted defect."""

from __future__ import annotations

import os
import threading
from datetime import timedelta

os.environ["DJANGO_SETTINGS_MODULE"] = "ceap.web.settings"


def main() -> None:
    import django

    django.setup()
    from ceap.channels import providers, sender
    from ceap.channels.actions import claiming, sweeping
    from ceap.kit.process import stop_on_signals

    claiming.CLAIM_LEASE = timedelta(seconds=2)
    providers.Provider.patience = property(lambda self: 3.0)  # type: ignore[assignment]
    sender.SWEEP = 0.5
    if os.environ.get("PLANT") == "repeat":  # what may have been sent is sent again, as most do
        real = sweeping.sweep

        def repeat() -> dict[str, int]:
            from ceap.channels.models import Delivery
            from ceap.kit.clock import now

            soon = now() + timedelta(seconds=1)  # well before the real sweep may call them unknown
            late = Delivery.objects.filter(state="sending", lease_until__lt=soon)
            late.update(state="planned", lease_token="", lease_until=None)
            return real()

        sender.sweep = repeat
    stop = threading.Event()
    stop_on_signals(stop)
    sender.run(stop)


if __name__ == "__main__":
    main()
