"""Field types, and the default fields every installation has."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ceap.accounts.contracts import ADMINISTRATOR, Actor


class FieldType(StrEnum):
    TEXT = "text"
    MULTILINE = "multiline"
    DROPDOWN = "dropdown"
    MULTIPLE = "multiple"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "datetime"
    URL = "url"
    FILE = "file"
    SIGNATURE = "signature"
    GPS = "gps"
    BOOLEAN = "boolean"
    USER = "user"


@dataclass(frozen=True)
class Field:
    """A field of the customer. `column` is its warehouse column; `options` the values of a dropdown, if fixed.

    `roles` are the keys of the roles that may see it, besides administrators; empty = everybody.
    """

    key: str
    label: str
    type: FieldType
    group: str
    options: tuple[str, ...] = ()
    custom: bool = False
    editable: bool = True
    roles: tuple[str, ...] = field(default=(), compare=False)

    def seen_by(self, actor: Actor) -> bool:
        """Whether `actor` may see the field: the system and administrators see every one."""
        return not self.roles or actor.kind == "system" or actor.role == ADMINISTRATOR or actor.role in self.roles

    @property
    def column(self) -> str:
        return f"c_{self.key}" if self.custom else self.key


T = FieldType
DEFAULT_FIELDS: tuple[Field, ...] = (
    Field("customer_id", "Customer ID", T.TEXT, "Profile"),
    Field("full_name", "Full name", T.TEXT, "Profile"),
    Field("phone", "Phone number", T.TEXT, "Profile"),
    Field("email", "Email", T.TEXT, "Profile"),
    Field("usernames", "Username(s)", T.TEXT, "Profile"),
    Field("job_title", "Job title", T.TEXT, "Profile"),
    Field("owner", "Owner", T.USER, "Profile"),
    Field("assignee", "Assignee", T.USER, "Profile"),
    Field("sex", "Sex", T.DROPDOWN, "Profile", ("Female", "Male")),
    Field("date_of_birth", "Date of birth", T.DATE, "Profile"),
    Field("street", "Street", T.TEXT, "Address"),
    Field("city", "City", T.DROPDOWN, "Address"),
    Field("province", "Province", T.DROPDOWN, "Address"),
    Field("postal_code", "Postal code", T.TEXT, "Address"),
    Field("country", "Country", T.DROPDOWN, "Address"),
    Field("time_zone", "Time zone", T.DROPDOWN, "Address"),
    Field("language", "Language", T.DROPDOWN, "Address"),
    Field("source", "Source", T.DROPDOWN, "Profile"),
    Field("status", "Status", T.DROPDOWN, "Profile"),
    Field("marketing_opt_in", "Marketing opt-in status", T.BOOLEAN, "Consent", editable=False),
    Field("marketing_opt_in_business", "Account business name for marketing opt-in", T.TEXT, "Consent", editable=False),
    Field("marketing_opt_in_at", "Marketing opt-in at", T.DATETIME, "Consent", editable=False),
    Field("member_created_at", "Member created at", T.DATETIME, "Loyalty"),
    Field("reward_expired_at", "Reward expired at", T.DATETIME, "Loyalty"),
    Field("current_tier", "Current tier", T.TEXT, "Loyalty"),
    Field("reward_name", "Reward name", T.TEXT, "Loyalty"),
    Field("reward_status", "Reward status", T.TEXT, "Loyalty"),
    Field("balance_available", "Total available balance", T.NUMBER, "Loyalty"),
    Field("balance_pending", "Total balance pending", T.NUMBER, "Loyalty"),
    Field("lifetime_earned", "Total lifetime earned", T.NUMBER, "Loyalty"),
    Field("created_at", "Created at", T.DATETIME, "Basic events", editable=False),
    Field("updated_at", "Last updated at", T.DATETIME, "Basic events", editable=False),
    Field("created_by", "Created by", T.USER, "Basic events", editable=False),
    Field("updated_by", "Last updated by", T.USER, "Basic events", editable=False),
    Field("last_activity_at", "Last activity", T.DATETIME, "Basic events", editable=False),
)

# Written by imports and channels, not shown among the fields.
CHANNEL_FIELDS: tuple[Field, ...] = (
    Field("bsuid", "WhatsApp business-scoped user ID", T.TEXT, "Channels"),
    Field("chatroom", "WhatsApp chatroom exists", T.BOOLEAN, "Channels"),
)


@dataclass(frozen=True)
class ChannelConsent:
    """A column of a file that speaks of marketing on one channel; `opts_out`: its yes takes consent back."""

    channel: str
    opts_out: bool = False


# Kept as consent records, with evidence. No key of a custom field has a colon.
CHANNEL_CONSENT = {
    "consent:email": ChannelConsent("email"),
    "consent:sms": ChannelConsent("sms"),
    "consent:whatsapp": ChannelConsent("whatsapp"),
    "optout:email": ChannelConsent("email", opts_out=True),
    "optout:sms": ChannelConsent("sms", opts_out=True),
}
CHANNEL_CONSENT_FIELDS = (
    Field("consent:email", "Marketing by email: consent", T.BOOLEAN, "Consent", editable=False),
    Field("consent:sms", "Marketing by SMS: consent", T.BOOLEAN, "Consent", editable=False),
    Field("consent:whatsapp", "Marketing by WhatsApp: consent", T.BOOLEAN, "Consent", editable=False),
    Field("optout:email", "Marketing by email: opted out", T.BOOLEAN, "Consent", editable=False),
    Field("optout:sms", "Marketing by SMS: opted out", T.BOOLEAN, "Consent", editable=False),
)
# Parts of the full name: custom fields that the first import with such a column makes.
NAME_FIELDS = (
    Field("first_name", "First name", T.TEXT, "Profile"),
    Field("last_name", "Last name", T.TEXT, "Profile"),
)
ALWAYS_SEEN = ("customer_id", "full_name")  # what customers are called on every page
CONSENT_KEYS = ("marketing_opt_in", "marketing_opt_in_business", "marketing_opt_in_at")
# The fields that a customer's address on a channel is made of.
ADDRESS_FIELDS = {"email": ("email",), "sms": ("phone",), "whatsapp": ("phone", "bsuid")}
# Fields whose value names a customer, with the kind of identity they are.
IDENTITY_FIELDS = ("customer_id", "email", "phone")


@dataclass(frozen=True)
class FieldUse:
    """Something that uses a field: `kind` in a word, `path` of its page; `breaks` whether it fails without it."""

    kind: str
    name: str
    path: str
    breaks: bool = True


class Policy(StrEnum):
    """What an import does with customers that are new, and with those that are known."""

    BOTH = "both"
    CREATE = "create"
    UPDATE = "update"


FOREIGN = "belongs to a customer that your role may not change"  # why a row of a file is rejected


@dataclass(frozen=True)
class RowProblem:
    """One thing said about one row: `rejected` = nothing of the row was taken, else it was taken without this value."""

    row: int
    field: str
    value: str
    reason: str
    rejected: bool = True


@dataclass(frozen=True)
class Upserted:
    """What became of the rows; created + updated + unchanged + rejected = the rows given."""

    created: int
    updated: int
    unchanged: int
    rejected: int
    problems: list[RowProblem]


def spreadsheet_safe(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula, with an apostrophe in front; everything else as it is."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
