"""What others may see of content: a compiled version, and what rendering it gives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

PURPOSES = ("marketing", "transactional")
UNSUBSCRIBE = "track.unsubscribe"


@dataclass(frozen=True)
class Compiled:
    """One immutable version, ready to be rendered: `subject`, `preheader`, `html` and `text` are Liquid.

    `variables` are the paths it reads from the customer's context (`customer.full_name`), without `track.*`.
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


class Reason(StrEnum):
    """Why one recipient's message could not be rendered; the value goes into `Delivery.reason`."""

    TIMEOUT = "template_timeout"
    MEMORY = "template_memory"
    TOO_LARGE = "template_too_large"
    ERROR = "template_error"
    CRASH = "template_crash"


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
