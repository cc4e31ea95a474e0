"""Ready-made users for tests: one of every role."""

from __future__ import annotations

from ceap.accounts.contracts import PERMISSIONS, Actor, Level
from ceap.accounts.models import Role, User
from ceap.accounts.queries import actor_of
from ceap.kit.clock import now


def user(name: str = "Ada", *, email: str | None = None, level: Level = Level.ALL, **grants: Level) -> User:
    """A stored user whose role grants `level` for everything, except `grants`."""
    levels = {key: str(level if level in p.levels else Level.DISABLED) for key, p in PERMISSIONS.items()}
    levels |= {key: str(value) for key, value in grants.items()}
    role = Role.objects.create(key=f"role-{name.lower()}", name=f"Role of {name}", grants=levels)
    return User.objects.create(
        email=email or f"{name.lower()}@example.test", name=name, role=role, created_at=now(), password="!"
    )


def actor(name: str = "Ada", **kwargs: Level) -> Actor:
    """The actor of such a user."""
    return actor_of(user(name, **kwargs))
