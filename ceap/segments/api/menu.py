"""What a rule can be made of."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ceap.accounts.authentication import actor
from ceap.segments import queries, schemas, validation
from ceap.segments.api.router import router
from ceap.segments.queries.suggestions import SUGGESTING
from ceap.segments.windows import Unit

BEHAVIOURS = (("purchased", "Purchased", validation.OF_PURCHASES), ("did", "Did the event", validation.OF_EVENTS))
COMPARISONS = (("at_least", "at least"), ("at_most", "at most"), ("exactly", "exactly"))


def _choice(key: str, label: str) -> dict[str, str]:
    return {"key": key, "label": label}


@router.get("/menu", response=schemas.RuleMenuOut)
def menu(request: HttpRequest) -> Any:
    """What a rule can be made of: fields with their operators, behaviours, limits."""
    found = queries.menu(actor(request))
    fields = [
        {
            "key": field.column, "label": field.label, "type": field.type, "group": field.group,
            "options": list(field.options), "suggests": field.type in SUGGESTING,
            "operators": [{"key": o.key, "label": o.label, "shape": o.shape} for o in known],
        }
        for field, known in found.fields
    ]  # fmt: skip
    behaviours = [
        {"key": key, "label": label, "narrowed_by": [_choice(one, one.capitalize()) for one in narrowed]}
        for key, label, narrowed in BEHAVIOURS
    ]
    return {
        "fields": fields, "behaviours": behaviours, "comparisons": [_choice(*one) for one in COMPARISONS],
        "units": list(Unit), "limits": {"conditions": found.limits.conditions, "groups": found.limits.groups},
    }  # fmt: skip


@router.get("/suggestions", response=list[schemas.RuleSuggestionOut])
def suggestions(request: HttpRequest, on: str, search: str = "") -> Any:
    """Values that exist: of a field, or of "event", "item", "category", "outlet", "campaign"."""
    return queries.suggestions(actor(request), on=on, search=search)
