"""Users and roles: who may make whom, and what nobody may do."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from ceap.accounts import actions
from ceap.accounts.contracts import BUILT_IN_ROLES, PERMISSIONS, SYSTEM, Actor, Level
from ceap.accounts.models import AuditEntry, Role, User
from ceap.accounts.queries import actor_of
from ceap.kit.problem import Conflict, Forbidden, Invalid, NotFound
from tests import actors
from tests.accounts.browser import PASSWORD, SESSION, Browser

pytestmark = pytest.mark.django_db


def make(name: str, role: str = "administrator", **kwargs: Any) -> User:
    return actions.create_user(SYSTEM, email=f"{name}@example.test", name=name, role=role, password=PASSWORD, **kwargs)


def boss(name: str = "boss") -> Actor:
    return actor_of(make(name))


@pytest.mark.parametrize("role", BUILT_IN_ROLES, ids=lambda r: r.key)
def test_built_in_roles_grant_only_levels_that_exist(role: Any) -> None:
    assert all(level in PERMISSIONS[key].levels for key, level in role.grants.items())


def test_built_in_roles_are_what_their_names_say() -> None:
    roles = {role.key: role.grants for role in BUILT_IN_ROLES}
    assert roles["administrator"] == dict.fromkeys(PERMISSIONS, Level.ALL)
    assert "campaigns_approve" in roles["marketing_manager"]
    assert "users_manage" not in roles["marketing_manager"]
    assert "campaigns_launch" in roles["marketing_executive"]
    assert [k for k, grants in roles.items() if "content_test_anywhere" in grants] == [
        "administrator",
        "marketing_manager",
    ]
    assert not {"campaigns_approve", "users_manage"} & set(roles["marketing_executive"])
    assert roles["analyst"]["customers_view"] == Level.ALL
    assert not [k for k in roles["analyst"] if k.endswith(("_manage", "_launch", "_approve", "_import", "_erase"))]
    assert roles["agent"]["customers_view"] == Level.OWNED


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": "BOSS@example.test"}, "email"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"role": "nothing"}, "role"),
        ({"role": "01a1fd87-785b-75a3-8b42-c339f2abf340"}, "role"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"password": "short"}, "password"),
        ({"password": "password1234"}, "password"),
    ],
)
def test_a_wrong_field_is_named_and_nobody_is_made(change: dict[str, Any], field: str) -> None:
    me = boss()
    before = (User.objects.count(), AuditEntry.objects.count())
    with pytest.raises(Invalid) as refused:
        actions.create_user(me, **{"email": "a@example.test", "name": "A", "role": "agent", **change})
    assert [e.field for e in refused.value.errors] == [field]
    assert (User.objects.count(), AuditEntry.objects.count()) == before


def test_nobody_makes_a_user_mightier_than_oneself() -> None:
    me = actors.actor("Half", audit_view=Level.DISABLED, customers_view=Level.OWNED)
    count = User.objects.count()
    with pytest.raises(Forbidden, match="Read the audit trail"):
        actions.create_user(me, email="a@example.test", name="A", role="administrator")
    with pytest.raises(Forbidden, match="View customers"):
        actions.create_user(me, email="a@example.test", name="A", role="analyst")
    assert User.objects.count() == count
    actions.create_user(me, email="a@example.test", name="A", role="agent")


def test_nobody_touches_a_user_mightier_than_oneself() -> None:
    admin = make("admin")
    make("other")
    me = actors.actor("Half", audit_view=Level.DISABLED)
    before = User.objects.filter(pk=admin.pk).values().get()
    for attempt in (
        lambda: actions.edit_user(me, admin.pk, email="mine@example.test"),
        lambda: actions.edit_user(me, admin.pk, role="agent"),
        lambda: actions.deactivate_user(me, admin.pk),
        lambda: actions.issue_reset_link(me, admin.pk),
        lambda: actions.remove_second_factors(me, admin.pk),
        lambda: actions.edit_user(me, me.user_id or 0, role="administrator"),
    ):
        with pytest.raises(Forbidden):
            attempt()
    assert User.objects.filter(pk=admin.pk).values().get() == before


def test_nobody_puts_more_into_a_role_than_one_has() -> None:
    me = actors.actor("Half", audit_view=Level.DISABLED, customers_view=Level.OWNED)
    for grants in ({"audit_view": "all"}, {"customers_view": "all"}):
        with pytest.raises(Forbidden):
            actions.create_role(me, name="Mine", grants=grants)
    mightier = Role.objects.create(key="m", name="Mightier", grants={"audit_view": "all"})
    with pytest.raises(Forbidden):
        actions.edit_role(me, mightier.pk, grants={})
    with pytest.raises(Forbidden):
        actions.delete_role(me, mightier.pk)
    row = actions.create_role(me, name="Mine", grants={"customers_view": "owned"})
    with pytest.raises(Forbidden):
        actions.edit_role(me, row.pk, grants={"customers_view": "all"})
    assert Role.objects.get(pk=row.pk).grants == {"customers_view": "owned"}


def test_built_in_roles_cannot_be_changed_or_deleted() -> None:
    me, role = boss(), Role.objects.get(key="agent")
    with pytest.raises(Conflict):
        actions.edit_role(me, role.pk, name="Mine")
    with pytest.raises(Conflict):
        actions.delete_role(me, role.pk)


def test_a_role_in_use_is_not_deleted() -> None:
    me = boss()
    row = actions.create_role(me, name="Mine", grants={"catalog_view": "all"})
    user = make("a", str(row.pk))
    with pytest.raises(Conflict, match="1 user has"):
        actions.delete_role(me, row.pk)
    actions.edit_user(me, user.pk, role="agent")
    actions.delete_role(me, row.pk)
    with pytest.raises(NotFound):
        actions.delete_role(me, row.pk)


@pytest.mark.parametrize(
    ("grants", "field"), [({"fly": "all"}, "grants.fly"), ({"catalog_view": "owned"}, "grants.catalog_view")]
)
def test_unknown_keys_and_levels_are_refused_by_name(grants: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        actions.create_role(boss(), name="Mine", grants=grants)
    assert [e.field for e in refused.value.errors] == [field]


def test_the_last_administrator_stays() -> None:
    me = boss()
    second = make("second")
    actions.edit_user(me, second.pk, role="agent")
    with pytest.raises(Conflict, match="last administrator"):
        actions.edit_user(me, me.user_id or 0, role="agent")
    with pytest.raises(Conflict, match="last administrator"):
        actions.deactivate_user(SYSTEM, me.user_id or 0)
    assert User.objects.get(pk=me.user_id or 0).role.key == "administrator"


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_demote_each_other_at_once_leave_one() -> None:
    first, second = boss("first"), boss("second")
    barrier, results = threading.Barrier(2), []

    def demote(me: Actor, other: Actor) -> None:
        barrier.wait()
        try:
            actions.edit_user(me, other.user_id or 0, role="agent")
            results.append("done")
        except (Conflict, Forbidden) as problem:
            results.append(type(problem).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=demote, args=pair) for pair in ((first, second), (second, first))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["Conflict", "done"]
    assert User.objects.filter(role__key="administrator", is_active=True).count() == 1


def test_a_deactivated_user_is_out_at_once() -> None:
    me, user = boss(), make("a", "agent")
    browser = Browser()
    assert browser.sign_in(user.email).status_code == 200
    assert browser.send("GET", "/api/session").status_code == 200
    actions.deactivate_user(me, user.pk)
    assert browser.send("GET", "/api/session").status_code == 401
    assert Browser().sign_in(user.email).status_code == 401
    actions.activate_user(me, user.pk)
    assert Browser().sign_in(user.email).status_code == 200


def test_one_cannot_deactivate_oneself() -> None:
    me = boss()
    make("other")
    with pytest.raises(Conflict):
        actions.deactivate_user(me, me.user_id or 0)


def test_an_invitation_link_works_once_and_needs_a_sign_in_after() -> None:
    me = boss()
    user = actions.create_user(me, email="new@example.test", name="New", role="agent")
    key = actions.issue_reset_link(me, user.pk).url.rsplit("/", 1)[1]
    browser, path = Browser(), "/_allauth/browser/v1/auth/password/reset"
    assert browser.send("GET", path, **{"X-Password-Reset-Key": key}).status_code == 200
    assert browser.send("POST", path, {"key": key, "password": "short"}).status_code == 400
    assert browser.send("POST", path, {"key": key, "password": PASSWORD}).status_code == 401
    assert browser.send("GET", SESSION).data["meta"]["is_authenticated"] is False
    assert browser.send("POST", path, {"key": key, "password": "another phrase 99"}).status_code == 400
    assert browser.sign_in(user.email).status_code == 200


def test_creating_a_user_over_the_wire_gives_one_way_in() -> None:
    make("admin")
    browser = Browser()
    browser.sign_in("admin@example.test")
    new = {"email": "x@example.test", "name": "X", "role": "agent"}
    made = browser.send("POST", "/api/users", {**new, "invite": "password"})
    assert made.status_code == 201
    assert made.data["link"] is None
    password = made.data["one_time_password"]
    assert made.data["user"]["must_change_password"] is True
    assert Browser().sign_in("x@example.test", password).status_code == 200
    linked = browser.send("POST", "/api/users", {**new, "email": "y@example.test"}).data
    assert linked["one_time_password"] is None
    assert "/login/set-password/" in linked["link"]["url"]
    assert linked["link"]["mailed"] is False
    assert password not in str(list(AuditEntry.objects.values()))


def test_every_change_is_in_the_audit_trail_with_before_and_after() -> None:
    me, user = boss(), make("a", "agent")
    actions.edit_user(me, user.pk, name="Anna", role="analyst")
    entry = AuditEntry.objects.latest("seq")
    assert (entry.verb, entry.actor_name, entry.object_id) == ("accounts.edit_user", "boss", str(user.pk))
    assert entry.before == {"name": "a", "role": "Agent"}
    assert entry.after == {"name": "Anna", "role": "Analyst"}
    actions.edit_user(me, user.pk, name="Anna")
    assert AuditEntry.objects.latest("seq").pk == entry.pk


def test_profile_changes_only_oneself() -> None:
    user = make("a", "agent")
    browser = Browser()
    browser.sign_in(user.email)
    assert browser.send("PATCH", "/api/profile", {"name": "A", "time_zone": "Asia/Tokyo"}).status_code == 200
    wrong = browser.send("PATCH", "/api/profile", {"time_zone": "Nowhere"})
    assert (wrong.status_code, wrong.data["errors"][0]["field"]) == (422, "time_zone")
    browser.send("PATCH", "/api/profile", {"email": "b@example.test", "role": "administrator"})
    user.refresh_from_db()
    assert (user.name, user.time_zone, user.email, user.role.key) == ("A", "Asia/Tokyo", "a@example.test", "agent")
