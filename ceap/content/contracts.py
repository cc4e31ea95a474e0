"""What others may see of content: a compiled version, and what rendering it gives."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from ceap.content.renderer.limits import ZONE as ZONE  # noqa: PLC0414  in a context: the recipient's time zone

MARKETING = "marketing"
PURPOSES = (MARKETING, "transactional")
UNSUBSCRIBE = "track.unsubscribe"
PLACEHOLDER = re.compile(r"(?!(?:customer|organisation|track)$)(?:[A-Za-z_][\w-]{0,49}|[1-9]\d?)")


@dataclass(frozen=True)
class Compiled:
    """One immutable version, ready to be rendered: `subject`, `preheader`, `html` and `text` are Liquid.

    `variables` are the paths it reads from the customer's context (`customer.full_name`), without `track.*`; and
    the names of its placeholders (`name`, `1`).
    `links[n]` is the target of `{{ track.click }}/<n>`; "" where the target is personal and travels signed in `?u=`.
    The preheader is already part of `html`.
    """

    id: UUID
    subject: str
    preheader: str
    html: str
    text: str
    variables: tuple[str, ...]
    links: tuple[str, ...]


def placeholders(variables: Collection[str]) -> list[str]:
    """Those of a version's variables that are no field: the campaign says what fills them. Numbers come first."""
    found = [path for path in variables if PLACEHOLDER.fullmatch(path)]
    return sorted(found, key=lambda name: (not name.isdigit(), int(name) if name.isdigit() else 0, name))


@dataclass(frozen=True)
class Fill:
    """What stands in place of a placeholder: the value of `path` ("customer.full_name"; "" = of no field).

    Where the value is empty `fallback` stands there; without a path it always does.
    """

    path: str = ""
    fallback: str = ""


def filled(mapping: Mapping[str, Fill], customer: Mapping[str, Any]) -> dict[str, Any]:
    """The values of placeholders for one customer, whose field values are `customer`."""
    values = {name: customer.get(fill.path.removeprefix("customer.")) for name, fill in mapping.items()}
    return {name: mapping[name].fallback if value in (None, "", []) else value for name, value in values.items()}


def letterhead(name: str, postal_address: str) -> dict[str, str]:
    """What templates read as `organisation`: its name, and its postal address on one line."""
    return {
        "name": name,
        "address": ", ".join(line.strip(" ,") for line in postal_address.splitlines() if line.strip()),
    }


class Reason(StrEnum):
    """Why one recipient's message could not be rendered; the value goes into `Delivery.reason`."""

    TIMEOUT = "template_timeout"
    MEMORY = "template_memory"
    TOO_LARGE = "template_too_large"
    ERROR = "template_error"
    CRASH = "template_crash"
    EMPTY = "template_empty"
    NO_UNSUBSCRIBE = "template_no_unsubscribe"


@dataclass(frozen=True)
class Rendered:
    """One recipient's message. `subject` is a single line."""

    subject: str
    html: str
    text: str


@dataclass(frozen=True)
class RenderFailure:
    """Why this one recipient's message could not be made; the others of the batch are not touched by it."""

    reason: Reason
    detail: str
