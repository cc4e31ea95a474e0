"""What a store restored from a backup may no longer do, since it may have been done after the backup was made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from ceap.channels.contracts import OPEN, State
from ceap.channels.models import Delivery
from ceap.consent import actions as consent_actions
from ceap.core.optout import JOURNAL, withdraw
from ceap.kit import journal
from ceap.kit.clock import now
from ceap.kit.home import Home


def after_restore() -> dict[str, Any]:
    """End every delivery that was on the way when the backup was made as unknown, and hear every opt-out again.

    Returns:
        How many deliveries, and how many opt-outs changed something.
    """
    with transaction.atomic():
        held = Delivery.objects.filter(state__in=OPEN).update(
            state=State.UNKNOWN, reason="restored", detail="It may have been sent after the backup was made.",
            lease_token="", lease_until=None, finished_at=now(),
        )  # fmt: skip
    heard = 0
    for record in journal.read(Home.load().path / JOURNAL):
        if "erased" in record:
            heard += consent_actions.remember(record["erased"])
            continue
        with transaction.atomic(), connection.cursor() as cursor:
            at = datetime.fromisoformat(record.pop("at"))
            heard += withdraw(cursor, connection.vendor, **record, at=at)
    return {"deliveries_held": held, "opt_outs": heard}
