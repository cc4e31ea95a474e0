"""Where the audit trail keeps what customers could be known by; tables and files of users and of the framework."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import QuerySet

from ceap.accounts.actions.redacting import redact
from ceap.accounts.queries import values_in_trail
from ceap.core import copies
from ceap.core.copies import Folder, Person, Table, listed
from ceap.core.retention import Order, kept

USERS = "of people who operate the product, not of customers"
OWN = "what the organisation itself set up"
TRAIL = "taken out; the entry, its hash and who did it when stay, and a later entry says what was left of it"

listed(
    Table(
        "accounts_auditentry",
        "at actor_kind actor_id actor_name verb object_kind previous_hash hash",
        f"who did what when: {USERS}; hashes are salted and the salt goes",
        key="seq",
        handled=dict.fromkeys(("object_id", "object_name", "before", "after", "salt"), TRAIL),
        excluded="The trail is of the organisation's own people; the values in it are the present or former fields.",
    ),
    Table("accounts_audithead", "seq hash signature", "numbers and hashes"),
    Table(
        "accounts_apikey",
        "name kind prefix digest sealed grants scopes created_at expires_at revoked_at last_used_at created_by_id",
        OWN,
    ),
    Table("accounts_cache", "value expires", f"counts of attempts to sign in, {USERS}", key="cache_key"),
    Table("accounts_organisation", "name time_zone currency scenario synthetic settings", OWN),
    Table("accounts_role", "key name description grants built_in", OWN),
    Table(
        "accounts_user",
        "password last_login email name time_zone language is_active must_change_password created_at role_id",
        USERS,
    ),
    Table("account_emailaddress", "verified primary user_id email", USERS),
    Table("account_emailconfirmation", "created sent key email_address_id", USERS),
    Table("auth_group", "name", OWN),
    Table("auth_group_permissions", "group_id permission_id", OWN),
    Table("auth_permission", "content_type_id codename name", "names of the framework"),
    Table("django_content_type", "app_label model", "names of the framework"),
    Table("django_migrations", "app name applied", "names of the framework"),
    Table("django_session", "session_data expire_date", USERS, key="session_key"),
    Table("mfa_authenticator", "type data user_id created_at last_used_at", USERS),
    Table("socialaccount_socialaccount", "provider uid last_login date_joined user_id extra_data", USERS),
    Table("socialaccount_socialapp", "provider name client_id secret key provider_id settings", OWN),
    Table("socialaccount_socialtoken", "token token_secret expires_at account_id app_id", USERS),
    Table("usersessions_usersession", "created_at ip last_seen_at session_key user_agent data user_id", USERS),
    Folder("secret.key", f"not personal: {OWN}"),
    Folder("settings.toml", f"not personal: {OWN}"),
    Folder("watermark.json", "not personal: counts and moments"),
    Folder("run/*", "not personal: which processes hold the home"),
    Folder("plugins/*", f"not personal: {OWN}"),
    Folder("logs/*", "overwritten: lines name no addresses or phone numbers, and what names the person is blanked"),
    Folder("store.sqlite3", "rewritten: see the tables; what was deleted goes with a VACUUM"),
    Folder("store.sqlite3-*", "cut: the store's log is emptied after the VACUUM"),
)

_PERSONAL = {"email": "email", "phone": "phone", "full_name": "name"} | dict.fromkeys(
    ("customer_id", "usernames", "username", "bsuid", "anonymous_id"), "id"
)


@copies.known_of
def _in_the_trail(cursor: Any, vendor: str, keys: Sequence[int]) -> dict[str, list[str]]:
    """Values that the customers had before."""
    found: dict[str, list[str]] = {kind: [] for kind in copies.KINDS}
    for field, values in values_in_trail("customer", keys).items():
        if field in _PERSONAL:
            found[_PERSONAL[field]] += values
    return found


@copies.step("the audit trail", order=5)
def _trail(person: Person) -> None:
    redact(person)


@copies.step("log files", order=20)
def _logs(person: Person) -> None:
    """Blank what names the person, in place: a process may be writing at the end."""
    from ceap.core.redaction import blank_in_place
    from ceap.kit.home import Home

    for file in sorted((Home.load().path / "logs").glob("*")):
        if file.is_file():
            blank_in_place(file, person.traces)


def _old_sign_ins(order: Order) -> QuerySet[Session]:
    return Session.objects.filter(expire_date__lt=order.before)


@kept("sign_in_days", "Ended sign-ins", count=lambda order: _old_sign_ins(order).count())
def _sign_ins_by_age(order: Order) -> Iterator[int]:
    UserSession.objects.filter(last_seen_at__lt=order.before).delete()
    yield _old_sign_ins(order).delete()[0]
