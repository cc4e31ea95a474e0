"""What wraps every request: a correlation id, a log line, refusals as problem+json, limits on the body."""

from __future__ import annotations

import asyncio
import itertools
import logging
import re
import time
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ceap.edge.problems import TooLarge, TooSlow, Unavailable
from ceap.kit.home import STRICT_TRANSPORT
from ceap.kit.ids import token
from ceap.kit.logs import request_id
from ceap.kit.problem import Problem, Unauthenticated

log = logging.getLogger("ceap.edge")
encode = msgspec.json.Encoder(decimal_format="string").encode

MAX_BODY = 8 * 1024 * 1024
BODY_SECONDS = 20.0
SLOW = 1.0  # seconds; slower requests are logged
ALLOWED = [  # pages of any site may call /v1: keys travel in a header, never in a cookie
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"retry-after, x-request-id"),
]
_START, _number = f"{token(96)}.", itertools.count(1)  # of the ids that this process gives to requests
_ID = re.compile(r"[\w.:-]{1,64}")


def correlation(given: str) -> str:
    """The id of a request: the one that was sent with it, if it can stand in a header and a log, or a new one."""
    return given if given and _ID.fullmatch(given) else f"{_START}{next(_number)}"


def always(https: bool) -> tuple[tuple[bytes, bytes], ...]:
    """The headers of every answer."""
    return ((b"strict-transport-security", STRICT_TRANSPORT.encode()),) if https else ()


def answer(value: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(encode(value), status, media_type="application/json")


def problem_answer(problem: Problem) -> Response:
    """The problem+json answer for a refusal."""
    headers = {}
    if isinstance(problem, Unavailable):
        headers["retry-after"] = str(problem.retry_after)
    if isinstance(problem, Unauthenticated):
        headers["www-authenticate"] = 'Bearer realm="ceap"'
    return Response(encode(problem.body()), problem.status, headers, "application/problem+json")


async def read_body(request: Request) -> bytes:
    """The request's body.

    Raises:
        TooLarge: it has more than `MAX_BODY` bytes.
        TooSlow: it takes longer than `BODY_SECONDS`.
    """
    declared = request.headers.get("content-length", "0")
    too_large = TooLarge(f"A body has at most {MAX_BODY // 1024 // 1024} MiB; send fewer events at a time.")
    if declared.isdigit() and int(declared) > MAX_BODY:
        raise too_large
    parts, size = [], 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                size += len(part)
                if size > MAX_BODY:
                    raise too_large
                parts.append(part)
    except TimeoutError:
        raise TooSlow(f"The body must arrive within {BODY_SECONDS:.0f} seconds.") from None
    return b"".join(parts)


class Requests:
    """ASGI middleware: see the module."""

    def __init__(self, app: ASGIApp, *, https: bool = False):
        self.app = app
        self.always = always(https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"x-request-id"), "")
        id = correlation(given)
        mark = request_id.set(id)
        started, status = time.monotonic(), 0

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] += [(b"x-request-id", id.encode()), *self.always]
            await send(message)

        try:
            await self.app(scope, receive, sent)
        except ClientDisconnect:
            pass
        except Exception as error:
            if status:
                raise
            await refusal(error)(scope, receive, sent)
        finally:
            took = time.monotonic() - started
            if status >= 400 or took > SLOW:
                route = scope.get("route")
                data = {
                    "method": scope["method"], "route": getattr(route, "path", ""), "status": status,
                    "milliseconds": round(took * 1000, 1),
                }  # fmt: skip
                log.log(logging.WARNING if status >= 500 else logging.INFO, "request", extra={"data": data})
            request_id.reset(mark)


def refusal(error: Exception) -> Response:
    """The answer for whatever went wrong; what nobody foresaw is logged and answered with 500."""
    if isinstance(error, Problem):
        return problem_answer(error)
    if isinstance(error, HTTPException):
        problem = Problem(error.detail)
        problem.status, problem.title = error.status_code, error.detail
        response = problem_answer(problem)
        response.headers.update(error.headers or {})
        return response
    log.error("the request failed", exc_info=error)
    problem = Problem("Something went wrong on our side; nothing was stored. Try again, or contact support.")
    problem.status, problem.title = 500, "Internal error"
    return problem_answer(problem)
