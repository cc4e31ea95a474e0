"""The data plane's routes."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ceap.kit.home import Home


async def healthz(request: Request) -> JSONResponse:
    """The process is alive."""
    return JSONResponse({"status": "ok"})


def application(home: Home) -> Starlette:
    """The data plane of `home`."""
    app = Starlette(routes=[Route("/healthz", healthz)])
    app.state.home = home
    return app
