"""Signing in with a password."""

from __future__ import annotations

import pytest

from ceap.accounts.actions import create_administrator
from ceap.accounts.models import AuditEntry, Role, User
from tests.accounts.browser import Browser

pytestmark = pytest.mark.django_db


def test_the_built_in_roles_are_there_after_migrating() -> None:
    keys = {"administrator", "marketing_manager", "marketing_executive", "analyst", "agent"}
    assert set(Role.objects.filter(built_in=True).values_list("key", flat=True)) == keys


def test_a_new_administrator_must_choose_a_password_before_anything_else() -> None:
    password = create_administrator("Root@Example.test", "Root")
    browser = Browser()
    assert browser.sign_in("root@example.test", password).status_code == 200
    assert browser.send("GET", "/api/session").data["user"]["role"] == "Administrator"
    refused = browser.send("GET", "/api/jobs/1")
    assert refused.status_code == 403
    assert refused.data["type"] == "urn:ceap:problem:MustChangePassword"
    same = {"current_password": password, "new_password": password}
    change = "/_allauth/browser/v1/account/password/change"
    assert browser.send("POST", change, same).status_code == 400
    assert browser.send("POST", change, {**same, "new_password": "quite another phrase 7"}).status_code == 200
    assert not User.objects.get().must_change_password
    assert browser.send("GET", "/api/jobs/1").status_code != 403
    assert AuditEntry.objects.filter(verb="accounts.change_password").count() == 1
