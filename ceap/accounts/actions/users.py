"""Create, change, deactivate users; hand out the first password."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID
from zoneinfo import available_timezones

from allauth.account.app_settings import PASSWORD_RESET_TOKEN_GENERATOR
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from ceap.accounts.actions.granting import require_within
from ceap.accounts.actions.trail import audit
from ceap.accounts.contracts import ADMINISTRATOR, SYSTEM, Actor, Level, ResetLink
from ceap.accounts.models import Role, User
from ceap.accounts.queries import organisation
from ceap.core import addresses
from ceap.core.values import text
from ceap.kit.clock import now
from ceap.kit.problem import Conflict, Forbidden, NotFound, invalid

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that reads like something else


def one_time_password() -> str:
    """A random password of 99 bits, easy to type: "k7m2p-…"."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))


def create_administrator(email: str, name: str) -> str:
    """A new administrator, made at the console.

    Returns:
        The one-time password; it must be changed at the first login.

    Raises:
        Invalid: the address is taken or not one, the name is empty.
    """
    password = one_time_password()
    create_user(SYSTEM, email=email, name=name, role=ADMINISTRATOR, password=password, must_change_password=True)
    return password


def create_user(
    actor: Actor,
    *,
    email: str,
    name: str,
    role: UUID | str,
    time_zone: str | None = None,
    password: str | None = None,
    must_change_password: bool = False,
) -> User:
    """A new user; without `password` nobody can sign in until a reset link has been used.

    `role` is a role's id, or the key of a built-in one; `time_zone` IANA, else the organisation's.

    Raises:
        Forbidden: without "users_manage", or the role reaches further than the actor's own.
        Invalid: naming the field.
    """
    actor.require("users_manage", Level.ALL)
    with transaction.atomic():
        given = find_role(role)
        require_within(actor, given.grants, role=given.key)
        user = User(
            email=_free(_email(email)), name=_name(name), role=given, created_at=now(),
            time_zone=_zone(time_zone or organisation().time_zone), must_change_password=must_change_password,
        )  # fmt: skip
        if password is None:
            user.set_unusable_password()
        else:
            try:
                validate_password(password, user)
            except ValidationError as error:
                raise invalid("password", " ".join(error.messages)) from error
            user.set_password(password)
        user.save(force_insert=True)
        audit(
            actor, "accounts.create_user", "user", user.pk, user.name,
            after={"email": user.email, "name": user.name, "role": given.name, "time_zone": user.time_zone},
        )  # fmt: skip
    return user


def edit_user(
    actor: Actor,
    user_id: int | str,
    *,
    name: str | None = None,
    email: str | None = None,
    role: UUID | str | None = None,
    time_zone: str | None = None,
) -> User:
    """Change a user.

    Raises:
        Forbidden: without "users_manage", or the user's role, before or after, reaches further than the actor's own.
        Conflict: it is the last administrator's role that would change.
        Invalid: naming the field.
    """
    with transaction.atomic():
        user = _manageable(actor, user_id)
        before = _facts(user)
        if name is not None:
            user.name = _name(name)
        if email is not None and (address := _email(email)) != user.email:
            user.email = _free(address)
        if time_zone is not None:
            user.time_zone = _zone(time_zone)
        if role is not None and (given := find_role(role)).pk != user.role_id:
            require_within(actor, given.grants, role=given.key)
            _keep_an_administrator(user)
            user.role = given
        _save_and_audit(actor, "accounts.edit_user", user, before)
    return user


def change_profile(actor: Actor, *, name: str | None = None, time_zone: str | None = None) -> User:
    """Change one's own name and time zone.

    Raises:
        Forbidden: the actor is no user.
        Invalid: naming the field.
    """
    if actor.user_id is None:
        raise Forbidden("Only users have a profile.")
    with transaction.atomic():
        user = User.objects.select_for_update(of=("self",)).select_related("role").get(pk=actor.user_id)
        before = _facts(user)
        user.name = user.name if name is None else _name(name)
        user.time_zone = user.time_zone if time_zone is None else _zone(time_zone)
        _save_and_audit(actor, "accounts.change_profile", user, before)
    return user


def deactivate_user(actor: Actor, user_id: int | str) -> User:
    """Shut a user out at once: sessions end, links die. What the user made stays.

    Raises:
        Conflict: it is oneself, or the last administrator.
    """
    with transaction.atomic():
        user = _manageable(actor, user_id)
        if user.pk == actor.user_id:
            raise Conflict("You cannot deactivate yourself; ask another administrator.")
        if user.is_active:
            _keep_an_administrator(user)
            before = _facts(user)
            user.is_active = False
            _save_and_audit(actor, "accounts.deactivate_user", user, before)
            end_sessions(user)
    return user


def activate_user(actor: Actor, user_id: int | str) -> User:
    """Let a deactivated user in again."""
    with transaction.atomic():
        user = _manageable(actor, user_id)
        before = _facts(user)
        user.is_active = True
        _save_and_audit(actor, "accounts.activate_user", user, before)
    return user


def issue_reset_link(actor: Actor, user_id: int | str) -> ResetLink:
    """A link with which the user sets a (new) password: for invitations and forgotten passwords.

    Raises:
        Conflict: the user is deactivated.
    """
    with transaction.atomic():
        user = _manageable(actor, user_id)
        if not user.is_active:
            raise Conflict("This user is deactivated; activate the user first.")
        audit(actor, "accounts.issue_reset_link", "user", user.pk, user.name)
    token = PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    url = f"{settings.HOME.app_url}/login/set-password/{user_pk_to_url_str(user)}-{token}"
    return ResetLink(url, now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT))


def remove_second_factors(actor: Actor, user_id: int | str) -> User:
    """Remove a user's authenticator app, passkeys and recovery codes (lost phone), and end the sessions."""
    with transaction.atomic():
        user = _manageable(actor, user_id)
        kinds = sorted(Authenticator.objects.filter(user=user).values_list("type", flat=True))
        Authenticator.objects.filter(user=user).delete()
        audit(actor, "accounts.remove_second_factors", "user", user.pk, user.name, before={"factors": kinds})
        end_sessions(user)
    return user


def end_sessions(user: User, keep: str | None = None) -> int:
    """End the user's sessions, except the one with key `keep`.

    Returns:
        How many ended.
    """
    ended = 0
    for session in UserSession.objects.filter(user=user).exclude(session_key=keep or ""):
        session.end()
        ended += 1
    return ended


def find_role(role: UUID | str) -> Role:
    """The role with this id, or the built-in one with this key.

    Raises:
        Invalid: there is none.
    """
    found = Role.objects.filter(key=str(role)).first()
    if found is None:
        try:
            found = Role.objects.filter(pk=role).first()
        except ValidationError:
            found = None
    if found is None:
        raise invalid("role", "There is no such role.")
    return found


def _manageable(actor: Actor, user_id: int | str) -> User:
    actor.require("users_manage", Level.ALL)
    users = User.objects.select_for_update(of=("self",)).select_related("role")
    user = users.filter(pk=user_id).first() if str(user_id).isdecimal() else None
    if user is None:
        raise NotFound("There is no such user.")
    require_within(actor, user.role.grants, role=user.role.key)
    return user


def _keep_an_administrator(user: User) -> None:
    """Refuse when nobody else could manage users; writers who check this wait for each other."""
    role = Role.objects.select_for_update().get(key=ADMINISTRATOR)
    others = User.objects.filter(role=role, is_active=True).exclude(pk=user.pk)
    if user.role_id == role.pk and user.is_active and not others.exists():
        raise Conflict("This is the last administrator; make somebody else an administrator first.")


def _facts(user: User) -> dict[str, object]:
    return {
        "name": user.name, "email": user.email, "role": user.role.name, "time_zone": user.time_zone,
        "is_active": user.is_active,
    }  # fmt: skip


def _save_and_audit(actor: Actor, verb: str, user: User, before: dict[str, object]) -> None:
    after = _facts(user)
    changed = [key for key in after if after[key] != before[key]]
    if not changed:
        return
    user.save(update_fields=changed)
    audit(
        actor, verb, "user", user.pk, user.name,
        before={key: before[key] for key in changed}, after={key: after[key] for key in changed},
    )  # fmt: skip


def _name(name: str) -> str:
    try:
        name = " ".join(text.visible(name).split())
    except ValueError as wrong:
        raise invalid("name", f"The name {wrong}.") from None
    if not 1 <= len(name) <= 120:
        raise invalid("name", "Give a name of at most 120 characters.")
    return name


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise invalid("time_zone", "Give an IANA time zone like Europe/Berlin.")
    return name


def _email(email: str) -> str:
    try:
        email = addresses.email(text.visible(email))
        validate_email(email)
    except (ValueError, ValidationError) as error:
        raise invalid("email", "This is not an email address.") from error
    if len(email) > 254:
        raise invalid("email", "This is not an email address.")
    return email


def _free(email: str) -> str:
    if User.objects.filter(email=email).exists():
        raise invalid("email", "There is a user with this address already.")
    return email
