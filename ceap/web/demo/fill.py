"""Filling a demo home, through the product's own actions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ceap.kit.home import Home
from ceap.kit.problem import Conflict, invalid
from ceap.web.demo import grocery, retail
from ceap.web.demo.home import UNFINISHED

Say = Callable[[str], None]


@dataclass(frozen=True)
class Scenario:
    """One demo. `words`: what is made up in it. `sizes`: the fewest and most customers; None = not to be chosen."""

    words: str
    fill: Callable[[int, Say], None]
    sizes: tuple[int, int] | None = None
    size: int = 0


SCENARIOS = {
    "retail": Scenario("made-up people, real purchases", retail.fill),
    "grocery": Scenario("synthetic: made-up people and purchases", grocery.fill, grocery.SIZES, grocery.SIZE),
}


def size_of(scenario: str, size: int | None) -> int:
    """How many customers to make.

    Raises:
        Invalid: this scenario has no sizes, or not this one.
    """
    scene = SCENARIOS[scenario]
    if size is None:
        return scene.size
    if scene.sizes is None:
        raise invalid("size", f"The {scenario} demo has one size: leave --size out.")
    least, most = scene.sizes
    if not least <= size <= most:
        raise invalid("size", f"Give a whole number of customers from {least:,} to {most:,}.")
    return size


def fill(scenario: str, say: Say, size: int | None = None) -> dict[str, int]:
    """Fill an empty home; `say` is told each step. A fill that is cut short is begun anew by `prepare`.

    Returns:
        How many of what there are.

    Raises:
        Conflict: the home holds customers already. Invalid: the size.
    """
    from ceap.accounts.actions import change_organisation
    from ceap.accounts.contracts import SYSTEM
    from ceap.accounts.queries import has_users
    from ceap.customers.queries import visible_to
    from ceap.events.queries import close_warehouse, warehouse

    customers = size_of(scenario, size)
    if visible_to(SYSTEM).exists() or has_users():
        raise Conflict("This home is not empty: `--reset` starts over.")
    unfinished = Home.load().path / UNFINISHED
    unfinished.touch()
    SCENARIOS[scenario].fill(customers, say)
    change_organisation(SYSTEM, scenario=scenario)
    house = warehouse()
    house.sync()
    counts = {name: house.count(name) for name in ("customers", "items", "purchases", "events")}
    close_warehouse()
    unfinished.unlink()
    return counts
