"""A worker's webhook loop as a process, with leases short enough for a test, and on demand with a planted defect."""

from __future__ import annotations

import os
import threading
from datetime import timedelta

os.environ["DJANGO_SETTINGS_MODULE"] = "ceap.web.settings"


def main() -> None:
    import django

    django.setup()
    from ceap.connectors import calls, sending
    from ceap.kit.process import stop_on_signals

    calls.LEASE = timedelta(seconds=1)
    if os.environ.get("PLANT") == "before":  # acknowledged before it is sent, as many do
        real = sending._send

        def early(outbound, token, call):  # type: ignore[no-untyped-def]
            calls.acknowledged(call, token, 200, "", 0)
            real(outbound, token, call)

        sending._send = early
    stop = threading.Event()
    stop_on_signals(stop)
    while not stop.wait(0.05):
        sending.send_due()


if __name__ == "__main__":
    main()
