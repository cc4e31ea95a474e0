"""The ground under every test: the store on a file, loopback only, a warehouse of its own (see also `ground`)."""

from __future__ import annotations

import gc
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests import template
from tests.ground import HOME

settings.register_profile("ceap", deadline=None)  # a busy machine is no defect
settings.load_profile("ceap")


LONG = (  # ten seconds each and more: they begin first, or one process would end with them while the other waits
    "tests/segments/test_oracle.py", "tests/test_permissions.py", "tests/segments/test_incremental.py",
    "tests/events/test_warehouse.py", "tests/connectors/test_orders.py", "tests/segments/test_incremental_property.py",
    "tests/learning/test_lifecycle.py", "tests/web/test_grocery_demo.py", "tests/learning/test_bad_days.py",
    "tests/segments/test_bad_days.py", "tests/connectors/test_import.py", "tests/events/test_online_retail.py",
    "tests/events/test_damage.py", "tests/web/test_fuzz.py", "tests/channels/test_sender.py",
    "tests/test_foreign_customers.py", "tests/web/test_far_moments.py", "tests/segments/test_lists.py",
    "tests/connectors/test_online_retail.py", "tests/events/test_rebuild_property.py",
)  # fmt: skip


ENDS_SPARK = "tests/customers/test_erased_engines.py"  # and so comes last: what follows would start another


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long files first; what is marked `soak` runs only when asked for: `-m soak`."""

    def turn(item: pytest.Item) -> int:
        file = item.nodeid.partition("::")[0]
        return LONG.index(file) if file in LONG else len(LONG) + (file == ENDS_SPARK)

    items.sort(key=turn)
    if "soak" not in config.option.markexpr:
        soaked = [item for item in items if item.get_closest_marker("soak")]
        config.hook.pytest_deselected(items=soaked)
        items[:] = [item for item in items if item not in soaked]


def pytest_collection_finish() -> None:
    """The modules of the product stay until the end: they need no looking through each time memory is swept."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """A copy of the template; SQLite's is a file: as in production, threads wait for each other instead of failing."""
    from django.db import connection

    if connection.vendor == "sqlite":
        copy = HOME / f"test-store{os.environ.get('PYTEST_XDIST_WORKER', '')}.sqlite3"
        template.file(copy)
        connection.settings_dict["TEST"]["NAME"] = str(copy)
    else:
        connection.settings_dict["TEST"]["TEMPLATE"] = template.database(os.environ["CEAP_STORE_URL"])


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """The copy of a file is there before Django asks; it goes with the home. A database is made, and dropped."""
    return not os.environ["CEAP_STORE_URL"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """After a test that commits, `emptying` instead of Django's flush."""
    from django.test import TransactionTestCase

    from tests import emptying

    with django_db_blocker.unblock():
        emptying.first()
    TransactionTestCase._fixture_teardown = lambda self: emptying.restore()  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cookie that `force_login` gives the test client is signed, as a browser's is; its session is made once."""
    from django.conf import settings as product
    from django.contrib.auth import login
    from django.contrib.sessions.backends.db import SessionStore
    from django.http import HttpRequest
    from django.test import Client

    from ceap.accounts.authentication import session_cookie

    def _login(self: Client, user: Any, backend: str | None = None) -> None:
        request = HttpRequest()
        request.session = SessionStore()
        login(request, user, backend)
        request.session.save()
        self._set_login_cookies(request)  # type: ignore[attr-defined]

    def signed(self: Client, request: HttpRequest) -> None:
        assert request.session.session_key
        self.cookies[product.SESSION_COOKIE_NAME] = session_cookie(request.session.session_key)

    monkeypatch.setattr(Client, "_login", _login)
    monkeypatch.setattr(Client, "_set_login_cookies", signed)


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any connection that leaves the machine fails the test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])  # type: ignore[index]
            if not (host.startswith("127.") or host in ("::1", "localhost")):
                raise AssertionError(f"a test tried to reach {host}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> None:
    """The hash of passwords as in production, at a cost that hundreds of sign-ins can bear."""
    from django.contrib.auth.hashers import Argon2PasswordHasher

    Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.parallelism = 1, 64, 1


@pytest.fixture
def home() -> Path:
    """The home folder of this test session."""
    from ceap.kit.home import Home

    return Home.load().create().path


STAYS = ("run", "secret.key", "test-store", "warehouse.duckdb", "archive")  # of the process; the last two: see below


@pytest.fixture(autouse=True)
def _own_files() -> Iterator[None]:
    """A test leaves no file of its own in the home: rows go with their transaction, files do not."""
    yield
    for entry in HOME.iterdir():
        if entry.is_file() and not entry.name.startswith(STAYS):
            entry.unlink()
        for path in entry.iterdir() if entry.is_dir() and entry.name not in STAYS else ():
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.fixture(autouse=True)
def _own_warehouse() -> Iterator[None]:
    """A test that used the warehouse leaves none behind."""
    yield
    if "ceap.events.queries" in sys.modules:
        from ceap.events import queries

        if queries.close_warehouse():
            for file in (*HOME.glob("warehouse.duckdb*"), *HOME.glob("archive/*")):
                file.unlink()
