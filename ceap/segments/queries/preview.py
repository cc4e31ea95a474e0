"""What a rule selects now: exact counts and a sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import ibis.expr.types as ir

from ceap.accounts.contracts import Actor, Level
from ceap.customers import queries as customers
from ceap.kit.gone import never
from ceap.kit.problem import NotFound
from ceap.segments import sentences, sources
from ceap.segments.queries.checking import checked as check
from ceap.segments.queries.holding import counted
from ceap.segments.queries.questions import questions
from ceap.segments.queries.segments import KEY

SAMPLE = 5


@dataclass(frozen=True)
class Preview:
    """What a rule selects: exact numbers, of the customers that the actor may see.

    `of`: whose customers are counted: "all", "owned" (by the actor) or "none".
    `conditions` has the count of each condition by itself, per group; `sample` some customers that the actor may see.
    """

    total: int
    matched: int
    conditions: list[list[int]]
    sentence: str
    sample: list[Any]
    as_of: datetime
    of: str


def preview(actor: Actor, rule: Any, gone: Callable[[], bool] = never) -> Preview:
    """Count a rule without saving it.

    Args:
        gone: whether whoever asked has hung up; asked from this thread while the answer is worked out.

    Raises:
        Forbidden: without the permission to see segments.
        Invalid: the rule is wrong; every error with its path.
        Gone, Replaced: nobody waits for the answer, or the user has asked newer questions.
        TooManyQuestions: very many rules are being counted.
    """
    actor.require(KEY)
    checked = check(rule, actor)
    context = sources.context()
    with questions.asking(asker(actor), gone) as asking:
        found = counted(asking, sources.warehouse(), actor, checked, context)
    flat = iter(found.conditions)
    counts = [[next(flat) for _ in group.conditions] for group in checked.groups]
    sample = customers.visible_to(actor).filter(pk__in=list(islice(found.matched, SAMPLE))).order_by("pk")
    return Preview(
        found.total, len(found.matched), counts, sentences.sentence(checked, context.users), list(sample), found.as_of,
        actor.customers_seen,
    )  # fmt: skip


def asker(actor: Actor) -> tuple[str, str]:
    """Who asks, for the queue of questions: newer ones of the same user take the place of older ones."""
    return actor.kind, actor.id


def seen_by(actor: Actor, table: ir.Table) -> ir.BooleanValue | None:
    """Which customers of the warehouse `actor` may see; None for all.

    Raises:
        NotFound: none at all.
    """
    level = actor.level("customers_view")
    if level is Level.ALL:
        return None
    if level is Level.OWNED and actor.user_id:
        return table.owner == actor.user_id
    raise NotFound("You may not see any customers.")
