"""What uses a segment or a field."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.db.models import Q

from ceap.accounts.contracts import Actor
from ceap.campaigns.contracts import ACTIVE, Status
from ceap.campaigns.models import Campaign
from ceap.campaigns.queries.rows import visible_to
from ceap.customers.contracts import Field, FieldUse
from ceap.segments import queries as segments
from ceap.segments.contracts import Use


def campaigns_with(actor: Actor, field: Field) -> Iterator[FieldUse]:
    """The campaigns not ended that map a variable to `field`; one that `actor` may not see is not named.

    A message is written without the field, or with its fallback, so none breaks.
    """
    seen = set(visible_to(actor).values_list("pk", flat=True))
    rows = Campaign.objects.filter(status__in=(Status.DRAFT, *ACTIVE)).exclude(mapping={}).order_by("name")
    for row in rows.only("pk", "name", "mapping"):
        if any(fill["path"] == f"customer.{field.key}" for fill in row.mapping.values()):
            known = row.pk in seen
            name = row.name or "Untitled" if known else "A campaign of another user"
            yield FieldUse("campaign", name, f"/campaigns/{row.pk}" if known else "", False)


def uses_of_segment(actor: Actor, segment_id: UUID) -> list[Use]:
    """The campaigns that are meant for a segment, or leave it out."""
    wanted = Q(segment_id=segment_id) | Q(exclusions=segment_id) | Q(pinned__segment_id=segment_id)
    rows = Campaign.objects.filter(wanted | Q(pinned_exclusions__segment_id=segment_id)).distinct()
    seen = set(visible_to(actor).filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    ended = (Status.COMPLETED, Status.CANCELLED)
    return [
        Use("campaign", row.pk, row.name or "Untitled", row.status, row.status in ended)
        if row.pk in seen
        else Use("campaign", None, segments.HIDDEN, row.status, row.status in ended)
        for row in rows
    ]
