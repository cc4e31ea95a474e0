"""What a campaign did and what it was worth."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from ceap.accounts.contracts import Actor
from ceap.accounts.queries import organisation
from ceap.campaigns import queries as campaigns
from ceap.campaigns.contracts import SOURCE
from ceap.campaigns.queries import Campaign
from ceap.channels import queries as channels
from ceap.channels.contracts import COSTS, OPEN, State, words
from ceap.consent.contracts import REASONS as REFUSALS
from ceap.consent.contracts import STEPS
from ceap.events import queries as events
from ceap.events.contracts import WarehouseNotReady
from ceap.measurement import expressions
from ceap.measurement.rules import Worth, step_of


def waterfall(campaign: Campaign, outcomes: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    """The same steps as before the launch, counted from what became of each planned delivery."""
    left = sum(sum(reasons.values()) for reasons in outcomes.values())
    refused = dict.fromkeys(REFUSALS, 0)
    for reasons in outcomes.values():
        for code, count in reasons.items():
            if code in refused:
                refused[code] += count
    steps = []
    for key, label, reason in STEPS:
        left -= refused[reason] if reason else 0
        steps.append({"key": key, "label": label, "count": left})
    return steps


def worth(campaign: Campaign, tally: dict[str, int]) -> Worth:
    """Orders within the campaign's conversion window after any touch, and what the campaign cost.

    Raises:
        WarehouseNotReady: nothing can be said about orders now.
    """
    if campaign.launched_at is None:
        return Worth(0, 0, Decimal(0), Decimal(0))
    warehouse, since = events.warehouse(), campaign.launched_at.astimezone(UTC).replace(tzinfo=None)
    orders = expressions.attributed_orders(
        warehouse.table("events"), warehouse.table("purchases"), str(campaign.pk), campaign.conversion_days, since
    )  # fmt: skip
    row = warehouse.run(expressions.worth(orders)).to_pylist()[0]
    cost = campaigns.cost(campaign, sum(tally[state] for state in COSTS))
    revenue = row["revenue"] or Decimal(0)
    return Worth(row["orders"] or 0, row["converted"] or 0, revenue, cost, row["apart"] or 0)


def _money(campaign: Campaign, tally: dict[str, int]) -> dict[str, Any]:
    """`worth` on the wire; null while the warehouse is being filled."""
    currency = organisation().currency
    try:
        money, as_of = worth(campaign, tally), events.warehouse().as_of.isoformat()
    except WarehouseNotReady:
        empty = ("orders", "converted", "revenue", "cost", "profit", "roi", "apart", "as_of")
        return {**dict.fromkeys(empty), "currency": currency}
    return {
        "orders": money.orders,
        "converted": money.converted,
        "revenue": str(money.revenue),
        "cost": str(money.cost),
        "profit": str(money.profit),
        "roi": None if money.roi is None else float(money.roi),
        "currency": currency,
        "apart": money.apart,
        "as_of": as_of,
    }


def timeline(campaign: Campaign) -> dict[str, Any]:
    """Message events per unit of time: {"unit", "points": [{"at", "sent", "opened", …}]} (times in UTC)."""
    warehouse = events.warehouse()
    table, key = warehouse.table("events"), str(campaign.pk)
    first, last = warehouse.run(expressions.span(table, key)).to_pylist()[0].values()
    if first is None:
        return {"unit": "minute", "points": []}
    unit = step_of((last - first).total_seconds())
    points: dict[datetime, dict[str, Any]] = {}
    for row in warehouse.run(expressions.timeline(table, key, unit)).to_pylist():
        point = points.setdefault(row["bar"], {"at": row["bar"].isoformat() + "Z"})
        point[row["name"].removeprefix("message_")] = row["count"]
    return {"unit": unit, "points": list(points.values())}


def progress(campaign: Campaign) -> dict[str, Any]:
    """The live numbers of a campaign: every state of its deliveries (their sum is what was planned) and engagement."""
    outcomes = channels.outcomes(SOURCE, campaign.pk)
    tally = {str(state): sum(outcomes.get(state, {}).values()) for state in State}
    return {
        "status": campaign.status,
        "status_reason": campaign.status_reason,
        "planned": sum(tally.values()),
        "planning": campaign.launched_at is not None and campaign.planned_at is None,
        "states": tally,
        "open": sum(tally[state] for state in OPEN),
        "reasons": [
            {"state": state, "reason": reason, "words": words(reason), "count": count}
            for state, reasons in sorted(outcomes.items())
            for reason, count in sorted(reasons.items())
            if reason
        ],
        "waterfall": waterfall(campaign, outcomes),
        **channels.engagement(SOURCE, campaign.pk),
        **_money(campaign, tally),
        "conversion_days": campaign.conversion_days,
    }


def campaign_report(actor: Actor, campaign_id: UUID) -> dict[str, Any]:
    """All that is known of how a campaign went: what it was, `progress`, and its timeline.

    Raises:
        NotFound: there is no such campaign, or `actor` may not see it.
    """
    campaign = campaigns.get(actor, campaign_id)
    return {
        "id": str(campaign.pk),
        "name": campaign.name,
        "objective": campaign.objective,
        "type": campaign.type,
        "segment": campaign.segment.name if campaign.segment else "",
        "email": campaign.content_version.template.name if campaign.content_version else "",
        "subject": campaign.content_version.subject if campaign.content_version else "",
        "launched_at": campaign.launched_at,
        "completed_at": campaign.completed_at,
        "budget": None if campaign.budget is None else str(campaign.budget),
        **progress(campaign),
        "timeline": timeline(campaign),
    }
