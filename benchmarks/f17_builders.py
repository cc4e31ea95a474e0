"""F-17: 20 people building rules at once over 5 M customers, beside a customer's page and calls of the data plane."""

from __future__ import annotations

import json
import os
import random
import threading
import time
from http.client import HTTPConnection
from typing import Any

from benchmarks.f14_page import EMAIL, PASSWORD
from benchmarks.frame import Result, Scale, free_port, percentile, server
from benchmarks.segments_home import NOW, fill, rules, size

ID = "F-17"
WORK = (
    "20 people building rules at once over 5 M customers: P95 of a customer page and of a data-plane call beside it "
    "< 200 ms; each preview P95 < 2 s"
)
BUILDERS, PAUSE, CUSTOMERS = 20, 8.0, 2_000  # people; seconds between two changes of a rule, on average
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
        beside = _measured(app, edge, cookies, seconds, builders=BUILDERS)
    p95 = {name: percentile(times, 0.95) for name, times in beside.items()}
    before = {name: percentile(times, 0.95) for name, times in alone.items() if times}
    good = p95["page"] < 200 and p95["call"] < 200 and p95["preview"] < 2_000
    return Result(
        ID, scale, p95["page"], "ms", reached=good, n=sum(map(len, beside.values())),
        p99=percentile(beside["page"], 0.99), limit=200.0, ratio_limit=200 / p95["page"], peer=before["page"],
        ratio_peer=before["page"] / p95["page"],
        note=f"P95 of a customer's page while {BUILDERS} people change a rule every {PAUSE:.0f} s; a data-plane call "
        f"{p95['call']:.0f} ms, a preview {p95['preview']:.0f} ms ({len(beside['preview'])} of them, P50 "
        f"{percentile(beside['preview'], 0.5):.0f} ms); without builders the page {before['page']:.0f} ms, the call "
        f"{before['call']:.0f} ms; {customers:,} × 40 fields; limit: the time allowed; peer: the same without builders",
    )  # fmt: skip


def _people() -> list[tuple[str, str]]:
    """Users who are signed in, customers to look at and a key: (cookies, token against forged requests) of each."""
    from django.conf import settings
    from django.test import Client

    from ceap.accounts.actions import create_user
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
        session, token = client.cookies[settings.SESSION_COOKIE_NAME].value, "a" * 32
        found.append((f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={token}", token))
    return found


class _Asker:
    def __init__(self, port: int, headers: dict[str, str]):
        self.connection, self.headers = HTTPConnection("127.0.0.1", port, timeout=120), headers
        self.times: list[float] = []

    def ask(self, method: str, path: str, body: Any = None) -> None:
        said = json.dumps(body) if body is not None else None
        headers = {**self.headers, "Host": "127.0.0.1", "Content-Type": "application/json"}
        started = time.perf_counter()
        self.connection.request(method, path, said, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {text[:300]!r}")
        self.times.append((time.perf_counter() - started) * 1000)

    def preview(self, rule: dict[str, Any]) -> None:
        self.ask("POST", "/api/segments/preview", {"rule": rule})


def _measured(
    app: int, edge: int, cookies: list[tuple[str, str]], seconds: float, *, builders: int
) -> dict[str, list[float]]:
    until, wrong = time.monotonic() + seconds, []
    askers: dict[str, list[_Asker]] = {"page": [], "call": [], "preview": []}

    def repeat(name: str, asker: _Asker, pause: float, one: Any) -> threading.Thread:
        askers[name].append(asker)

        def go() -> None:
            draw = random.Random(len(askers[name]) * 7 + len(name))
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

    of_all = rules()
    threads = [
        repeat("page", _Asker(app, session(0)), 0.2,
               lambda asker, draw: asker.ask("GET", f"/api/customers/{draw.randrange(1, CUSTOMERS)}")),
        repeat("call", _Asker(edge, {"Authorization": f"Bearer {KEY}"}), 0.05,
               lambda asker, draw: asker.ask("GET", f"/v1/customers/email/p{draw.randrange(CUSTOMERS)}@example.test")),
        *(repeat("preview", _Asker(app, session(n)), PAUSE, lambda asker, draw: asker.preview(draw.choice(of_all)))
          for n in range(1, builders + 1)),
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise RuntimeError(f"{len(wrong)} askers failed, the first: {wrong[0]}")
    return {name: [one for asker in of for one in asker.times] for name, of in askers.items()}
