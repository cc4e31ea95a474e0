"""The wire of accounts, in and out apart."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Field, Schema

from ceap.accounts.contracts import KeyKind, Level


class Me(Schema):
    id: str
    kind: str
    name: str
    email: str
    role: str
    time_zone: str


class Environment(Schema):
    scenario: str
    label: str
    synthetic: bool


class OrganisationBrief(Schema):
    name: str
    time_zone: str
    currency: str


class SessionOut(Schema):
    user: Me
    permissions: dict[str, Level]
    environment: Environment
    organisation: OrganisationBrief
    must_change_password: bool


class SignInOut(Schema):
    """What may be known before anybody is signed in."""

    organisation: str
    mail: bool


class SettingOut(Schema):
    """A setting with its value, what it does, and who changed it last ("" = it was never changed)."""

    key: str
    label: str
    kind: Literal["number", "time", "country", "text", "switch", "words"]
    value: bool | int | str | list[str]
    default: bool | int | str | list[str]
    low: int
    high: int
    optional: bool
    hint: str
    group: str
    about: str
    changed_by: str
    changed_at: datetime | None


class OrganisationOut(OrganisationBrief):
    scenario: str
    synthetic: bool
    settings: list[SettingOut]


class OrganisationIn(Schema):
    name: str | None = None
    time_zone: str | None = None
    currency: str | None = None
    settings: dict[str, Any] | None = None


class ProfileOut(Schema):
    id: int
    name: str
    email: str
    time_zone: str


class ProfileIn(Schema):
    name: str | None = None
    time_zone: str | None = None


class QrOut(Schema):
    """A QR code: `path` draws its dark modules in a square of `size` units."""

    size: int
    path: str


class PersonOut(Schema):
    id: int
    name: str


class People(Schema):
    items: list[PersonOut]


class RoleBrief(Schema):
    id: UUID
    key: str
    name: str


class UserOut(Schema):
    id: int
    name: str
    email: str
    role: RoleBrief
    time_zone: str
    is_active: bool
    must_change_password: bool
    has_password: bool
    factors: int
    last_login: datetime | None
    created_at: datetime

    @staticmethod
    def resolve_has_password(row: Any) -> bool:
        return bool(row.has_usable_password())

    @staticmethod
    def resolve_factors(row: Any) -> int:
        return getattr(row, "factors", 0)


class Users(Schema):
    items: list[UserOut]
    next: str | None
    total: int | None


class UserIn(Schema):
    """`invite`: how the first password gets to the user: by mail, as a link or as a one-time password to hand over."""

    email: str
    name: str
    role: str = Field(description="A role's id, or the key of a built-in one")
    time_zone: str | None = None
    invite: Literal["mail", "link", "password"] = "link"


class UserPatch(Schema):
    email: str | None = None
    name: str | None = None
    role: str | None = None
    time_zone: str | None = None


class LinkOut(Schema):
    url: str
    expires_at: datetime
    mailed: bool = False


class Invited(Schema):
    """`link` and `one_time_password` are shown once; which of them is there depends on `invite`."""

    user: UserOut
    link: LinkOut | None
    one_time_password: str | None


class LinkIn(Schema):
    mail: bool = False


class RoleOut(Schema):
    id: UUID
    key: str
    name: str
    description: str
    grants: dict[str, Level]
    built_in: bool
    members: int

    @staticmethod
    def resolve_members(row: Any) -> int:
        return getattr(row, "members", 0)


class Roles(Schema):
    items: list[RoleOut]


class RoleIn(Schema):
    name: str
    description: str = Field("", max_length=250)
    grants: dict[str, str]


class RolePatch(Schema):
    name: str | None = None
    description: str | None = Field(None, max_length=250)
    grants: dict[str, str] | None = None


class PermissionOut(Schema):
    key: str
    label: str
    levels: list[Level]


class Permissions(Schema):
    items: list[PermissionOut]
    scopes: dict[str, str]


class KeyOut(Schema):
    id: UUID
    name: str
    kind: KeyKind
    prefix: str
    grants: dict[str, Level]
    scopes: list[str]
    created_by: PersonOut | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class Keys(Schema):
    items: list[KeyOut]
    next: str | None
    total: int | None


class KeyIn(Schema):
    name: str
    kind: str
    grants: dict[str, str] = {}
    scopes: list[str] = []
    expires_at: datetime | None = None


class KeyMade(Schema):
    """`secret` is shown this once."""

    key: KeyOut
    secret: str


class AuditOut(Schema):
    seq: int
    at: datetime
    actor_kind: str
    actor_id: str
    actor_name: str
    verb: str
    object_kind: str
    object_id: str
    object_name: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    hash: str


class AuditPage(Schema):
    items: list[AuditOut]
    next: str | None
    total: int | None


class ChainOut(Schema):
    ok: bool
    checked: int
    broken_at: int | None
    reason: str
