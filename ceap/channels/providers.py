"""A sender identity with its provider plug-in and configuration, ready to be opened."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from ceap.channels.mailbox import Mailbox
from ceap.channels.models import Sender
from ceap.core.plugins import destination, registry
from ceap.core.ports import Channel, Finder, Found, ProviderDown, Session
from ceap.kit.home import SINK_USER, Home
from ceap.kit.seal import CannotUnseal, seal, unseal


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

    def open(self, *, patience: float | None = None) -> Session:
        """A session; `patience`: seconds to wait for an answer at most, where the provider has a `timeout`.

        Raises:
            ProviderDown: it cannot be opened now.
        """
        config = self.config
        if self.plugin is None or config is None:
            raise ProviderDown(self.problem)
        if patience is not None and patience < float(getattr(config, "timeout", 0)):
            config = config.model_copy(update={"timeout": patience})
        return self.plugin.open(config)

    def find(self, keys: Sequence[str], since: datetime) -> Mapping[str, Found]:
        """What became of messages with these keys, as far as the home's own sink or the provider can say.

        Raises:
            ProviderDown: it cannot be asked now.
        """
        home = Home.load()
        if _leads_to_sink(self.config, home):
            return Mailbox(home).find(keys, since)
        if self.config is not None and isinstance(self.plugin, Finder):
            return self.plugin.find(self.config, keys, since)
        return {}

    def same_as(self, other: Provider) -> bool:
        return self.config == other.config and self.plugin is other.plugin


def _leads_to_sink(config: BaseModel | None, home: Home) -> bool:
    way = (getattr(config, "host", ""), getattr(config, "port", 0), getattr(config, "username", ""))
    return home.sink and way == ("127.0.0.1", home.sink_port, SINK_USER)


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
            config = plugin.Config.model_validate({**sender.config, **secrets_of(sender, home, plugin)})
        except CannotUnseal as error:
            problem = str(error)
        except ValidationError as error:
            problem = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
    return Provider(sender, plugin, config, problem, time.monotonic())


def secrets_of(sender: Sender, home: Home, plugin: Channel | None = None) -> dict[str, Any]:
    """The unsealed secret fields of a sender identity, for the destination that it names now.

    Raises:
        CannotUnseal: sealed with another home's secret. OtherDestination: sealed for another destination.
    """
    plugin = plugin or registry("channels", home.path).plugins.get(sender.provider)
    to = destination(plugin.Config, sender.config) if plugin else None
    return unseal(home.secret, sender.secrets, to=to) if sender.secrets else {}


def sealed_for(sender: Sender, home: Home, plugin: Channel, secrets: dict[str, Any]) -> bytes | None:
    """Secret fields sealed for the destination that `sender` names; None when there are none."""
    return seal(home.secret, secrets, to=destination(plugin.Config, sender.config)) if secrets else None
