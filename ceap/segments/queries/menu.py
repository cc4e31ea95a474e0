"""What a rule can be made of: fields, operators, limits."""

from __future__ import annotations

from dataclasses import dataclass

from ceap.accounts.contracts import Actor
from ceap.customers.contracts import Field
from ceap.segments import sources
from ceap.segments.contracts import Limits
from ceap.segments.operators import Operator, operators
from ceap.segments.queries.segments import KEY


@dataclass(frozen=True)
class Menu:
    """Everything that the rule builder offers."""

    fields: list[tuple[Field, list[Operator]]]
    limits: Limits


def menu(actor: Actor) -> Menu:
    """What a rule can be made of."""
    actor.require(KEY)
    found = [(field, list(operators(column, field.type).values())) for column, field in sources.fields().items()]
    return Menu(found, sources.limits())
