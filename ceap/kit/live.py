"""Topics that pages can watch: what a package offers to the live socket.

A package's `live.py` (found by itself, like `tasks.py`) registers one function for each kind of topic:

    @provider("campaign")
    def campaign(actor: Actor, id: str) -> dict: ...

It is called at most once a second for a topic, however many people watch, and its answer goes to all of them when it
has changed. So the answer must be the same for everybody who may see it; whether one may see it is decided for each
person by the exception it raises (`NotFound`, `Forbidden`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Provider = Callable[[Any, str], dict[str, Any]]
PROVIDERS: dict[str, Provider] = {}


def provider(prefix: str) -> Callable[[Provider], Provider]:
    """Offer topics "<prefix>:<id>" ("<prefix>" alone: id "") with the decorated `fn(actor, id) -> JSON-ready dict`."""

    def register(function: Provider) -> Provider:
        PROVIDERS[prefix] = function
        return function

    return register
