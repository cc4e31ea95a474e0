"""What templates are given of each customer: the same for sending, and for trying before."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from ceap.accounts.queries import organisation, settings_of
from ceap.content.contracts import ZONE, Compiled, Fill, Rendered, RenderFailure, filled, letterhead
from ceap.content.rendering import Renderer
from ceap.customers import queries as customers

_shared: Renderer | None = None
_lock = threading.Lock()


def contexts(
    version: Compiled, fills: Mapping[str, Fill], ids: Sequence[int], tracks: Sequence[Mapping[str, str]]
) -> list[dict[str, Any]]:
    """A context for each of these customers, in order, with the addresses that its links go by (`tracks`)."""
    known = customers.contexts(ids, [*version.variables, *(fill.path for fill in fills.values())])
    zones, home = customers.time_zones(ids), organisation()
    ours = letterhead(home.name, str(settings_of(home)["postal_address"]))
    found = []
    for one, track in zip(ids, tracks, strict=True):
        values = known.get(one, {}).get("customer", {})
        said = {"customer": values, "organisation": ours, "track": dict(track)}
        found.append(filled(fills, values) | said | {ZONE: zones.get(one) or home.time_zone})
    return found


def tried(version: Compiled, contexts: Sequence[dict[str, Any]]) -> list[Rendered | RenderFailure]:
    """What sending would make of these contexts; nothing is signed and nothing leaves."""
    return _renderer().render(version, contexts)


def _renderer() -> Renderer:
    global _shared
    with _lock:
        if _shared is None:
            _shared = Renderer(secret="")
            atexit.register(_shared.close)
        return _shared
