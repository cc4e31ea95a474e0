"""Which campaigns somebody may see: one, a page, those that count."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from ceap.accounts.contracts import Actor
from ceap.accounts.queries import reached
from ceap.campaigns.contracts import ACTIVE, Status
from ceap.campaigns.models import Campaign
from ceap.kit import pagination
from ceap.kit.problem import NotFound

_AWAITING = Q(status=Status.DRAFT, approval_requested_at__isnull=False, approved_at=None)


def visible_to(actor: Actor) -> QuerySet[Campaign]:
    """The campaigns `actor` may see: all, those they created, or none."""
    return reached(actor, "campaigns_view", Campaign.objects.all())


def names(actor: Actor) -> dict[str, str]:
    """The names of the campaigns `actor` may see, by id, newest first."""
    rows = visible_to(actor).order_by("-created_at").values_list("pk", "name")
    return {str(key): name for key, name in rows}


def awaiting(actor: Actor) -> QuerySet[Campaign]:
    """The drafts `actor` may see whose approval was asked for and not given."""
    return visible_to(actor).filter(_AWAITING)


def get(actor: Actor, campaign_id: UUID) -> Campaign:
    """One campaign with what it refers to.

    Raises:
        NotFound: there is none that `actor` may see.
    """
    related = ("segment", "content_version__template", "created_by", "approved_by")
    row = visible_to(actor).select_related(*related).prefetch_related("exclusions").filter(pk=campaign_id).first()
    if row is None:
        raise NotFound("There is no such campaign.")
    return row


def page(
    actor: Actor, search: str, status: str, only_awaiting: bool, cursor: str, limit: int
) -> tuple[list[Campaign], str | None, int]:
    """One keyset page of campaigns, newest first: the rows, the next cursor, the total.

    Raises:
        Forbidden: without the permission to see campaigns.
    """
    actor.require("campaigns_view")
    rows = visible_to(actor)
    if search:
        rows = rows.filter(name__icontains=search)
    if status:
        rows = rows.filter(status__in=status.split(","))
    if only_awaiting:
        rows = rows.filter(_AWAITING)
    found = rows.select_related("segment", "created_by")
    return *pagination.page(found, "-pk", cursor=cursor, limit=limit), rows.count()


def active() -> QuerySet[Campaign]:
    """Campaigns that count against the limit."""
    return Campaign.objects.filter(status__in=ACTIVE)
