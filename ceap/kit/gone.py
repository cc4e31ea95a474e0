"""Whether whoever asked has hung up: a page that asks something else, a closed tab, a lost connection."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from typing import Any

from ceap.kit.problem import Problem

_KEY = "ceap.gone"
Receive = Callable[[], Awaitable[dict[str, Any]]]


class Gone(Problem):
    """The caller does not wait for the answer any more."""

    status = 499
    title = "Nobody waits for this"


def never() -> bool:
    return False


def watched(scope: dict[str, Any], receive: Receive) -> Receive:
    """`receive` of an ASGI application, noting in `scope` when the connection is closed."""
    gone = scope[_KEY] = threading.Event()

    async def noting() -> dict[str, Any]:
        message = await receive()
        if message["type"] == "http.disconnect":
            gone.set()
        return message

    return noting


def gone(request: Any) -> Callable[[], bool]:
    """Whether the caller of a Django request has hung up, to be asked from any thread."""
    found = getattr(request, "scope", {}).get(_KEY)
    return found.is_set if found else never
