"""API keys: shown once, bounded by who made them, refused loudly."""

from __future__ import annotations

import importlib
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.test import Client

from ceap.accounts import actions
from ceap.accounts.contracts import SYSTEM, Level
from ceap.accounts.models import ApiKey, AuditEntry
from ceap.kit.clock import frozen, now
from ceap.kit.ids import digest
from ceap.kit.problem import Forbidden, Invalid, NotFound
from ceap.kit.seal import unseal
from tests import actors

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


def ask(secret: str, method: str = "get", path: str = "/api/session", **kwargs: Any) -> Any:
    client = Client(enforce_csrf_checks=True)
    return getattr(client, method)(path, headers={"Authorization": f"Bearer {secret}"}, **kwargs)


def service(**kwargs: Any) -> tuple[ApiKey, str]:
    return actions.create_key(SYSTEM, name="K", kind="service", grants={"users_manage": "all"}, **kwargs)


@pytest.mark.parametrize("kind", ["service", "server"])
def test_only_the_digest_of_a_secret_and_a_sealed_key_are_kept(kind: str) -> None:
    what: dict[str, Any] = {"scopes": ["events:write"]} if kind == "server" else {"grants": {"users_manage": "all"}}
    key, secret = actions.create_key(SYSTEM, name="K", kind=kind, **what)
    row = ApiKey.objects.values().get(pk=key.pk)
    assert row["digest"] == sha256(sha256(secret.encode()).hexdigest().encode()).hexdigest() == digest(secret)
    assert sha256(secret.encode()).hexdigest() not in str(row)
    assert secret not in str(row)
    assert secret not in str(list(AuditEntry.objects.values()))
    assert secret.startswith(row["prefix"])
    assert len(secret) > len(row["prefix"]) + 25


def test_a_service_key_has_its_permissions_and_no_more() -> None:
    _, secret = service()
    assert ask(secret).json()["user"]["kind"] == "key"
    assert ask(secret, path="/api/users").status_code == 200
    assert ask(secret, path="/api/audit").status_code == 403


def test_a_service_key_writes_without_a_csrf_token() -> None:
    key, secret = actions.create_key(SYSTEM, name="K", kind="service", grants={"settings_manage": "all"})
    answer = ask(secret, "patch", "/api/organisation", data={"name": "New"}, content_type="application/json")
    assert (answer.status_code, answer.json()["name"]) == (200, "New")
    entry = AuditEntry.objects.latest("seq")
    assert (entry.actor_kind, entry.actor_id) == ("key", str(key.pk))


def test_a_wrong_key_beside_a_good_session_is_refused() -> None:
    client = Client()
    client.force_login(actors.user(), "allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/api/session").status_code == 200
    assert client.get("/api/session", headers={"Authorization": "Bearer ceap_sk_wrong"}).status_code == 401


def test_revoked_expired_unknown_and_data_plane_keys_are_refused_and_audited_once_a_minute() -> None:
    revoked, revoked_secret = service()
    actions.revoke_key(SYSTEM, revoked.pk)
    expired, expired_secret = service(expires_at=now() + timedelta(hours=1))
    _, server_secret = actions.create_key(SYSTEM, name="S", kind="server", scopes=["events:write"])
    before = AuditEntry.objects.count()
    with frozen(now() + timedelta(hours=2)):
        for _ in range(3):
            for secret in (revoked_secret, expired_secret, server_secret, "ceap_sk_unknown"):
                assert ask(secret).status_code == 401
    found = AuditEntry.objects.filter(verb="accounts.refuse_key").order_by("seq")
    assert [(e.object_id, e.after["reason"]) for e in found] == [  # type: ignore[index]
        (str(revoked.pk), "revoked"), (str(expired.pk), "expired"), ("", "unknown"),
    ]  # fmt: skip
    assert AuditEntry.objects.count() == before + 3


def test_last_use_is_kept_to_the_minute() -> None:
    key, secret = service()
    start = now()
    for seconds, expected in ((0, 0), (30, 0), (90, 90)):
        with frozen(start + timedelta(seconds=seconds)):
            ask(secret)
        key.refresh_from_db()
        assert key.last_used_at == start + timedelta(seconds=expected)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"kind": "golden"}, "kind"),
        ({"grants": {}}, "grants"),
        ({"grants": {"fly": "all"}}, "grants.fly"),
        ({"grants": {"customers_view": "owned"}}, "grants.customers_view"),
        ({"scopes": ["events:write"]}, "grants"),
        ({"kind": "server"}, "grants"),
        ({"kind": "server", "grants": {}}, "scopes"),
        ({"kind": "browser", "grants": {}, "scopes": ["everything"]}, "scopes"),
        ({"expires_at": now() - timedelta(days=1)}, "expires_at"),
    ],
)
def test_a_wrong_field_is_named_and_no_key_is_made(change: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        actions.create_key(SYSTEM, **{"name": "K", "kind": "service", "grants": {"catalog_view": "all"}, **change})
    assert [e.field for e in refused.value.errors] == [field]
    assert ApiKey.objects.count() == 0


def test_a_key_never_reaches_further_than_who_makes_it() -> None:
    me = actors.actor("Half", audit_view=Level.DISABLED)
    with pytest.raises(Forbidden, match="Read the audit trail"):
        actions.create_key(me, name="K", kind="service", grants={"audit_view": "all"})
    assert ApiKey.objects.count() == 0


def test_revoking_twice_is_one_change_and_a_stranger_is_not_found() -> None:
    key, _ = service()
    first = actions.revoke_key(SYSTEM, key.pk).revoked_at
    count = AuditEntry.objects.count()
    assert actions.revoke_key(SYSTEM, key.pk).revoked_at == first
    assert AuditEntry.objects.count() == count
    for stranger in ("01a1fd87-785b-75a3-8b42-c339f2abf340", "no uuid"):
        with pytest.raises(NotFound):
            actions.revoke_key(SYSTEM, stranger)


def test_keys_page_by_cursor_and_damaged_cursors_are_refused() -> None:
    client = Client()
    client.force_login(actors.user(), "allauth.account.auth_backends.AuthenticationBackend")
    made = [str(service()[0].pk) for _ in range(53)]
    first = client.get("/api/keys").json()
    second = client.get("/api/keys", {"cursor": first["next"]}).json()
    assert [k["id"] for k in first["items"] + second["items"]] == made[::-1]
    assert (second["next"], second["total"]) == (None, 53)
    for cursor in ("rubbish", "WyJhIl0", "WzEsMl0"):
        assert client.get("/api/keys", {"cursor": cursor}).status_code == 422


def test_a_wrong_key_from_no_known_address_is_refused_and_audited() -> None:
    client = Client(REMOTE_ADDR="", raise_request_exception=False)
    refused = client.get("/api/session", headers={"Authorization": "Bearer ceap_sk_wrong"})
    assert (refused.status_code, refused["Content-Type"]) == (401, "application/problem+json")
    assert AuditEntry.objects.latest("seq").after == {"from": "", "reason": "unknown"}


@pytest.mark.parametrize("proxies", [0, 2])
def test_signing_in_from_no_known_address_is_forbidden(proxies: int, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    client = Client(REMOTE_ADDR="", raise_request_exception=False, headers={"X-Forwarded-For": "127.0.0.1"})
    body = {"email": actors.user().email, "password": "wrong"}
    refused = client.post("/_allauth/browser/v1/auth/login", body, "application/json")
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")


@pytest.mark.parametrize("words", ["Not from here.", ""])
def test_what_django_denies_inside_the_api_is_forbidden(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(*_: Any) -> None:
        raise PermissionDenied(words)

    monkeypatch.setattr("ceap.accounts.authentication.actor_of_key", deny)
    refused = Client(raise_request_exception=False).get(
        "/api/session", headers={"Authorization": f"Bearer {service()[1]}"}
    )
    assert (refused.status_code, refused.json()["detail"]) == (403, words or "You may not do this.")


def test_keys_of_before_are_found_and_vouch_for_customers_as_they_did() -> None:
    moved = importlib.import_module("ceap.accounts.migrations.0004_sealed_keys")
    old = {"name": "K", "created_at": now()}
    server = ApiKey.objects.create(kind="server", prefix="a", digest=sha256(b"one").hexdigest(), **old)
    service = ApiKey.objects.create(kind="service", prefix="b", digest=sha256(b"two").hexdigest(), **old)
    moved.separate(apps, None)
    server.refresh_from_db()
    service.refresh_from_db()
    assert (server.digest, service.digest) == (digest("one"), digest("two"))
    assert unseal(settings.HOME.secret, server.sealed) == {"key": sha256(b"one").hexdigest()}
    assert bytes(service.sealed) == b""
