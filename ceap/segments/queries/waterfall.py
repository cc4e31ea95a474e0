"""How many of those meant would receive a message now, step by step, as the one gate says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from pyroaring import BitMap

from ceap.accounts.contracts import Actor
from ceap.consent import queries as consent
from ceap.consent.contracts import MARKETING, Step
from ceap.kit.clock import now
from ceap.kit.gone import never
from ceap.kit.problem import Conflict
from ceap.segments import sources
from ceap.segments.contracts import NOT_READY
from ceap.segments.queries.checking import checked as check
from ceap.segments.queries.holding import counted
from ceap.segments.queries.preview import asker
from ceap.segments.queries.questions import questions
from ceap.segments.queries.segments import KEY, current, get, members

CHANNEL = "email"


@dataclass(frozen=True)
class Waterfall:
    """matched → reachable → consented → not suppressed → under the cap, for `channel` and `purpose` at `at`.

    `of`: whose customers are counted, as `Preview.of`; a saved segment is counted whole.
    """

    channel: str
    purpose: str
    steps: list[Step]
    at: datetime
    of: str = "all"


def waterfall_of_rule(actor: Actor, rule: Any, gone: Callable[[], bool] = never) -> Waterfall:
    """What the gate says of those whom a rule selects of the customers that `actor` may see, without saving it.

    Args:
        gone: whether whoever asked has hung up.

    Raises:
        Forbidden: without the permission to see segments.
        Invalid: the rule is wrong; every error with its path.
        Gone, Replaced, TooManyQuestions: as a preview.
    """
    actor.require(KEY)
    checked = check(rule, actor)
    with questions.asking(asker(actor), gone) as asking:
        found = counted(asking, sources.warehouse(), actor, checked, sources.context())
    return replace(waterfall_of(found.matched), of=actor.customers_seen)


def waterfall_of_segment(actor: Actor, segment_id: UUID | str) -> Waterfall:
    """What the gate says of the membership that serves.

    Raises:
        NotFound: there is no such segment, or `actor` may not see it.
        Conflict: its first membership is still being built.
    """
    version = current(get(actor, segment_id))
    if version is None:
        raise Conflict(NOT_READY)
    return waterfall_of(members(version))


def waterfall_of(ids: BitMap) -> Waterfall:
    """What the gate says of these customers."""
    at = now()
    return Waterfall(CHANNEL, MARKETING, consent.gate(ids, channel=CHANNEL, purpose=MARKETING, at=at).steps, at)
