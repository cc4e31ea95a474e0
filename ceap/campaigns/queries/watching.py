"""What became of a campaign's deliveries."""

from __future__ import annotations

from uuid import UUID

from ceap.accounts.contracts import Actor
from ceap.campaigns.contracts import SOURCE
from ceap.campaigns.queries.rows import get
from ceap.channels import queries as channels
from ceap.customers import queries as customers


def deliveries(
    actor: Actor, campaign_id: UUID, state: str, reason: str, cursor: str, limit: int
) -> tuple[list[dict[str, object]], str | None]:
    """One page of a campaign's deliveries to customers that `actor` may see, newest first, and the next cursor.

    Raises:
        NotFound: there is no such campaign that `actor` may see.
    """
    campaign = get(actor, campaign_id)
    rows, following = channels.deliveries(
        actor, SOURCE, campaign.pk, state=state, reason=reason, cursor=cursor, limit=limit
    )
    seen = customers.visible_to(actor).filter(pk__in=[row.customer_id for row in rows])
    names = {one.pk: str(one) for one in seen}
    wanted = ("id", "customer_id", "address", "state", "detail", "due_at", "sent_at", "opened_at", "clicked_at")
    return [
        {**{name: getattr(row, name) for name in wanted}, "name": names.get(row.customer_id, ""),
         "said": channels.said(row)}
        for row in rows
    ], following  # fmt: skip


def movement(actor: Actor, campaign_id: UUID) -> dict[str, object]:
    """Why is (nothing of) a campaign moving: as `ceap.channels.queries.movement`.

    Raises:
        NotFound: there is no such campaign that `actor` may see.
    """
    return channels.movement(SOURCE, get(actor, campaign_id).pk)


def senders(actor: Actor) -> list[dict[str, object]]:
    """Who a campaign's emails can be from, the default first: [{"id", "name", "address"}].

    Raises:
        Forbidden: without the permission to see campaigns.
    """
    actor.require("campaigns_view")
    return [{"id": one.pk, "name": one.from_name, "address": one.from_address} for one in channels.senders("email")]
