"""The wire of events: parse, call, return."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from ceap.accounts.authentication import actor
from ceap.accounts.contracts import Actor
from ceap.accounts.queries import organisation
from ceap.events import actions, queries
from ceap.events.contracts import NewRate, WarehouseNotReady
from ceap.events.schemas import ActivityPage, EventNames, FreshnessOut, RatesIn, RatesKept, RatesOut, SummaryOut
from ceap.kit.pagination import MAX_PAGE_SIZE, PAGE_SIZE

router = Router(tags=["events"])
LIMIT = Query(PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE)


@router.get("/timeline", response=ActivityPage)
def timeline(request: HttpRequest, customer: int, cursor: str | None = None, limit: int = LIMIT) -> Any:
    """Events and purchases of a customer, newest first."""
    items, following = queries.timeline(actor(request), customer, cursor, limit)
    return {"items": items, "next": following}


@router.get("/purchases", response=ActivityPage)
def purchases(request: HttpRequest, customer: int, cursor: str | None = None, limit: int = LIMIT) -> Any:
    """Orders of a customer with their lines, newest first."""
    items, following = queries.orders(actor(request), customer, cursor, limit)
    return {"items": items, "next": following}


@router.get("/purchases/summary", response=SummaryOut)
def summary(
    request: HttpRequest,
    start: date | None = Query(None, alias="from"),
    end: date | None = Query(None, alias="to"),
    valid: bool = False,
) -> Any:
    """Lines, orders, customers and total, from day to day (both inclusive, in the organisation's time zone).

    `valid` leaves out cancellations (order ids that start with C), non-positive prices and quantities, and lines
    without a customer.
    """
    return queries.purchase_summary(actor(request), start, end, valid=valid)


@router.get("/names", response=EventNames)
def names(request: HttpRequest) -> Any:
    """Every event name seen, with its count."""
    found = queries.event_names(actor(request))
    return {"items": [{"name": name, "count": count} for name, count in found], "total": len(found)}


@router.get("/freshness", response=FreshnessOut)
def freshness(request: HttpRequest) -> Any:
    """How far behind the change log its readers are."""
    return {"as_of": queries.warehouse().as_of, "consumers": queries.lags()}


@router.get("/rates", response=RatesOut)
def rates(request: HttpRequest, currency: str = "", cursor: str | None = None, limit: int = LIMIT) -> Any:
    """The rates by which amounts of other currencies are converted, newest first. `apart`, on the first page: what
    lacks one; null while the warehouse is being filled.
    """
    who = actor(request)
    items, following, total = queries.rates_page(who, currency, cursor=cursor, limit=limit)
    apart = [] if cursor else _apart(who)
    return {"currency": organisation().currency, "items": items, "next": following, "total": total, "apart": apart}


def _apart(who: Actor) -> list[dict[str, Any]] | None:
    try:
        return [{**asdict(one), "remedy": queries.remedy(one)} for one in queries.apart(who)]
    except WarehouseNotReady:
        return None


@router.put("/rates", response=RatesKept)
def change_rates(request: HttpRequest, payload: RatesIn) -> Any:
    """Keep rates, in place of those of the same day and currency. Amounts follow within seconds."""
    given = [NewRate(one.day, one.currency, one.rate) for one in payload.items]
    return {"changed": actions.set_rates(actor(request), given)}
