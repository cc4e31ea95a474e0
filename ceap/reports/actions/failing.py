"""What becomes of a schedule when its report fails."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import SYSTEM
from ceap.reports.models import Schedule

AT_MOST = 3  # failures in a row


def failed(schedule_id: UUID, reason: str, *, for_good: bool = False) -> None:
    """Note a failure; after `AT_MOST` in a row, or `for_good` at once, the schedule pauses until it is resumed."""
    with transaction.atomic():
        row = Schedule.objects.select_for_update().filter(pk=schedule_id).first()
        if row is None:
            return
        row.problem, row.failures = reason[:250], row.failures + 1
        if row.next_at and (for_good or row.failures >= AT_MOST):
            row.next_at = None
            audit(SYSTEM, "reports.schedule.pause", "report_schedule", row.pk, row.name, after={"reason": row.problem})
        row.save(update_fields=["problem", "failures", "next_at"])
