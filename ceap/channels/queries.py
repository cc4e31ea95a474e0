"""Reads about deliveries."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count

from ceap.channels.contracts import State
from ceap.channels.models import Delivery


def tally(kind: str, id: UUID | str) -> dict[str, int]:
    """How many deliveries of a source are in each state (every state is a key); the sum is what was planned."""
    rows = Delivery.objects.filter(source_kind=kind, source_id=id).values_list("state").annotate(Count("id")).order_by()
    return {str(state): 0 for state in State} | dict(rows)
