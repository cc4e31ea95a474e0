"""Who acts, and what they may do: permission keys with levels, and the actor every action is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
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
        Permission("learning_manage", "Train and deploy models"),
        Permission("catalog_view", "View the catalogue"),
        Permission("content_view", "View content", _OWNABLE),
        Permission("content_manage", "Create and edit content", _OWNABLE),
        Permission("content_test_anywhere", "Send tests to any address"),
        Permission("campaigns_view", "View campaigns", _OWNABLE),
        Permission("campaigns_manage", "Create and edit campaigns", _OWNABLE),
        Permission("campaigns_launch", "Launch, pause, resume and cancel campaigns", _OWNABLE),
        Permission("campaigns_approve", "Approve campaigns"),
        Permission("reports_view", "View and download reports", _OWNABLE),
        Permission("reports_create", "Make reports; delete and change them", _OWNABLE),
        Permission("measure_view", "View measurement"),
        Permission("channels_manage", "Manage channels and sender identities"),
        Permission("consent_manage", "Record consent and suppressions"),
        Permission("users_manage", "Manage users and roles"),
        Permission("keys_manage", "Manage API keys"),
        Permission("webhooks_manage", "Manage webhooks"),
        Permission("audit_view", "Read the audit trail"),
        Permission("settings_manage", "Change organisation settings"),
        Permission("health_view", "See the health of the installation"),
    )
}


@dataclass(frozen=True)
class BuiltInRole:
    """A role that every installation has; it can be copied, not edited. Keys not in `grants` are disabled."""

    key: str
    name: str
    description: str
    grants: dict[str, Level]


ADMINISTRATOR = "administrator"
API_KEYS = "api_keys"  # stands for the role of every API key
_ALL, _OWNED = Level.ALL, Level.OWNED
_NOT_MARKETING = {
    "customers_erase", "users_manage", "keys_manage", "webhooks_manage", "audit_view", "settings_manage"
}  # fmt: skip
_READ = dict.fromkeys(
    ("customers_view", "customers_segment_view", "catalog_view", "content_view", "campaigns_view", "reports_view",
     "measure_view"),
    _ALL,
) | {"reports_create": _OWNED}  # fmt: skip

BUILT_IN_ROLES: tuple[BuiltInRole, ...] = (
    BuiltInRole(
        ADMINISTRATOR, "Administrator", "Everything, with users, keys, settings and the audit trail.",
        dict.fromkeys(PERMISSIONS, _ALL),
    ),
    BuiltInRole(
        "marketing_manager", "Marketing manager", "All of marketing, and approves campaigns.",
        {key: _ALL for key in PERMISSIONS if key not in _NOT_MARKETING},
    ),
    BuiltInRole(
        "marketing_executive", "Marketing executive", "Creates segments, content and campaigns and launches own ones.",
        _READ
        | dict.fromkeys(("customers_manage", "customers_import", "customers_segment_add", "content_manage"), _ALL)
        | dict.fromkeys(
            ("customers_segment_manage", "customers_segment_archived", "campaigns_manage", "campaigns_launch"), _OWNED
        ),
    ),
    BuiltInRole("analyst", "Analyst", "Reads everything about customers and marketing, makes reports.", _READ),
    BuiltInRole(
        "agent", "Agent", "Sees and edits owned customers, sees segments.",
        {"customers_view": _OWNED, "customers_manage": _OWNED, "customers_segment_view": _ALL, "catalog_view": _ALL},
    ),
)  # fmt: skip


class KeyKind(StrEnum):
    """What an API key is for."""

    SERVICE = "service"  # control plane, grants like a role
    SERVER = "server"  # data plane, from the organisation's own servers
    BROWSER = "browser"  # data plane, from web pages and apps: public by nature


SCOPES: dict[str, str] = {
    "events:write": "Send events",
    "customers:read": "Look up customers",
    "customers:write": "Create customers that events name for the first time",
    "segments:read": "Read a customer's segments",
    "candidates:read": "Read a customer's next actions",
}
# What somebody must be able to do with every customer to hand out a scope: a program with it does no less.
SCOPE_NEEDS: dict[str, tuple[str, ...]] = {
    "events:write": ("customers_import",),
    "customers:read": ("customers_view",),
    "customers:write": ("customers_view", "customers_manage", "customers_import"),
    "segments:read": ("customers_view", "customers_segment_view"),
    "candidates:read": ("customers_view", "campaigns_view"),
}


def within(granted: Level, limit: Level) -> bool:
    """Whether `granted` reaches no further than `limit`."""
    return _RANK[granted] <= _RANK[limit]


@dataclass(frozen=True)
class Actor:
    """Who does something: a user, an API key, or the system itself.

    `user_id` is the user whose customers count as "owned" (None for keys and the system); `role` the key of a user's
    role, `API_KEYS` for a key.
    """

    kind: str  # "user" | "key" | "system"
    id: str
    name: str
    grants: dict[str, Level] = field(default_factory=dict)
    user_id: int | None = None
    time_zone: str = "UTC"
    role: str = ""

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

    @property
    def customers_seen(self) -> str:
        """Whose customers the actor may see: "all", "owned" (by the actor) or "none"."""
        level = self.level("customers_view")
        if level is Level.ALL:
            return "all"
        return "owned" if level is Level.OWNED and self.user_id else "none"

    def owns(self, key: str, owner_id: int | None) -> bool:
        """Whether `key` reaches a row owned by `owner_id`."""
        level = self.level(key)
        return level is Level.ALL or (level is Level.OWNED and owner_id is not None and owner_id == self.user_id)


SYSTEM = Actor("system", "system", "CEAP")


@dataclass(frozen=True)
class ChainStatus:
    """Whether the audit trail is as it was written. `checked`: good entries; `broken_at`: the first bad one."""

    ok: bool
    checked: int
    broken_at: int | None
    reason: str


@dataclass(frozen=True)
class ResetLink:
    """A link with which its receiver sets a password, once, until `expires_at`."""

    url: str
    expires_at: datetime


_ISO_4217 = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY "
    "COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR "
    "ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK "
    "MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF "
    "SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS "
    "VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG"
)
CURRENCIES = frozenset(_ISO_4217.split())  # those in circulation
