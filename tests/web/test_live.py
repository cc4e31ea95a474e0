"""The live socket on a real app: signed in, allowed, sent on change."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ceap.accounts.authentication import session_cookie
from ceap.accounts.contracts import Level
from ceap.jobs.models import Job
from ceap.kit.clock import now
from ceap.web import live
from tests.actors import user

pytestmark = pytest.mark.django_db(transaction=True)


def session_of(person: Any) -> str:
    store = SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.save()
    return str(store.session_key)


async def watch(
    topic: str, session: str, change: Any = None, origin: str = "http://testserver"
) -> list[dict[str, Any]]:
    """What a socket receives: until it closes, or its second state."""
    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    got: list[dict[str, Any]] = []
    await inbox.put({"type": "websocket.connect"})

    async def send(message: dict[str, Any]) -> None:
        got.append(message)
        states = [m for m in got if m["type"] == "websocket.send"]
        if message["type"] == "websocket.send" and len(states) == 1 and change:
            await asyncio.to_thread(change)
        if len(states) == 2:
            await inbox.put({"type": "websocket.disconnect"})

    headers = [
        (b"host", b"testserver"),
        (b"origin", origin.encode()),
        (b"cookie", f"sessionid={session_cookie(session)}".encode()),
    ]
    scope = {"type": "websocket", "path": "/ws/live", "query_string": f"topic={topic}".encode(), "headers": headers}
    await asyncio.wait_for(live.application(scope, inbox.get, send), 15)
    return got


def test_a_watcher_gets_the_state_and_then_each_change() -> None:
    ada = user("Ada")
    job = Job.objects.create(kind="x", created_at=now(), created_by=ada)
    got = asyncio.run(watch(f"job:{job.pk}", session_of(ada), lambda: Job.objects.update(done=7)))
    states = [json.loads(m["text"]) for m in got if m["type"] == "websocket.send"]
    assert [s["done"] for s in states] == [0, 7]
    assert not live._topics


@pytest.mark.parametrize(
    ("who", "topic", "code"),
    [("nobody", "mine", 4401), ("ada", "nothing:1", 4404), ("ada", "job:x", 4404), ("bob", "mine", 4404)],
)
def test_who_may_not_see_a_topic_is_told_so_and_sees_nothing(who: str, topic: str, code: int) -> None:
    ada = user("Ada")
    bob = user("Bob", level=Level.DISABLED)
    job = Job.objects.create(kind="x", created_at=now(), created_by=ada)
    session = {"nobody": "", "ada": session_of(ada), "bob": session_of(bob)}[who]
    got = asyncio.run(watch(f"job:{job.pk}" if topic == "mine" else topic, session))
    assert [m.get("code") for m in got if m["type"] == "websocket.close"] == [code]
    assert not [m for m in got if m["type"] == "websocket.send"]


def test_a_page_of_another_site_is_refused() -> None:
    ada = user("Ada")
    job = Job.objects.create(kind="x", created_at=now(), created_by=ada)
    got = asyncio.run(watch(f"job:{job.pk}", session_of(ada), origin="https://evil.example"))
    assert [m.get("code") for m in got if m["type"] == "websocket.close"] == [4403]


@pytest.mark.parametrize("end", ["deactivated", "signed out", "role without permission"])
def test_a_watcher_who_may_no_longer_watch_is_shut_out_within_a_second(end: str) -> None:
    ada = user("Ada")
    job = Job.objects.create(kind="x", created_at=now(), created_by=user("Bob"))
    session = session_of(ada)
    at: list[float] = []

    def change() -> None:
        at.append(time.monotonic())
        if end == "deactivated":
            type(ada).objects.filter(pk=ada.pk).update(is_active=False)
        elif end == "signed out":
            SessionStore(session).delete()
        else:
            type(ada.role).objects.filter(pk=ada.role_id).update(grants={})

    got = asyncio.run(watch(f"job:{job.pk}", session, change))
    assert time.monotonic() - at[0] < 1.0
    code = {"deactivated": 4401, "signed out": 4401}.get(end, 4404)
    assert [m.get("code") for m in got if m["type"] == "websocket.close"] == [code]


def test_the_standing_of_all_watchers_is_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    people = [user(f"Person{n}") for n in range(20)]
    job = Job.objects.create(kind="x", created_at=now(), created_by=people[0])
    sessions = [session_of(person) for person in people]
    asked: list[int] = []
    read = live._standings

    def counted(wanted: set[str]) -> Any:
        asked.append(len(wanted))
        return read(wanted)

    monkeypatch.setattr(live, "_standings", counted)
    with CaptureQueriesContext(connection) as queries:
        assert len(read(set(sessions))) == 20
    assert len(queries) == 2

    def leave() -> None:
        until = time.monotonic() + 30
        while len(asked) < 20 and time.monotonic() < until:  # everybody watches
            time.sleep(0.05)
        time.sleep(1)
        SessionStore(sessions[0]).flush()
        type(people[0]).objects.update(is_active=False)

    async def everybody() -> list[Any]:
        leaving = asyncio.create_task(asyncio.to_thread(leave))
        got = await asyncio.gather(*(watch(f"job:{job.pk}", session) for session in sessions))
        await leaving
        return got

    got = asyncio.run(everybody())
    assert [[m.get("code") for m in one if m["type"] == "websocket.close"] for one in got] == [[4401]] * 20
    assert asked[:20] == [1] * 20
    assert 1 <= len(asked[20:]) <= 5
    assert asked[-1] == 20
    assert not live._topics
    assert live._guard.task is None
