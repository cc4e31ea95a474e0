"""Nobody hands out more than they have: roles, users, keys with permissions or scopes, webhooks, fields of a role."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from ceap.accounts import actions
from ceap.accounts.contracts import PERMISSIONS, SCOPE_NEEDS, SCOPES, SYSTEM, Actor, Level, within
from ceap.accounts.models import ApiKey, Role, User
from ceap.connectors.actions import create_webhook, edit_webhook, rotate_secret
from ceap.connectors.models import Webhook
from ceap.customers.models import FieldAccess
from ceap.kit.problem import Forbidden
from tests import actors

pytestmark = pytest.mark.django_db
MANAGING = dict.fromkeys(("keys_manage", "users_manage", "webhooks_manage"), Level.ALL)


def acting(**grants: Level) -> Actor:
    """Somebody who manages keys, users and webhooks and may do what `grants` says besides."""
    return Actor("user", "7", "Ann", {**MANAGING, **grants}, None)


def refuses(action: Callable[..., object], *args: object, **kwargs: object) -> bool:
    try:
        action(*args, **kwargs)
    except Forbidden:
        return True
    return False


@pytest.mark.parametrize("key", [key for key in PERMISSIONS if key not in MANAGING])
def test_a_role_a_user_and_a_key_reach_no_further_than_who_makes_them(key: str) -> None:
    for had, given in product(PERMISSIONS[key].levels, PERMISSIONS[key].levels):
        me, name = acting(**{key: had}), f"{key}-{had}-{given}"
        before = (Role.objects.count(), User.objects.count(), ApiKey.objects.count())
        assert refuses(actions.create_role, me, name=name, grants={key: given}) is not within(given, had)
        ready = Role.objects.create(key=name, name=f"R {name}", grants={key: given})
        email = f"{had}.{given}@example.test"
        assert refuses(actions.create_user, me, email=email, name="N", role=ready.key) is not within(given, had)
        if given is Level.ALL:
            made = refuses(actions.create_key, me, name="K", kind="service", grants={key: "all"})
            assert made is not within(given, had)
        after = (Role.objects.count() - 1, User.objects.count(), ApiKey.objects.count())
        if not within(given, had):
            assert after == before


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_is_handed_out_only_by_who_may_do_it_with_every_customer(scope: str) -> None:
    needs = SCOPE_NEEDS[scope]
    full = dict.fromkeys(needs, Level.ALL)
    for key in needs:
        for had in (Level.DISABLED, Level.OWNED):
            me = acting(**full | {key: had})
            for kind in ("server", "browser"):
                assert refuses(actions.create_key, me, name="K", kind=kind, scopes=[scope])
    assert ApiKey.objects.count() == 0
    actions.create_key(acting(**full), name="K", kind="server", scopes=[scope])
    assert list(ApiKey.objects.values_list("scopes", flat=True)) == [[scope]]


def test_the_permission_to_manage_keys_alone_makes_no_key_that_reads_customers() -> None:
    for grants, scopes, kind in (({"customers_view": "all"}, [], "service"), ({}, ["customers:read"], "server")):
        with pytest.raises(Forbidden, match="View customers"):
            actions.create_key(acting(), name="K", kind=kind, grants=grants, scopes=scopes)
    assert ApiKey.objects.count() == 0


def test_every_scope_says_what_it_needs() -> None:
    assert SCOPE_NEEDS.keys() == SCOPES.keys()
    assert {key for needs in SCOPE_NEEDS.values() for key in needs} <= PERMISSIONS.keys()


def test_a_role_that_sees_a_hidden_field_is_not_handed_out_by_who_does_not_see_it() -> None:
    FieldAccess.objects.create(key="email", roles=["analyst"])
    me = actors.actor("Boss")
    before = User.objects.count()
    with pytest.raises(Forbidden, match="fields that your role may not see"):
        actions.create_user(me, email="a@example.test", name="A", role="analyst")
    analyst = actions.create_user(SYSTEM, email="b@example.test", name="B", role="analyst")
    with pytest.raises(Forbidden, match="fields that your role may not see"):
        actions.issue_reset_link(me, analyst.pk)
    assert User.objects.count() == before + 1
    actions.create_user(me, email="c@example.test", name="C", role="agent")


def test_a_key_that_sees_a_hidden_field_is_not_handed_out_by_who_does_not_see_it() -> None:
    FieldAccess.objects.create(key="email", roles=["api_keys"])
    me = actors.actor("Boss")
    with pytest.raises(Forbidden, match="fields that your role may not see"):
        actions.create_key(me, name="K", kind="service", grants={"customers_view": "all"})
    with pytest.raises(Forbidden, match="fields that your role may not see"):
        actions.create_key(me, name="K", kind="server", scopes=["customers:read"])
    assert ApiKey.objects.count() == 0
    actions.create_key(me, name="K", kind="service", grants={"catalog_view": "all"})


@pytest.mark.parametrize("missing", ["customers_view", "customers_segment_view"])
def test_a_webhook_is_told_of_customers_only_for_who_sees_them_all(missing: str) -> None:
    how: dict[str, Any] = {"url": "https://example.org/hook", "events": ["segment.entered"]}
    row, _ = create_webhook(SYSTEM, **how)
    before = Webhook.objects.values().get()
    full = dict.fromkeys(("customers_view", "customers_segment_view"), Level.ALL)
    for had in (Level.DISABLED, Level.OWNED):
        me = acting(**full | {missing: had})
        assert refuses(create_webhook, me, **how)
        assert refuses(edit_webhook, me, row.pk, **how | {"url": "https://evil.example.org/"})
        assert refuses(rotate_secret, me, row.pk)
    assert Webhook.objects.values().get() == before
    edit_webhook(acting(**full), row.pk, **how | {"url": "https://example.com/"})
    assert Webhook.objects.get().url == "https://example.com/"
