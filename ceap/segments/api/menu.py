"""What a rule can be made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from ceap.accounts.authentication import actor
from ceap.segments import operators, queries, schemas
from ceap.segments.api.router import router
from ceap.segments.conditions import MARKS, MEASURES, PROPERTY, narrowed_by
from ceap.segments.operators import Operator
from ceap.segments.queries.menu import RFM
from ceap.segments.queries.suggestions import SUGGESTING
from ceap.segments.rules import ANY
from ceap.segments.windows import Unit

BEHAVIOURS = {"purchased": "Purchased", "did": "Did the event"}
MOMENTS = (
    ("last", "purchased", "Last purchase"), ("first", "purchased", "First purchase"),
    ("last", "did", "Last time of the event"), ("first", "did", "First time of the event"),
)  # fmt: skip
COMPARISONS = (("at_least", "at least"), ("at_most", "at most"), ("exactly", "exactly"), ("between", "between"))


def _choice(key: str, label: str) -> dict[str, str]:
    return {"key": key, "label": label}


def _operators(known: Iterable[Operator]) -> list[dict[str, str]]:
    return [{"key": o.key, "label": o.label, "shape": o.shape} for o in known]


def _behaviour(key: str, label: str) -> dict[str, Any]:
    narrowed = narrowed_by(key)
    return {
        "key": key, "label": label, "measures": [_choice(one, words) for one, words in MEASURES[key].items()],
        "filters": [
            {"key": on, "label": "Property" if on == PROPERTY else on.capitalize(), "operators": _operators(o.values())}
            for on, o in narrowed.items()
        ],
        "narrowed_by": [_choice(on, on.capitalize()) for on in narrowed if on not in (PROPERTY, "amount", "quantity")],
    }  # fmt: skip


@router.get("/menu", response=schemas.RuleMenuOut)
def menu(request: HttpRequest) -> Any:
    """What a rule can be made of: fields with their operators, behaviours, other segments, campaigns, limits."""
    found = queries.menu(actor(request))
    fields = [
        {
            "key": field.column, "label": field.label, "type": field.type, "group": field.group,
            "options": list(field.options), "suggests": field.type in SUGGESTING, "operators": _operators(known),
        }
        for field, known in found.fields
    ]  # fmt: skip
    return {
        "fields": fields, "behaviours": [_behaviour(*one) for one in BEHAVIOURS.items()],
        "moments": {
            "choices": [{"which": which, "behaviour": of, "label": label} for which, of, label in MOMENTS],
            "operators": _operators(operators.DATETIME),
        },
        "segments": {
            "choices": [_choice(*one) for one in found.segments.items()],
            "operators": [_choice("in", "is in"), _choice("not_in", "is not in")],
        },
        "campaigns": {
            "choices": [_choice(ANY, "any campaign"), *(_choice(*one) for one in found.campaigns.items())],
            "operators": [_choice(mark.key, mark.label) for mark in MARKS.values()],
        },
        "rfm": [{"label": label, "condition": condition} for label, condition in RFM.items()],
        "comparisons": [_choice(*one) for one in COMPARISONS], "units": list(Unit),
        "limits": {"conditions": found.limits.conditions, "groups": found.limits.groups},
    }  # fmt: skip


@router.get("/suggestions", response=list[schemas.RuleSuggestionOut])
def suggestions(request: HttpRequest, on: str, search: str = "") -> Any:
    """Values that exist: of a field, or of "event", "item", "category", "outlet", "campaign"."""
    return queries.suggestions(actor(request), on=on, search=search)
