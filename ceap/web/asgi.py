"""The control plane as an ASGI application: Django for HTTP, the live socket beside it."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ceap.web.settings")

from django.core.asgi import get_asgi_application

_http = get_asgi_application()

from ceap.kit.gone import watched  # noqa: E402
from ceap.web import live  # noqa: E402 - needs Django to have started


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Serve one request or one socket."""
    if scope["type"] == "websocket":
        if scope["path"] == "/ws/live":
            await live.application(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 4404})
    else:
        await _http(scope, watched(scope, receive), send)
