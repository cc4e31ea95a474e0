"""Reads about users, keys, the organisation."""

from __future__ import annotations

from ceap.accounts.contracts import PERMISSIONS, Actor, Level
from ceap.accounts.models import ApiKey, Organisation, User


def actor_of(user: User) -> Actor:
    """The actor that `user` is, with the levels of the user's role."""
    grants = {key: Level(user.role.grants.get(key, Level.DISABLED)) for key in PERMISSIONS}
    return Actor("user", str(user.pk), user.name, grants, user.pk, user.time_zone)


def actor_of_key(key: ApiKey) -> Actor:
    """The actor that a service key is."""
    return Actor("key", str(key.pk), key.name, {k: Level(v) for k, v in key.grants.items()})


def organisation() -> Organisation:
    """The installation's organisation (defaults before it is saved)."""
    return Organisation.objects.first() or Organisation()


def setting(name: str) -> object:
    """An organisation setting, or its default from `rules.DEFAULTS`."""
    from ceap.accounts.rules import DEFAULTS

    return organisation().settings.get(name, DEFAULTS[name])
