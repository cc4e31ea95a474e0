"""A segment's rule as people read it."""

from __future__ import annotations

from ceap.accounts.contracts import Actor
from ceap.kit.problem import Invalid
from ceap.segments import sentences, sources
from ceap.segments.models import Segment
from ceap.segments.queries.checking import checked as check


def words(segment: Segment, actor: Actor) -> tuple[str, str]:
    """The rule in words for `actor`, and "" – or "" and why it cannot be said any more."""
    try:
        checked = check(segment.rule, seen_by=actor)
    except Invalid as wrong:
        return "", "; ".join(error.message for error in wrong.errors)
    return sentences.sentence(checked, sources.context().users), ""
