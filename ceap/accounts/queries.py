"""Reads about users, roles, keys, the organisation and the audit trail."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from operator import or_
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Count, Model, Q, QuerySet
from django.utils.module_loading import import_string

from ceap.accounts.contracts import API_KEYS, BUILT_IN_ROLES, PERMISSIONS, SYSTEM, Actor, Level
from ceap.accounts.models import ApiKey, AuditEntry, Organisation, Role, User
from ceap.accounts.rules import DEFAULTS
from ceap.kit import pagination
from ceap.kit.problem import Forbidden, NotFound

CHANGED = "accounts.change_organisation"  # the verb of a change of settings
OF_ACCOUNTS = ("user", "role", "key", "organisation")  # kinds of things in the trail that hold nothing of customers
_shown: list[str] = []
_told: list[str] = []
_compared: list[str] = []

Row = TypeVar("Row", bound=Model)


def reached(actor: Actor, key: str, rows: QuerySet[Row], owner: str = "created_by_id") -> QuerySet[Row]:
    """Those of `rows` that the permission `key` reaches: all of them, the actor's own (by column `owner`), or none."""
    level = actor.level(key)
    if level is Level.ALL:
        return rows
    return rows.filter(**{owner: actor.user_id}) if level is Level.OWNED and actor.user_id else rows.none()


def actor_of(user: User) -> Actor:
    """The actor that `user` is, with the levels of the user's role."""
    grants = {key: Level(user.role.grants.get(key, Level.DISABLED)) for key in PERMISSIONS}
    return Actor("user", str(user.pk), user.name, grants, user.pk, user.time_zone, user.role.key)


def actor_of_key(key: ApiKey) -> Actor:
    """The actor that a service key is."""
    grants = {k: Level(v) for k, v in key.grants.items()}
    return Actor("key", str(key.pk), key.name, grants, role=API_KEYS)


def actor_by(kind: str, id: str) -> Actor:
    """The actor that was noted as (`kind`, `id`), with what it may do now; for work done later in its name.

    Raises:
        Forbidden: the user or key is no longer active.
    """
    if kind == "system":
        return SYSTEM
    if kind == "user" and (user := User.objects.select_related("role").filter(pk=id, is_active=True).first()):
        return actor_of(user)
    if kind == "key" and (key := ApiKey.objects.filter(pk=id, revoked_at=None).first()):
        return actor_of_key(key)
    raise Forbidden("Whoever asked for this is no longer active.")


def organisation() -> Organisation:
    """The installation's organisation (defaults before it is saved)."""
    return Organisation.objects.first() or Organisation()


def setting(name: str) -> object:
    """An organisation setting, or its default from `rules.DEFAULTS`."""
    return organisation().settings.get(name, DEFAULTS[name])


def settings_of(row: Organisation) -> dict[str, object]:
    """Every organisation setting with its value or default."""
    return {**DEFAULTS, **row.settings}


def zone_and_settings() -> tuple[str, dict[str, object]]:
    """The organisation's time zone and settings for who asks at each hand-over of a few messages: 0.05 ms, not 0.5."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT time_zone, settings FROM {Organisation._meta.db_table} ORDER BY id LIMIT 1")
        zone, said = cursor.fetchone() or (Organisation().time_zone, "{}")
    return zone, {**DEFAULTS, **json.loads(said)}


def last_changes_of_settings() -> dict[str, AuditEntry]:
    """The newest entry of the trail about each setting that was ever changed, by its key."""
    newest: dict[str, AuditEntry] = {}
    rows = AuditEntry.objects.filter(verb=CHANGED, object_kind="organisation").order_by("-seq")
    for entry in rows.only("seq", "at", "actor_name", "after").iterator():
        for key in entry.after or {}:
            newest.setdefault(key, entry)
    return newest


def mail_is_configured() -> bool:
    """Whether mail about accounts can be sent (home setting `smtp_host`)."""
    return bool(settings.EMAIL_HOST)


def users_visible_to(actor: Actor) -> QuerySet[User]:
    """Every user, for those who manage users.

    Raises:
        Forbidden: without "users_manage".
    """
    actor.require("users_manage", Level.ALL)
    factors = Count("authenticator", distinct=True)
    return User.objects.select_related("role").annotate(factors=factors).order_by("name", "pk")


def users_page(
    actor: Actor, *, q: str = "", active: bool | None = None, cursor: str | None = None
) -> tuple[list[User], str | None, int]:
    """A page of users by name, the cursor of the next, and how many match in all."""
    rows = users_visible_to(actor)
    if q.strip():
        rows = rows.filter(Q(name__icontains=q.strip()) | Q(email__icontains=q.strip()))
    if active is not None:
        rows = rows.filter(is_active=active)
    return *pagination.page(rows, "name", cursor=cursor, limit=pagination.PAGE_SIZE), rows.count()


def user(actor: Actor, user_id: int | str) -> User:
    """One user, with the number of second `factors`.

    Raises:
        NotFound: there is none.
    """
    row = users_visible_to(actor).filter(pk=user_id).first() if str(user_id).isdecimal() else None
    if row is None:
        raise NotFound("There is no such user.")
    return row


def user_with_email(email: str) -> User:
    """The user who signs in with `email` (for the console).

    Raises:
        NotFound: there is none.
    """
    row = User.objects.select_related("role").filter(email=email.strip().lower()).first()
    if row is None:
        raise NotFound(f"Nobody signs in with {email}.")
    return row


def role_names() -> dict[str, str]:
    """Every role's name by its key, and that of the API keys: names of roles are no secret inside an organisation."""
    return dict(Role.objects.order_by("name").values_list("key", "name")) | {API_KEYS: "API keys"}


def people() -> QuerySet[User]:
    """The active users, for pickers of owners and assignees: name and id are no secret inside an organisation."""
    return User.objects.filter(is_active=True).order_by("name", "pk").only("pk", "name")


def has_users() -> bool:
    """Whether anybody could sign in; False right after `ceap init`."""
    return User.objects.exists()


def roles_visible_to(actor: Actor) -> QuerySet[Role]:
    """Every role with the number of its `members`, for those who manage users.

    Raises:
        Forbidden: without "users_manage".
    """
    actor.require("users_manage", Level.ALL)
    return Role.objects.annotate(members=Count("users"))


def roles(actor: Actor) -> list[Role]:
    """The built-in roles in the order of their definition, then the others by name."""
    order = {role.key: number for number, role in enumerate(BUILT_IN_ROLES)}
    return sorted(roles_visible_to(actor), key=lambda role: (order.get(role.key, len(order)), role.name.lower()))


def role(actor: Actor, role_id: UUID | str) -> Role:
    """One role.

    Raises:
        NotFound: there is none.
    """
    row = roles_visible_to(actor).filter(pk=role_id).first()
    if row is None:
        raise NotFound("There is no such role.")
    return row


def keys_visible_to(actor: Actor) -> QuerySet[ApiKey]:
    """Every API key, newest first, revoked ones too.

    Raises:
        Forbidden: without "keys_manage".
    """
    actor.require("keys_manage", Level.ALL)
    return ApiKey.objects.select_related("created_by").order_by("-created_at", "-id")


def keys_page(actor: Actor, cursor: str | None = None) -> tuple[list[ApiKey], str | None, int]:
    """A page of keys, newest first, the cursor of the next, and how many there are."""
    rows = keys_visible_to(actor)
    return *pagination.page(rows, "-created_at", cursor=cursor, limit=pagination.PAGE_SIZE), rows.count()


def audit_visible_to(
    actor: Actor,
    *,
    actor_id: str | None = None,
    verb: str | None = None,
    kind: str | None = None,
    object_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[AuditEntry]:
    """The audit trail, newest first. `verb` may be a beginning ("accounts."); `since` ≤ at < `until`.

    Who may not see every customer reads what is about users, roles, keys and settings, what `actor` did, and what is
    about customers that `actor` may see; nothing else, for entries hold names, addresses and rules.

    Raises:
        Forbidden: without "audit_view".
    """
    actor.require("audit_view", Level.ALL)
    rows = AuditEntry.objects.order_by("-seq")
    if actor.customers_seen != "all":
        told = Q(object_kind__in=OF_ACCOUNTS) | Q(actor_kind=actor.kind, actor_id=actor.id)
        rows = rows.filter(reduce(or_, (import_string(path)(actor) for path in _told), told))
    wanted = {
        "actor_id": actor_id, "verb__startswith": verb, "object_kind": kind, "object_id": object_id,
        "at__gte": since, "at__lt": until,
    }  # fmt: skip
    return rows.filter(**{name: value for name, value in wanted.items() if value is not None and value != ""})


def audit_told_by(path: str) -> None:
    """Register which entries are about what an actor may see who may not see every customer, by its dotted path.

    It is called with the actor and returns a condition (Q) on entries.
    """
    _told.append(path)


def done_by(actor: Actor, verb: str) -> QuerySet[AuditEntry, str]:
    """The ids of the things to which `actor` did `verb`, as text."""
    return AuditEntry.objects.filter(actor_kind=actor.kind, actor_id=actor.id, verb=verb).values_list(
        "object_id", flat=True
    )


def values_in_trail(kind: str, keys: Iterable[object]) -> dict[str, list[str]]:
    """What the entries about things of `kind` say that these had and have, by field or kind of identity: text only."""
    found: dict[str, list[str]] = {}
    rows = AuditEntry.objects.filter(object_kind=kind, object_id__in=[str(key) for key in keys])
    for values in (each for row in rows.values_list("before", "after") for each in row if isinstance(each, dict)):
        for field, value in values.items():
            if isinstance(value, str):
                found.setdefault(field, []).append(value)
    return found


def audit_shown_by(shown: str) -> None:
    """Register what takes out of entries of the trail what an actor may not see, by its dotted path.

    It is called with the actor and entries that are about to be shown (never saved), and changes them in place.
    """
    _shown.append(shown)


def audit_shown(actor: Actor, entries: list[AuditEntry]) -> list[AuditEntry]:
    """The entries as `actor` may read them."""
    for path in _shown:
        import_string(path)(actor, entries)
    return entries


def roles_compared_by(path: str) -> None:
    """Register what knows more of roles than their permissions, by its dotted path.

    It is called with an actor and the key of a role, and says whether that role sees what the actor does not.
    """
    _compared.append(path)


def role_sees_more(actor: Actor, role: str) -> bool:
    """Whether a role sees what `actor` does not, whatever its permissions are."""
    return any(import_string(path)(actor, role) for path in _compared)


def work_addresses() -> list[str]:
    """The email addresses of the active users."""
    return list(User.objects.filter(is_active=True).values_list("email", flat=True))


def user_names() -> dict[int, str]:
    """The name of every user there ever was, by id."""
    return dict(User.objects.values_list("pk", "name"))


def users_by_name() -> dict[str, int]:
    """Active users by what people call them: id, email and name, in lower case (a name of two users names nobody)."""
    rows = list(User.objects.filter(is_active=True).values_list("pk", "email", "name"))
    names = [name.lower() for _, _, name in rows]
    found = {name: pk for (pk, _, _), name in zip(rows, names, strict=True) if names.count(name) == 1}
    return found | {email.lower(): pk for pk, email, _ in rows} | {str(pk): pk for pk, _, _ in rows}
