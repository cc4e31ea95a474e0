"""Create, edit and delete roles; keep the built-in ones as the code defines them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from ceap.accounts.actions.granting import require_within
from ceap.accounts.actions.trail import audit
from ceap.accounts.contracts import BUILT_IN_ROLES, Actor, Level
from ceap.accounts.models import Role
from ceap.accounts.rules import checked_grants
from ceap.kit.ids import uuid7
from ceap.kit.problem import Conflict, NotFound, invalid


def seed_roles(**_: Any) -> None:
    """Make the built-in roles, or bring them up to date with this version's permissions (after each migration)."""
    for role in BUILT_IN_ROLES:
        Role.objects.update_or_create(
            key=role.key,
            defaults={
                "name": role.name, "description": role.description, "built_in": True,
                "grants": {key: str(level) for key, level in role.grants.items()},
            },
        )  # fmt: skip


def create_role(actor: Actor, *, name: str, description: str = "", grants: Mapping[str, str]) -> Role:
    """A new role of the organisation.

    Raises:
        Forbidden: without "users_manage", or `grants` reach further than the actor's own.
        Invalid: name taken or empty, unknown key or level.
    """
    actor.require("users_manage", Level.ALL)
    checked = checked_grants(grants)
    require_within(actor, checked)
    with transaction.atomic():
        row = Role(
            key=str(uuid7()), name=_free_name(name), description=description.strip()[:250], grants=checked
        )  # fmt: skip
        row.save(force_insert=True)
        audit(actor, "accounts.create_role", "role", row.pk, row.name, after={"name": row.name, "grants": checked})
    return row


def edit_role(
    actor: Actor,
    role_id: UUID | str,
    *,
    name: str | None = None,
    description: str | None = None,
    grants: Mapping[str, str] | None = None,
) -> Role:
    """Change a role that is not built in; users who have it are affected with their next request.

    Raises:
        Forbidden: without "users_manage", or the role reaches further than the actor's own, before or after.
        Conflict: it is built in.
    """
    actor.require("users_manage", Level.ALL)
    with transaction.atomic():
        row = _changeable(actor, role_id)
        before = {"name": row.name, "description": row.description, "grants": row.grants}
        if name is not None and name.strip() != row.name:
            row.name = _free_name(name, except_id=row.pk)
        if description is not None:
            row.description = description.strip()[:250]
        if grants is not None:
            row.grants = checked_grants(grants)
            require_within(actor, row.grants)
        after = {"name": row.name, "description": row.description, "grants": row.grants}
        changed = [key for key in after if after[key] != before[key]]
        if changed:
            row.save(update_fields=changed)
            audit(
                actor, "accounts.edit_role", "role", row.pk, row.name,
                before={key: before[key] for key in changed}, after={key: after[key] for key in changed},
            )  # fmt: skip
    return row


def delete_role(actor: Actor, role_id: UUID | str) -> None:
    """Delete a role that nobody has.

    Raises:
        Forbidden: without "users_manage", or the role reaches further than the actor's own.
        Conflict: it is built in, or users have it.
    """
    actor.require("users_manage", Level.ALL)
    with transaction.atomic():
        row = _changeable(actor, role_id)
        users = row.users.count()
        if users:
            raise Conflict(f"{users} {'users have' if users > 1 else 'user has'} this role; give them another first.")
        audit(actor, "accounts.delete_role", "role", row.pk, row.name, before={"name": row.name, "grants": row.grants})
        row.delete()


def _changeable(actor: Actor, role_id: UUID | str) -> Role:
    row = Role.objects.select_for_update().filter(pk=role_id).first()
    if row is None:
        raise NotFound("There is no such role.")
    if row.built_in:
        raise Conflict("Built-in roles cannot be changed; make a copy and change that.")
    require_within(actor, row.grants)
    return row


def _free_name(name: str, except_id: UUID | None = None) -> str:
    name = name.strip()
    if not 1 <= len(name) <= 60:
        raise invalid("name", "Give a name of at most 60 characters.")
    if any(pk != except_id for pk in Role.objects.filter(name__iexact=name).values_list("pk", flat=True)):
        raise invalid("name", "There is a role of this name already.")
    return name
