"""Every operation of the API against every level of its permission, on own and on others' rows."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from ceap.accounts.contracts import PERMISSIONS, Level
from ceap.accounts.models import User
from tests import actors
from tests.document import document
from tests.permissions_rows import ROWS
from tests.permissions_table import TABLE, Rule

pytestmark = pytest.mark.django_db

UNWATCHED = {"sessions.Session", "usersessions.UserSession", "accounts.CacheRow"}
REFUSED = {403, 404}
WRITES = re.compile(r"\s*(WITH\b.*\b)?(INSERT|UPDATE|DELETE|REPLACE)\b", re.DOTALL | re.IGNORECASE)
SEEN = re.compile(r'\s*UPDATE "usersessions_usersession"', re.IGNORECASE)  # at every call; and not watched


def operations() -> list[str]:
    methods = ("get", "post", "put", "patch", "delete")
    return sorted(f"{m.upper()} {path}" for path, item in document()["paths"].items() for m in methods if m in item)


OPERATIONS = operations()


def test_every_operation_says_who_may_call_it() -> None:
    assert set(OPERATIONS) - set(TABLE) == set(), "add a line for each to tests/permissions_table.py"


def test_the_table_names_only_operations_and_keys_that_exist() -> None:
    assert set(TABLE) - set(OPERATIONS) == set()
    assert {key for rule in TABLE.values() for key in rule.keys} <= set(PERMISSIONS)


def contents() -> str:
    """A digest of every row of the store, except what merely notes that somebody was there."""
    digest = hashlib.sha256()
    models = apps.get_models(include_auto_created=True)
    with connection.cursor() as cursor:
        for table in sorted(m._meta.db_table for m in models if m._meta.managed and m._meta.label not in UNWATCHED):
            cursor.execute(f'SELECT * FROM "{table}"')
            digest.update(repr([table, sorted(map(repr, cursor.fetchall()))]).encode())
    return digest.hexdigest()


def browser(user: User | None) -> Client:
    """A browser in which `user` is signed in."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False, headers={"X-CSRFToken": "a" * 32})
    client.cookies["csrftoken"] = "a" * 32
    if user:
        client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
        client.cookies["csrftoken"] = "a" * 32
    return client


def call(client: Client, operation: str, values: dict[str, Any]) -> int:
    """Carry out the operation; returns the status."""
    rule, (method, path) = TABLE[operation], operation.split(" ", 1)
    url = (path + rule.query).format(**values)
    body = rule.body(values) if callable(rule.body) else rule.body
    if rule.files:
        form = {name: SimpleUploadedFile(*file) for name, file in rule.files.items()} | (body or {})
        return int(getattr(client, method.lower())(url, form).status_code)
    given = {} if method == "GET" else {"data": body or {}, "content_type": "application/json"}
    return int(getattr(client, method.lower())(url, **given).status_code)


def expect_refused(operation: str, user: User | None, values: dict[str, Any], statuses: set[int]) -> None:
    client, before = browser(user), list[str]()

    def first_write(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not before and WRITES.match(sql) and not SEEN.match(sql):
            before.append(contents())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(first_write):
        status = call(client, operation, values)
    assert status in statuses, f"{operation} answered {status} to {user or 'a stranger'}, expected {sorted(statuses)}"
    unchanged = not before or contents() == before[0]
    assert unchanged, f"{operation} was refused ({status}) and changed something nevertheless"


def expect_let_through(operation: str, user: User | None, values: dict[str, Any]) -> None:
    status = call(browser(user), operation, values)
    let_through = status < 300 or status in TABLE[operation].also
    assert let_through, f"{operation} answered {status} to somebody who may"


def row(rule: Rule, owner: User) -> dict[str, Any]:
    return ROWS[rule.row](owner) if rule.row else {}


@pytest.mark.req("S-15")
@pytest.mark.parametrize("operation", [op for op in OPERATIONS if op in TABLE])
def test_who_may_call(operation: str) -> None:
    rule = TABLE[operation]
    other = actors.user("Other")
    if rule.anonymous:
        expect_let_through(operation, None, row(rule, other))
        return
    expect_refused(operation, None, row(rule, other), {401})
    if not rule.keys:
        nobody = actors.user("Nobody", level=Level.DISABLED)
        expect_let_through(operation, nobody, row(rule, nobody))
    for number, key in enumerate(rule.keys):
        shut = actors.user(f"Shut{number}", **{key: Level.DISABLED})
        expect_refused(operation, shut, row(rule, other), REFUSED)
        if rule.own:
            expect_let_through(operation, shut, row(rule, shut))
        if Level.OWNED in PERMISSIONS[key].levels and rule.row and key in (rule.keys if rule.by is None else rule.by):
            owner = actors.user(f"Owner{number}", **{key: Level.OWNED})
            expect_refused(operation, owner, row(rule, other), REFUSED)
            expect_let_through(operation, owner, row(rule, owner))
    if rule.keys:
        free = actors.user("Free")
        expect_let_through(operation, free, row(rule, other))
        if rule.row:
            expect_let_through(operation, free, row(rule, free))


def test_a_guard_that_lets_too_much_through_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted defect: a permission check that never refuses."""
    from ceap.accounts.contracts import Actor

    monkeypatch.setattr(Actor, "require", lambda self, key, at_least=Level.OWNED: Level.ALL)
    with pytest.raises(AssertionError, match="expected"):
        test_who_may_call("GET /api/users")
