"""A segment's rule as people read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ceap.accounts.contracts import Actor
from ceap.customers import queries as customers
from ceap.kit.problem import Invalid
from ceap.segments import sentences, sources
from ceap.segments.contracts import Kind
from ceap.segments.models import Segment
from ceap.segments.queries.checking import checked as check

LISTED = "Customers of an uploaded list"
DISCOVERED = "Customers whom the model puts together by what they buy"
RULE_HIDDEN = "This rule uses a field that your role may not see; who is in the segment is the same for everybody."


def hiding(actor: Actor) -> Callable[[dict[str, Any]], bool]:
    """Tells of rules whether they use a field that `actor` may not see: neither rule nor words are shown then."""
    named = {key for each in customers.hidden_from(actor) for key in (each, f"c_{each}")}

    def hides(rule: dict[str, Any]) -> bool:
        conditions = (one for group in rule.get("groups", []) for one in group.get("conditions", []))
        return any(one.get("field") in named for one in conditions)

    return hides


def hides(actor: Actor, rule: dict[str, Any]) -> bool:
    """Whether a rule uses a field that `actor` may not see."""
    return hiding(actor)(rule)


def words(segment: Segment, actor: Actor) -> tuple[str, str]:
    """The rule in words, and "" – or "" and why it cannot be said, or not to `actor`."""
    if segment.kind != Kind.RULE:
        return (LISTED if segment.kind == Kind.STATIC else DISCOVERED), ""
    if hides(actor, segment.rule):
        return RULE_HIDDEN, ""
    try:
        checked = check(segment.rule, seen_by=actor)
    except Invalid as wrong:
        return "", "; ".join(error.message for error in wrong.errors)
    return sentences.sentence(checked, sources.context().users), ""
