"""A sender identity with its provider plug-in and configuration, ready to be opened."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from ceap.channels.models import Sender
from ceap.core.plugins import registry
from ceap.core.ports import Channel, ProviderDown, Session
from ceap.kit.home import Home
from ceap.kit.seal import CannotUnseal, unseal


@dataclass(frozen=True)
class Provider:
    """What a lane works with. `problem` says why it cannot be opened at all (plug-in gone, secrets unreadable)."""

    sender: Sender
    plugin: Channel | None
    config: BaseModel | None
    problem: str
    read_at: float

    @property
    def connections(self) -> int:
        """How many sessions at once."""
        return int(getattr(self.config, "connections", 1))

    @property
    def patience(self) -> float:
        """Seconds after which a hand-over that was not acknowledged is given up as unknown."""
        return max(30.0, 4 * float(getattr(self.config, "timeout", 30)))

    def open(self) -> Session:
        """A session.

        Raises:
            ProviderDown: it cannot be opened now.
        """
        if self.plugin is None or self.config is None:
            raise ProviderDown(self.problem)
        return self.plugin.open(self.config)

    def same_as(self, other: Provider) -> bool:
        return self.config == other.config and self.plugin is other.plugin


def provider_of(sender: Sender) -> Provider:
    """The provider of a sender identity; what is wrong with it shows when it is opened."""
    home = Home.load()
    plugins = registry("channels", home.path)
    plugin: Channel | None = plugins.plugins.get(sender.provider)
    config, problem = None, ""
    if plugin is None:
        problem = f"There is no channel plug-in “{sender.provider}”."
    else:
        try:
            config = plugin.Config.model_validate({**sender.config, **secrets_of(sender, home)})
        except CannotUnseal as error:
            problem = str(error)
        except ValidationError as error:
            problem = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
    return Provider(sender, plugin, config, problem, time.monotonic())


def secrets_of(sender: Sender, home: Home) -> dict[str, Any]:
    """The unsealed secret fields of a sender identity.

    Raises:
        CannotUnseal: sealed with another home's secret.
    """
    return unseal(home.secret, sender.secrets) if sender.secrets else {}
