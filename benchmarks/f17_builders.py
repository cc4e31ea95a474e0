"""F-17: 20 people building rules at once over 5 M customers, beside a customer's page and calls of the data plane."""

from __future__ import annotations

import json
import os
import random
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any

from benchmarks.f01_preview import CITIES
from benchmarks.f14_page import EMAIL, PASSWORD
from benchmarks.frame import Result, Scale, free_port, percentile, server
from benchmarks.segments_home import NOW, SEGMENTS, fill, rules, size

ID = "F-17"
WORK = (
    "20 people building rules at once over 5 M customers: P95 of a customer page and of a data-plane call beside it "
    "< 200 ms; each preview P95 < 2 s"
)
BUILDERS, PAUSE, CUSTOMERS = 20, 8.0, 2_000  # people; seconds between two changes of a rule, on average
TYPES_ON, SOON = 0.3, 0.5  # share of changes that are followed by another one, and after how many seconds that is
KEY = "ceap_srv_benchmark_0123456789abcdef"


def run(scale: Scale) -> Result:
    customers, seconds = size(scale), 20.0 if scale == "small" else 90.0
    ports = {"CEAP_APP_PORT": free_port(), "CEAP_EDGE_PORT": free_port()}
    os.environ |= {name: str(port) for name, port in ports.items()}
    fill(customers)
    cookies = _people()
    app, edge = ports["CEAP_APP_PORT"], ports["CEAP_EDGE_PORT"]
    with (
        server("app", f"http://127.0.0.1:{app}/readyz", timeout=120),
        server("edge", f"http://127.0.0.1:{edge}/readyz"),
    ):
        _Asker(app, {"Cookie": cookies[0][0], "X-CSRFToken": cookies[0][1]}).preview(rules()[0])  # warm
        alone = _measured(app, edge, cookies, seconds / 3, builders=0)
        opening = _Asker(app, {"Cookie": cookies[0][0], "X-CSRFToken": cookies[0][1]})
        for n in range(1, BUILDERS + 1):
            opening.preview(_of(n))
        beside = _measured(app, edge, cookies, seconds, builders=BUILDERS)
    dropped = len(beside.pop("dropped"))
    p95 = {name: percentile(times, 0.95) for name, times in beside.items()}
    before = {name: percentile(times, 0.95) for name, times in alone.items() if times}
    good = p95["page"] < 200 and p95["call"] < 200 and p95["preview"] < 2_000
    return Result(
        ID, scale, p95["page"], "ms", reached=good, n=sum(map(len, beside.values())),
        p99=percentile(beside["page"], 0.99), limit=200.0, ratio_limit=200 / p95["page"], peer=before["page"],
        ratio_peer=before["page"] / p95["page"],
        note=f"P95 of a customer's page while {BUILDERS} people change a condition every {PAUSE:.0f} s to what nobody "
        f"asked before ({dropped} times typing on before the answer) and a customer changes every 2 s; a data-plane "
        f"call {p95['call']:.0f} ms, a preview {p95['preview']:.0f} ms ({len(beside['preview'])} of them, P50 "
        f"{percentile(beside['preview'], 0.5):.0f} ms); the {BUILDERS} rules were opened before, one after the other, "
        f"P50 {percentile(opening.times, 0.5):.0f} ms, at most {max(opening.times):.0f}; without builders the page "
        f"{before['page']:.0f} ms, the call {before['call']:.0f} ms; {customers:,} × 40 fields; limit: the time "
        f"allowed; peer: the same without builders",
    )  # fmt: skip


def _people() -> list[tuple[str, str]]:
    """Users who are signed in, customers to look at and a key: (cookies, token against forged requests) of each."""
    from django.conf import settings
    from django.test import Client

    from ceap.accounts.actions import create_user
    from ceap.accounts.authentication import session_cookie
    from ceap.accounts.contracts import SYSTEM
    from ceap.accounts.models import ApiKey
    from ceap.customers.models import Customer, Identity
    from ceap.kit.clock import now
    from ceap.kit.ids import digest

    scopes = ["customers:read"]
    ApiKey.objects.create(
        name="bench", kind="server", prefix=KEY[:14], digest=digest(KEY), scopes=scopes, created_at=now()
    )
    rows = Customer.objects.bulk_create(
        Customer(full_name=f"Person {n}", email=f"p{n}@example.test", created_at=NOW, updated_at=NOW)
        for n in range(CUSTOMERS)
    )
    Identity.objects.bulk_create(
        Identity(customer_id=row.pk, kind="email", value=row.email, created_at=NOW) for row in rows
    )
    found = []
    for number in range(BUILDERS + 1):
        user = create_user(
            SYSTEM, email=f"{number}-{EMAIL}", name=f"Bench {number}", role="administrator", password=PASSWORD
        )
        client = Client()
        client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
        session, token = session_cookie(client.session.session_key or ""), "a" * 32
        found.append((f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={token}", token))
    return found


class _Asker:
    def __init__(self, port: int, headers: dict[str, str]):
        self.port, self.headers = port, headers
        self.connection, self.used = HTTPConnection("127.0.0.1", port, timeout=120), 0.0
        self.times: list[float] = []
        self.dropped = 0

    def ask(self, method: str, path: str, body: Any = None) -> None:
        said = json.dumps(body) if body is not None else None
        headers = {**self.headers, "Host": "127.0.0.1", "Content-Type": "application/json"}
        started = time.perf_counter()
        if started - self.used > 2:
            self.connection.close()  # the server closes one that is idle for 5 seconds
        self.connection.request(method, path, said, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {text[:300]!r}")
        self.used = time.perf_counter()
        self.times.append((self.used - started) * 1000)

    def preview(self, rule: dict[str, Any]) -> None:
        self.ask("POST", "/api/segments/preview", {"rule": rule})

    def given_up(self, rule: dict[str, Any]) -> None:
        """Ask for a preview, and close the connection when the next change is typed, as the page does."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=SOON)
        headers = {**self.headers, "Host": "127.0.0.1", "Content-Type": "application/json"}
        started = time.perf_counter()
        try:
            connection.request("POST", "/api/segments/preview", json.dumps({"rule": rule}), headers)
            connection.getresponse().read()
            self.times.append((time.perf_counter() - started) * 1000)
        except TimeoutError:
            self.dropped += 1
        finally:
            connection.close()


def _of(builder: int) -> dict[str, Any]:
    """The rule that a builder opens."""
    return rules()[7 * builder % SEGMENTS]


class _Builder:
    """Somebody who changes one condition of a rule after another to values that nobody asked for before."""

    def __init__(self, asker: _Asker, rule: dict[str, Any]):
        self.asker, self.rule = asker, json.loads(json.dumps(rule))

    def change(self, draw: random.Random) -> None:
        if draw.random() < TYPES_ON:
            self._edit(draw)
            self.asker.given_up(self.rule)
        self._edit(draw)
        self.asker.preview(self.rule)

    def _edit(self, draw: random.Random) -> None:
        conditions = draw.choice(self.rule["groups"])["conditions"]
        conditions[draw.randrange(len(conditions))] = draw.choice(_EDITS)(draw)


def _on(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"kind": "field", "field": field, "operator": operator, "value": value}


_EDITS: list[Callable[[random.Random], dict[str, Any]]] = [
    lambda draw: _on("lifetime_earned", "greater", draw.randrange(100, 9_900)),
    lambda draw: _on("balance_available", "less", draw.randrange(100, 9_900)),
    lambda draw: _on("c_score", "between", sorted((draw.randrange(100), draw.randrange(100)))),
    lambda draw: _on("email", "contains", f"{draw.randrange(1_000)}@"),
    lambda draw: _on("full_name", "contains", f"{draw.randrange(1_000)}"),
    lambda draw: _on("last_activity_at", "in_last", {"count": draw.randrange(1, 700), "unit": "days"}),
    lambda draw: _on("date_of_birth", "before", f"{draw.randrange(1955, 2000)}-0{draw.randrange(1, 10)}-01"),
    lambda draw: {"kind": "behaviour", "behaviour": "purchased", "times": draw.randrange(1, 4),
                  "window": {"count": draw.randrange(1, 700), "unit": "days"}},
]  # fmt: skip


def _measured(
    app: int, edge: int, cookies: list[tuple[str, str]], seconds: float, *, builders: int
) -> dict[str, list[float]]:
    until, wrong = time.monotonic() + seconds, []
    askers: dict[str, list[_Asker]] = {"page": [], "call": [], "change": [], "preview": []}

    def repeat(name: str, asker: _Asker, pause: float, one: Any) -> threading.Thread:
        askers[name].append(asker)
        draw = random.Random(f"{name} {len(askers[name])}")

        def go() -> None:
            time.sleep(draw.random() * pause)
            try:
                while time.monotonic() < until:
                    one(asker, draw)
                    time.sleep(draw.expovariate(1 / pause))
            except Exception as error:
                wrong.append(error)

        return threading.Thread(target=go)

    def session(number: int) -> dict[str, str]:
        return {"Cookie": cookies[number][0], "X-CSRFToken": cookies[number][1]}

    def builder(n: int) -> threading.Thread:
        asker = _Asker(app, session(n))
        mine = _Builder(asker, _of(n))
        return repeat("preview", asker, PAUSE, lambda _, draw: mine.change(draw))

    threads = [
        repeat("page", _Asker(app, session(0)), 0.2,
               lambda asker, draw: asker.ask("GET", f"/api/customers/{draw.randrange(1, CUSTOMERS)}")),
        repeat("call", _Asker(edge, {"Authorization": f"Bearer {KEY}"}), 0.05,
               lambda asker, draw: asker.ask("GET", f"/v1/customers/email/p{draw.randrange(CUSTOMERS)}@example.test")),
        repeat("change", _Asker(app, session(0)), 2.0,
               lambda asker, draw: asker.ask("PATCH", f"/api/customers/{draw.randrange(1, CUSTOMERS)}",
                                             {"values": {"city": draw.choice(CITIES)}})),
        *(builder(n) for n in range(1, builders + 1)),
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise RuntimeError(f"{len(wrong)} askers failed, the first: {wrong[0]}")
    return {name: [one for asker in of for one in asker.times] for name, of in askers.items()} | {
        "dropped": [0.0] * sum(asker.dropped for asker in askers["preview"])
    }
