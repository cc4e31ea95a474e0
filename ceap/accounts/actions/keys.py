"""Make and revoke API keys; note their use and misuse."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from ceap.accounts.actions.granting import require_within
from ceap.accounts.actions.trail import audit
from ceap.accounts.contracts import API_KEYS, SCOPE_NEEDS, SCOPES, Actor, KeyKind, Level
from ceap.accounts.models import ApiKey
from ceap.accounts.queries import organisation
from ceap.accounts.rules import checked_grants
from ceap.kit.clock import now
from ceap.kit.ids import digest, signing_key
from ceap.kit.moments import usable
from ceap.kit.problem import NotFound, invalid
from ceap.kit.seal import seal

_MARK = {KeyKind.SERVICE: "ceap_sk_", KeyKind.SERVER: "ceap_srv_", KeyKind.BROWSER: "ceap_pub_"}
_NOTED_EVERY = timedelta(minutes=1)
STRANGER = Actor("key", "", "an unknown key")


def create_key(
    actor: Actor,
    *,
    name: str,
    kind: str,
    grants: Mapping[str, str] | None = None,
    scopes: Iterable[str] | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key: `grants` (permission key → "all") for kind "service"; `scopes` for "server" and "browser".

    Returns:
        The key and its secret, which is not kept: show it once.

    Raises:
        Forbidden: without "keys_manage", or grants or scopes reach further than the actor's own.
        Invalid: naming the field.
    """
    actor.require("keys_manage", Level.ALL)
    name = " ".join(name.split())
    if not 1 <= len(name) <= 80:
        raise invalid("name", "Give a name of at most 80 characters.")
    if kind not in KeyKind.__members__.values():
        raise invalid("kind", "A key is for one of: service, server, browser.")
    service = kind == KeyKind.SERVICE
    checked = checked_grants(grants or {}, owned=False)
    wanted = sorted(set(scopes or ()))
    if checked and not service:
        raise invalid("grants", "Only service keys have permissions; give scopes.")
    if service and (wanted or not checked):
        raise invalid("grants", "Give a service key at least one permission, and no scopes.")
    if not service and (not wanted or not set(wanted) <= SCOPES.keys()):
        raise invalid("scopes", f"Give at least one of: {', '.join(SCOPES)}.")
    if expires_at is not None and usable("expires_at", expires_at).tzinfo is None:
        expires_at = expires_at.replace(tzinfo=ZoneInfo(organisation().time_zone))
    if expires_at is not None and expires_at <= now():
        raise invalid("expires_at", "This moment has passed already.")
    require_within(actor, checked, wanted, role=API_KEYS if _reads_customers(checked, wanted) else "")
    secret = _MARK[KeyKind(kind)] + secrets.token_urlsafe(32)
    with transaction.atomic():
        row = ApiKey.objects.create(
            name=name, kind=kind, prefix=secret[:14], digest=digest(secret), grants=checked, scopes=wanted,
            sealed=sealed_key(kind, signing_key(secret)), created_by_id=actor.user_id, created_at=now(),
            expires_at=expires_at,
        )  # fmt: skip
        audit(
            actor, "accounts.create_key", "key", row.pk, str(row),
            after={"kind": kind, "grants": checked, "scopes": wanted, "expires_at": expires_at},
        )  # fmt: skip
    return row, secret


def sealed_key(kind: str, signing: str) -> bytes:
    """What is kept of a key's `signing_key`: of server keys, which vouch for customers; of others nothing."""
    return seal(settings.HOME.secret, {"key": signing}) if kind == KeyKind.SERVER else b""


def _reads_customers(grants: Mapping[str, str], scopes: Iterable[str]) -> bool:
    return "customers_view" in {*grants, *(key for scope in scopes for key in SCOPE_NEEDS[scope])}


def revoke_key(actor: Actor, key_id: UUID | str) -> ApiKey:
    """Refuse the key from now on. Revoking again changes nothing.

    Raises:
        NotFound: there is no such key.
    """
    actor.require("keys_manage", Level.ALL)
    with transaction.atomic():
        try:
            row = ApiKey.objects.select_for_update().filter(pk=key_id).first()
        except ValidationError:  # not even a UUID
            row = None
        if row is None:
            raise NotFound("There is no such key.")
        if row.revoked_at is None:
            row.revoked_at = now()
            row.save(update_fields=["revoked_at"])
            audit(actor, "accounts.revoke_key", "key", row.pk, str(row))
    return row


def note_key_use(key: ApiKey) -> None:
    """Keep when the key was last used, to the minute."""
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now() - _NOTED_EVERY)
    if key.last_used_at is None or key.last_used_at < now() - _NOTED_EVERY:
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now())


def refuse_key(key: ApiKey | None, reason: str, source: str) -> None:
    """Put a refused key into the audit trail, at most once a minute for each key and source address."""
    name = str(key) if key else ""
    if not cache.add(f"key-refused:{key.pk if key else ''}:{source}", 1, _NOTED_EVERY.total_seconds()):
        return
    actor = Actor("key", str(key.pk), key.name) if key else STRANGER
    with transaction.atomic():
        audit(actor, "accounts.refuse_key", "key", actor.id, name, after={"reason": reason, "from": source})
