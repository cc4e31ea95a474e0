"""The live socket: `/ws/live?topic=<prefix>:<id>` sends the topic's state when it opens and whenever it changes.

Closes with 4401 (not signed in), 4403 (not allowed), 4404 (no such topic).
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import close_old_connections
from django.http import HttpRequest, parse_cookie
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from ceap.accounts.authentication import session_key
from ceap.accounts.contracts import Actor
from ceap.accounts.models import User
from ceap.accounts.queries import actor_of
from ceap.kit.live import PROVIDERS
from ceap.kit.problem import Forbidden, NotFound, Problem, Unauthenticated

log = logging.getLogger("ceap.live")
autodiscover_modules("live")

PERIOD = 0.8  # seconds between two looks at a topic
RENEW = 30.0  # seconds after which a watcher's permission is looked at again, whatever else
STILL = 0.6  # seconds between two looks at whether watchers' sessions, users and roles are as they were
Standing = tuple[Any, ...]
_CODES: dict[type[Problem], int] = {Unauthenticated: 4401, Forbidden: 4403, NotFound: 4404}
_threads = ThreadPoolExecutor(2, "live")


@dataclass(eq=False)
class Watcher:
    """One socket: its session, what its admission rests on, whom it admits, and what it is told: a state, or None when
    another standing asks for another look.
    """

    session: str
    standing: Standing | None
    actor: Actor
    told: asyncio.Queue[str | None] = field(default_factory=asyncio.Queue)


@dataclass(eq=False)
class Topic:
    """One watched topic: its last state, and who waits for the next."""

    name: str
    state: str = ""
    watchers: list[Watcher] = field(default_factory=list)
    task: asyncio.Task[None] | None = None


_topics: dict[str, Topic] = {}


async def application(scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[..., Any]) -> None:
    """The ASGI application of one socket."""
    await receive()  # websocket.connect
    await send({"type": "websocket.accept"})
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    name = parse_qs(scope["query_string"].decode("latin-1")).get("topic", [""])[0]
    cookie = parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME) or ""
    session = session_key(cookie) or ""
    try:
        if not _same_site(headers):
            raise Forbidden("The socket is open to the product's own pages only.")
        standing = (await _in_thread(_standings, {session})).get(session)
        watcher = Watcher(session, standing, await _in_thread(_admit, session, name))
        await _serve(name, watcher, receive, send)
    except Problem as problem:
        code = next((code for kind, code in _CODES.items() if isinstance(problem, kind)), 4404)
        await send({"type": "websocket.close", "code": code, "reason": problem.detail[:120]})
    except OSError:  # the browser went away while something was sent
        pass


async def _serve(name: str, watcher: Watcher, receive: Any, send: Any) -> None:
    topic = _topics.get(name) or _topics.setdefault(name, Topic(name))
    topic.watchers.append(watcher)
    _guard.look_after(watcher)
    gone = asyncio.ensure_future(_until_gone(receive))
    try:
        if topic.state:
            await send({"type": "websocket.send", "text": topic.state})
        if topic.task is None:
            topic.task = asyncio.create_task(_watch(topic))
        renew_at = asyncio.get_running_loop().time() + RENEW
        while not gone.done():
            waiting = asyncio.ensure_future(watcher.told.get())
            left = max(0.0, renew_at - asyncio.get_running_loop().time())
            await asyncio.wait({waiting, gone}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            state = waiting.result() if waiting.done() else None
            if not waiting.done():
                waiting.cancel()
            if gone.done():
                break
            if state is None:  # another standing, or the time is up
                watcher.actor = await _in_thread(_admit, watcher.session, name)
                renew_at = asyncio.get_running_loop().time() + RENEW
            else:
                await send({"type": "websocket.send", "text": state})
    finally:
        gone.cancel()
        _guard.leave(watcher)
        topic.watchers.remove(watcher)
        if not topic.watchers:
            _topics.pop(name, None)
            if topic.task is not None:
                topic.task.cancel()


class Guard:
    """Looks at what the admission of all watchers of this process rests on, in two reads for all of them together."""

    def __init__(self) -> None:
        self.watchers: set[Watcher] = set()
        self.task: asyncio.Task[None] | None = None

    def look_after(self, watcher: Watcher) -> None:
        self.watchers.add(watcher)
        if self.task is None:
            self.task = asyncio.create_task(self._look())

    def leave(self, watcher: Watcher) -> None:
        self.watchers.discard(watcher)
        if not self.watchers and self.task is not None:
            self.task.cancel()
            self.task = None

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(STILL)
            asked = list(self.watchers)
            try:
                found = await _in_thread(_standings, {watcher.session for watcher in asked})
            except Exception:
                log.exception("the standing of %d watchers", len(asked))
                continue
            for watcher in asked:
                if found.get(watcher.session) != watcher.standing:
                    watcher.standing = found.get(watcher.session)
                    watcher.told.put_nowait(None)


_guard = Guard()


async def _watch(topic: Topic) -> None:
    """Look at a topic for all its watchers until nobody is left."""
    while topic.watchers:
        actor = topic.watchers[0].actor
        try:
            state = json.dumps(await _in_thread(_look, actor, topic.name), default=str)
        except Problem:  # this watcher may not see it any more; the next renewal says so
            state = topic.state
        except Exception:
            log.exception("topic %s", topic.name.partition(":")[0])
            state = topic.state
        if state != topic.state:
            topic.state = state
            for watcher in topic.watchers:
                watcher.told.put_nowait(state)
        await asyncio.sleep(PERIOD)


async def _until_gone(receive: Callable[[], Awaitable[Any]]) -> None:
    while (await receive())["type"] != "websocket.disconnect":
        pass


async def _in_thread(function: Callable[..., Any], *args: Any) -> Any:
    def call() -> Any:
        close_old_connections()
        try:
            return function(*args)
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(_threads, call)


def _admit(session: str, name: str) -> Actor:
    """The actor of the session, once it may see the topic."""
    request = HttpRequest()
    request.session = SessionStore(session or None)
    user = get_user(request)
    if not isinstance(user, User) or not user.is_active or user.must_change_password:
        raise Unauthenticated("Sign in first.")
    actor = actor_of(user)
    _look(actor, name)
    return actor


def _standings(sessions: set[str]) -> dict[str, Standing]:
    """What an admission rests on, in two reads: session, user and role as they are now, by the session's key; sessions
    that are over are left out. Whoever is deactivated, signed out or given another role differs from before.
    """
    open_ones = Session.objects.filter(session_key__in=sessions, expire_date__gt=timezone.now())
    owners = {row.session_key: str(row.get_decoded().get(SESSION_KEY, "0")) for row in open_ones}
    facts = ("pk", "is_active", "must_change_password", "password", "role_id", "role__grants")
    users = {str(row[0]): row for row in User.objects.filter(pk__in=set(owners.values())).values_list(*facts)}
    return {session: users[owner] for session, owner in owners.items() if owner in users}


def _look(actor: Actor, name: str) -> dict[str, Any]:
    prefix, _, id = name.partition(":")
    if prefix not in PROVIDERS:
        raise NotFound("There is no such topic.")
    return PROVIDERS[prefix](actor, id)


def _same_site(headers: dict[str, str]) -> bool:
    """Whether the socket was opened by one of the product's own pages (browsers always send Origin)."""
    origin = headers.get("origin", "")
    with suppress(ValueError):
        return not origin or urlsplit(origin).netloc == headers.get("host") or origin in settings.CSRF_TRUSTED_ORIGINS
    return False
