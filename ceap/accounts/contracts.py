"""Who acts, and what they may do: permission keys with levels, and the actor every action is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ceap.kit.problem import Forbidden


class Level(StrEnum):
    """How far a permission reaches."""

    ALL = "all"
    OWNED = "owned"
    DISABLED = "disabled"


_RANK = {Level.DISABLED: 0, Level.OWNED: 1, Level.ALL: 2}


@dataclass(frozen=True)
class Permission:
    """One key. `levels` are those a role may be given."""

    key: str
    label: str
    levels: tuple[Level, ...] = (Level.ALL, Level.DISABLED)


_OWNABLE = (Level.ALL, Level.OWNED, Level.DISABLED)

PERMISSIONS: dict[str, Permission] = {
    p.key: p
    for p in (
        Permission("customers_view", "View customers", _OWNABLE),
        Permission("customers_manage", "Add and edit customers", _OWNABLE),
        Permission("customers_import", "Import customers, purchases and events"),
        Permission("customers_export", "Export customers"),
        Permission("customers_erase", "Erase and merge customers"),
        Permission("fields_manage", "Manage custom fields"),
        Permission("customers_segment_view", "View segments", _OWNABLE),
        Permission("customers_segment_add", "Create segments"),
        Permission("customers_segment_manage", "Edit segments", _OWNABLE),
        Permission("customers_segment_archived", "Archive and unarchive segments", _OWNABLE),
        Permission("catalog_view", "View the catalogue"),
        Permission("content_view", "View content"),
        Permission("content_manage", "Create and edit content", _OWNABLE),
        Permission("campaigns_view", "View campaigns", _OWNABLE),
        Permission("campaigns_manage", "Create and edit campaigns", _OWNABLE),
        Permission("campaigns_launch", "Launch, pause, resume and cancel campaigns", _OWNABLE),
        Permission("campaigns_approve", "Approve campaigns"),
        Permission("reports_view", "View and download reports", _OWNABLE),
        Permission("reports_create", "Make reports"),
        Permission("measure_view", "View measurement"),
        Permission("channels_manage", "Manage channels and sender identities"),
        Permission("consent_manage", "Record consent and suppressions"),
        Permission("users_manage", "Manage users and roles"),
        Permission("keys_manage", "Manage API keys"),
        Permission("audit_view", "Read the audit trail"),
        Permission("settings_manage", "Change organisation settings"),
        Permission("health_view", "See the health of the installation"),
    )
}


@dataclass(frozen=True)
class Actor:
    """Who does something: a user, an API key, or the system itself.

    `user_id` is the user whose customers count as "owned" (None for keys and the system).
    """

    kind: str  # "user" | "key" | "system"
    id: str
    name: str
    grants: dict[str, Level] = field(default_factory=dict)
    user_id: int | None = None
    time_zone: str = "UTC"

    def level(self, key: str) -> Level:
        """The level granted for `key`; the system may do everything."""
        if key not in PERMISSIONS:
            raise KeyError(key)
        return Level.ALL if self.kind == "system" else self.grants.get(key, Level.DISABLED)

    def may(self, key: str, at_least: Level = Level.OWNED) -> bool:
        return _RANK[self.level(key)] >= _RANK[at_least]

    def require(self, key: str, at_least: Level = Level.OWNED) -> Level:
        """The level granted for `key`.

        Raises:
            Forbidden: it is below `at_least`.
        """
        if not self.may(key, at_least):
            raise Forbidden(f"This needs the permission “{PERMISSIONS[key].label}”; ask an administrator for it.")
        return self.level(key)

    def owns(self, key: str, owner_id: int | None) -> bool:
        """Whether `key` reaches a row owned by `owner_id`."""
        level = self.level(key)
        return level is Level.ALL or (level is Level.OWNED and owner_id is not None and owner_id == self.user_id)


SYSTEM = Actor("system", "system", "CEAP")
