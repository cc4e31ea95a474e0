"""What a channel's provider must be able to do, and what it is given: the port between the sender and plug-ins.

A plug-in is an object named `plugin` in one file: `key`, `label`, `channel`, `Config` (a Pydantic model; its
`SecretStr` fields are kept sealed and never shown), `api_version` and `open`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel

API_VERSION = 1


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one recipient, complete. `key` stays the same however often it is tried: the idempotency key."""

    key: str
    from_name: str
    from_address: str
    to: str
    subject: str
    html: str
    text: str
    at: datetime
    reply_to: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class Outcome(StrEnum):
    """sent: the provider took it; failed: never will; retry: certainly not taken, later perhaps; unknown: may have
    been taken; withdrawn: `confirm` said no, it was not handed over."""

    SENT = "sent"
    FAILED = "failed"
    RETRY = "retry"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one message.

    `reason` is a code of `ceap.channels.contracts.REASONS`, `detail` the provider's own words. `slow_down`: the
    provider asks all of this sender to wait so many seconds; such a retry costs the message no attempt. `lost`: the
    session can no longer be used.
    """

    outcome: Outcome
    reason: str = ""
    detail: str = ""
    slow_down: float | None = None
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a provider knows of one message long after it was handed over, or not.

    `outcome`: sent (it took it, at `at`), failed (it refused it for good), or retry: it certainly never took it.
    """

    outcome: Outcome
    at: datetime | None = None
    reason: str = ""
    detail: str = ""


class ProviderDown(Exception):
    """Nothing can be handed over at present, whoever the recipient is; certainly nothing was."""


class Session(Protocol):
    """An open way to the provider, used by one thread."""

    def send(self, message: Message, confirm: Callable[[], bool]) -> Answer:
        """Hand one message over.

        `confirm()` must be called immediately before the first moment at which the provider could take the message;
        when it is false the message must not be handed over (outcome withdrawn).

        Raises:
            ProviderDown: certainly not handed over, and the reason is not this message.
        """
        ...

    def close(self) -> None: ...


@runtime_checkable
class Channel(Protocol):
    """A provider of one channel."""

    key: str
    label: str
    channel: str
    api_version: int
    Config: type[BaseModel]

    def open(self, config: Any) -> Session:
        """A session with a valid `Config`.

        Raises:
            ProviderDown: with the kind of failure; words of a server that is not known to be the provider stay in the
                log. Connections to an address of the configuration are made by `ceap.core.outbound`.
        """
        ...


@runtime_checkable
class Finder(Protocol):
    """What a channel's plug-in may have besides: asked when a store was put back from a backup."""

    def find(self, config: Any, keys: Sequence[str], since: datetime) -> Mapping[str, Found]:
        """What became of the messages with these keys (`Message.key`, at most 500), none of which was handed over
        before `since`.

        A key of which the provider cannot say is left out, e.g. because its log does not reach back to `since`; only
        what it certainly never took is "retry".

        Raises:
            ProviderDown: it cannot be asked now.
        """
        ...
