"""Reads of webhooks and of what they were told."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from ceap.accounts.contracts import Actor, Level
from ceap.connectors.models import Call, Webhook
from ceap.kit.problem import NotFound


def visible_webhooks(actor: Actor) -> QuerySet[Webhook]:
    """Everybody who manages webhooks sees all of them."""
    return Webhook.objects.all() if actor.may("webhooks_manage") else Webhook.objects.none()


def visible_calls(actor: Actor) -> QuerySet[Call]:
    """What the webhooks that `actor` may see were told: of every customer, so who may not see all sees none of it."""
    rows = Call.objects.filter(webhook__in=visible_webhooks(actor)).select_related("webhook", "notice")
    return rows if actor.customers_seen == "all" else rows.none()


def webhooks(actor: Actor) -> list[Webhook]:
    """All webhooks, newest first.

    Raises:
        Forbidden: without "webhooks_manage".
    """
    actor.require("webhooks_manage", Level.ALL)
    return list(visible_webhooks(actor).order_by("-created_at"))


def webhook(actor: Actor, id: UUID | str) -> Webhook:
    """One webhook.

    Raises:
        Forbidden: without "webhooks_manage". NotFound: there is none.
    """
    actor.require("webhooks_manage", Level.ALL)
    row = visible_webhooks(actor).filter(pk=id).first()
    if row is None:
        raise NotFound("There is no such webhook.")
    return row


def calls_of(actor: Actor, id: UUID | str) -> QuerySet[Call]:
    """What a webhook was told, in no order."""
    return visible_calls(actor).filter(webhook=webhook(actor, id)).defer("notice__customers")
