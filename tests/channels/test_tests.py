"""Test messages: how many a user sends, to whom, about whom."""

from __future__ import annotations

import importlib
import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connections, transaction
from django.test import Client

from ceap.accounts.contracts import Level
from ceap.accounts.models import AuditEntry, Organisation, Role, User
from ceap.accounts.queries import actor_of
from ceap.channels import actions
from ceap.channels.actions import testing
from ceap.channels.models import Delivery
from ceap.customers.models import Customer
from ceap.kit import clock
from ceap.kit.problem import TooMany
from tests import actors
from tests.channels import people

MOMENT = datetime(2026, 3, 4, 10, tzinfo=UTC)
ELSEWHERE = (
    "Your role sends tests only to people who work here: give your own address or another user's. "
    "For any other address ask an administrator for the permission “Send tests to any address”."
)
db = pytest.mark.django_db


def ask(user: User, version: Any, address: str, status: int, **more: Any) -> Any:
    browser = Client()
    browser.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    body = json.dumps({"version_id": str(version.pk), "address": address, **more})
    answer = browser.post("/api/channels/test", body, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json()


def counts() -> tuple[int, int]:
    return Delivery.objects.count(), AuditEntry.objects.filter(verb="channels.send_test").count()


@db
def test_a_user_sends_so_many_tests_an_hour_and_the_refusal_says_when_the_next_may_leave() -> None:
    Organisation.objects.create(settings={"tests_per_hour": 2})
    ada, bob = actors.user("Ada"), actors.user("Bob")
    people.sender(default=True)
    version = people.version()
    with clock.frozen(MOMENT):
        ask(ada, version, "ada@example.test", 201)
        clock.advance(timedelta(minutes=20))
        ask(ada, version, "any@where.test", 201)
        clock.advance(timedelta(minutes=2, seconds=30))
        refused = ask(ada, version, "ada@example.test", 429)
        assert refused["detail"] == (
            "You have sent 2 test messages within an hour, and 2 are allowed. The next can be sent in 38 minutes; an "
            "administrator can change “Test messages a user may send in an hour” in Settings › Organisation."
        )
        assert counts() == (2, 2)
        ask(bob, version, "bob@example.test", 201)  # each user has a count of their own
        clock.advance(timedelta(minutes=37, seconds=30))
        ask(ada, version, "ada@example.test", 201)
        assert counts() == (4, 4)


@db
def test_without_a_setting_twenty_tests_leave_in_an_hour() -> None:
    ada = actors.actor("Ada")
    people.sender(default=True)
    version = people.version()
    with clock.frozen(MOMENT):
        for _ in range(20):
            actions.send_test(ada, version.pk, "ada@example.test")
        with pytest.raises(TooMany, match="sent in 60 minutes"):
            actions.send_test(ada, version.pk, "ada@example.test")
    assert counts() == (20, 20)


@db
def test_a_limit_of_zero_switches_tests_off() -> None:
    Organisation.objects.create(settings={"tests_per_hour": 0})
    people.sender(default=True)
    assert ask(actors.user("Ada"), people.version(), "ada@example.test", 429)["detail"].startswith(
        "Test messages are switched off here; an administrator"
    )
    assert counts() == (0, 0)


@db
def test_only_who_may_sends_tests_to_strangers() -> None:
    eve = actors.user("Eve", content_test_anywhere=Level.DISABLED)
    actors.user("Bob", email="bob@bücher.test")
    gone = actors.user("Gone")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    people.sender(default=True)
    version = people.version()
    for stranger in ("friend@else.test", "gone@example.test", "eve@example.test.else.test"):
        refused = ask(eve, version, stranger, 422)
        assert refused["errors"] == [{"field": "address", "message": ELSEWHERE}]
    assert counts() == (0, 0)
    ask(eve, version, "Eve@Example.test", 201)
    ask(eve, version, "bob@xn--bcher-kva.test", 201)
    ask(actors.user("Ada"), version, "friend@else.test", 201)
    assert counts() == (3, 3)


@db
def test_a_test_as_a_customer_needs_the_right_to_see_that_customer_and_names_it_in_the_trail() -> None:
    ada = actors.user("Ada")
    agent = actors.user("Eve", customers_view=Level.OWNED)
    nobody = actors.user("Ned", customers_view=Level.DISABLED)
    people.sender(default=True)
    version = people.version()
    (theirs,) = people.customers(1)
    Customer.objects.filter(pk=theirs).update(owner=ada)
    ask(agent, version, "eve@example.test", 404, customer_id=theirs)
    ask(nobody, version, "ned@example.test", 404, customer_id=theirs)
    assert counts() == (0, 0)
    ask(ada, version, "ada@example.test", 201, customer_id=theirs)
    entry = AuditEntry.objects.get(verb="channels.send_test")
    assert (entry.actor_id, entry.object_id, entry.object_name) == (str(ada.pk), str(version.pk), "ada@example.test")
    assert entry.after == {"customer_id": theirs}


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_pass_the_limit() -> None:
    Organisation.objects.create(settings={"tests_per_hour": 3})
    ada = actor_of(actors.user("Ada"))
    people.sender(default=True)
    version = people.version()
    start, refused = threading.Barrier(8), []

    def work() -> None:
        try:
            start.wait(30)
            actions.send_test(ada, version.pk, "ada@example.test")
        except TooMany as problem:
            refused.append(problem)
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (*counts(), len(refused)) == (3, 3, 5)


@pytest.mark.django_db(transaction=True)
def test_planted_counting_before_the_lock_passes_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twin: everybody counts before anybody has written."""
    counted, right = threading.Barrier(8), testing.require_room

    def count_first(actor: Any, *args: Any, **kwargs: Any) -> Any:
        with transaction.atomic():
            right(actor, clock.now())
        counted.wait(30)
        return plain(actor, *args, **kwargs)

    plain = actions.send_test
    monkeypatch.setattr(testing, "require_room", lambda *_: None)
    monkeypatch.setattr(actions, "send_test", count_first)
    with pytest.raises(AssertionError, match="8, 8, 0"):
        test_two_at_once_do_not_pass_the_limit()


@db
def test_an_older_home_gives_its_built_in_roles_the_permission_and_no_other() -> None:
    migration = importlib.import_module("ceap.accounts.migrations.0003_content_test_anywhere")
    for role in Role.objects.all():
        Role.objects.filter(pk=role.pk).update(grants={k: v for k, v in role.grants.items() if "anywhere" not in k})
    migration.grant(apps, None)
    having = Role.objects.filter(key__in=("administrator", "marketing_manager"))
    assert {role.grants["content_test_anywhere"] for role in having} == {"all"}
    assert [r.key for r in Role.objects.exclude(pk__in=having) if "content_test_anywhere" in r.grants] == []
