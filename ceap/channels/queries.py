"""Reads about deliveries."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count

from ceap.channels.contracts import State
from ceap.channels.models import Delivery, Sender


def tally(kind: str, id: UUID | str) -> dict[str, int]:
    """How many deliveries of a source are in each state (every state is a key); the sum is what was planned."""
    rows = Delivery.objects.filter(source_kind=kind, source_id=id).values_list("state").annotate(Count("id")).order_by()
    return {str(state): 0 for state in State} | dict(rows)


def sender(sender_id: UUID | str) -> Sender | None:
    """A sender identity in use, or None."""
    return Sender.objects.filter(pk=sender_id, archived_at=None).first()


def senders(channel: str) -> list[Sender]:
    """The sender identities of `channel` in use, the default one first."""
    return list(Sender.objects.filter(channel=channel, archived_at=None).order_by("-default", "created_at"))


def default_sender(channel: str) -> Sender | None:
    """The sender identity of `channel` that is used where none is chosen, or None when there is none."""
    return Sender.objects.filter(channel=channel, archived_at=None).order_by("-default", "created_at").first()


def outcomes(kind: str, id: UUID | str) -> dict[str, dict[str, int]]:
    """How many deliveries of a source are in each state for each reason ("" = none needed): {state: {reason: n}}."""
    found: dict[str, dict[str, int]] = {}
    rows = Delivery.objects.filter(source_kind=kind, source_id=id).values_list("state", "reason")
    for state, reason, count in rows.annotate(Count("id")).order_by():
        found.setdefault(state, {})[reason] = count
    return found


def engagement(kind: str, id: UUID | str) -> dict[str, int]:
    """How many people a source's messages reached: delivered, opened, clicked, unsubscribed, bounced."""
    names = ("delivered", "opened", "clicked", "unsubscribed", "bounced")
    rows = Delivery.objects.filter(source_kind=kind, source_id=id)
    return rows.aggregate(**{name: Count(f"{name}_at") for name in names})
