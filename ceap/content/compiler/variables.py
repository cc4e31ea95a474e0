"""Which variables a template reads, and whether there are such variables."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from functools import lru_cache

from liquid.builtin.output import OutputNode
from liquid.exceptions import LiquidError

from ceap.content.contracts import PLACEHOLDER
from ceap.content.renderer.environment import Personalisation, environment
from ceap.content.renderer.moments import unknown_zone

GIVEN = (
    "track.click",
    "track.open",
    "track.unsubscribe",
    "organisation.name",
    "organisation.address",
)  # to every message
PROPERTIES = ("size", "first", "last")


class LiquidFault(Exception):
    """The Liquid cannot be read; the message says why."""


@lru_cache
def _environment() -> Personalisation:
    return environment(escape=True)


def paths(source: str) -> set[str]:
    """The variables `source` reads that are not its own: "customer.full_name", "customer" or "track.open".

    Raises:
        LiquidFault: the Liquid is broken, or chooses a variable by another's value.
    """
    try:
        analysis = _environment().from_string(source).analyze()
    except LiquidError as error:
        raise LiquidFault(str(error).split("\n")[0].rstrip(".") + ".") from error
    except RecursionError as error:
        raise LiquidFault("the Liquid is nested too deeply.") from error
    if strange := sorted(analysis.filters.keys() - _environment().filters.keys()):
        near = get_close_matches(strange[0], _environment().filters, 1)
        raise LiquidFault(f"there is no filter {strange[0]}." + (f" Did you mean {near[0]}?" if near else ""))
    if zone := unknown_zone(source):
        raise LiquidFault(f"there is no time zone “{zone[:60]}”; write one like Asia/Jakarta.")
    read: set[str] = set()
    for variables in analysis.globals.values():
        for variable in variables:
            if not all(isinstance(segment, str) for segment in variable.segments):
                raise LiquidFault(f"“{variable}” chooses a field by a value; write customer.<field>.")
            segments = [str(segment) for segment in variable.segments]
            if len(segments) > 2 and segments[2] in PROPERTIES:
                segments = segments[:2]
            read.add(".".join(segments))
    return read


def always_written(path: str, source: str) -> bool:
    """Whether `{{ path }}` stands in `source` outside every condition and loop."""
    nodes = _environment().from_string(source).nodes
    return any(isinstance(node, OutputNode) and path in str(node) for node in nodes)


def unknown(read: Collection[str], known: Collection[str]) -> list[str]:
    """A sentence for every variable that neither exists nor is a placeholder, with the nearest one that exists."""
    missing = sorted(path for path in set(read) - {*known, *GIVEN} if not PLACEHOLDER.fullmatch(path))
    return [f"There is no variable {path}.{nearest(path, known)}" for path in missing]


def nearest(path: str, known: Collection[str]) -> str:
    """ " Did you mean …?" with the existing variable that reads most like `path`; "" when none does."""
    allowed = [*known, *GIVEN]
    near = get_close_matches(path, allowed, 1, 0.5) or get_close_matches(f"customer.{path}", allowed, 1, 0.5)
    return f" Did you mean {near[0]}?" if near else ""
