"""Which segments use a field of customers."""

from __future__ import annotations

from collections.abc import Iterator

from ceap.accounts.contracts import Actor
from ceap.customers.contracts import Field, FieldUse
from ceap.segments.models import Segment
from ceap.segments.queries.segments import visible_to


def segments_with(actor: Actor, field: Field) -> Iterator[FieldUse]:
    """The segments in use whose rule has a condition on `field`; one that `actor` may not see is not named."""
    seen = set(visible_to(actor).values_list("pk", flat=True))
    for key, name, rule in Segment.objects.filter(archived_at=None).values_list("pk", "name", "rule"):
        groups = rule.get("groups", [])
        if any(one.get("field") == field.column for group in groups for one in group.get("conditions", [])):
            known = key in seen
            yield FieldUse(
                "segment", name if known else "A segment of another user", f"/segments/{key}" if known else ""
            )
