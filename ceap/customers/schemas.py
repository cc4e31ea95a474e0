"""The wire of customers, in and out apart."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Field, Schema


class OwnerOut(Schema):
    id: int
    name: str


class CustomerRowOut(Schema):
    """A customer in the index; `values` holds the columns that were asked for, by field key."""

    id: int
    customer_id: str | None
    name: str
    email: str
    phone: str
    source: str
    status: str
    city: str
    province: str
    country: str
    owner: OwnerOut | None
    marketing_opt_in: bool | None
    last_activity_at: datetime | None
    updated_at: datetime
    created_at: datetime
    added_by: str
    values: dict[str, Any]


class CustomersOut(Schema):
    """`total` is how many the caller may see, `everybody` how many there are, `matched` how many the filters leave.

    Counts are kept for ten seconds; `counted_at` says when they were made.
    """

    items: list[CustomerRowOut]
    users: dict[str, str] = Field(description="Names of the users that values name, by id")
    next: str | None
    total: int
    everybody: int
    matched: int
    owned_only: bool
    counted_at: datetime


class FieldOut(Schema):
    """A field: `id` only of custom ones, `suggests` whether /suggestions knows values of it.

    `roles`: keys of the roles that may see it, besides administrators; none = everybody.
    """

    id: UUID | None
    key: str
    label: str
    type: str
    group: str
    options: list[str]
    custom: bool
    editable: bool
    suggests: bool
    retired_at: datetime | None = None
    roles: list[str] = []


class FieldAccessIn(Schema):
    roles: list[str]


class FieldAccessOut(Schema):
    key: str
    roles: list[str]


class RoleNameOut(Schema):
    key: str
    name: str


class FieldUseOut(Schema):
    """Something that uses a field: `kind` segment or template, `path` of its page; `breaks`: it fails without it."""

    kind: str
    name: str
    path: str
    breaks: bool


class FieldIn(Schema):
    label: str
    type: str
    key: str = ""
    options: list[str] = []


class FieldChange(Schema):
    label: str | None = None
    options: list[str] | None = None


class FieldOrderIn(Schema):
    ids: list[UUID]


class IdentityOut(Schema):
    """`primary`: the value of the customer's field of that name."""

    id: int
    kind: str
    value: str
    primary: bool
    created_at: datetime


class CustomerOut(Schema):
    """A customer: `values` by field key, JSON-ready; `may` what the caller can do with it."""

    id: int
    name: str
    version: int
    values: dict[str, Any]
    users: dict[str, str] = Field(description="Names of the users that values name, by id")
    added_by: str
    identities: list[IdentityOut]
    may: dict[str, bool]


class CustomerIn(Schema):
    values: dict[str, Any]


class CustomerChange(Schema):
    """`version` is the one that was read; without it the change goes over whatever is there."""

    values: dict[str, Any]
    version: int | None = None


class IdentityIn(Schema):
    kind: str
    value: str


class MergeIn(Schema):
    duplicate: int


class FiltersIn(Schema):
    search: str = ""
    source: list[str] = []
    status: list[str] = []
    city: list[str] = []
    owner: list[str] = []
    consent: Literal["", "yes", "no", "never"] = ""
    reachable: Literal["", "email"] = ""


class ExportIn(Schema):
    format: Literal["csv", "xlsx"] = "csv"
    filters: FiltersIn = FiltersIn()


class ExportStarted(Schema):
    job: UUID


class HoldIn(Schema):
    reason: str


class HoldOut(Schema):
    customer_id: int
    reason: str
    by: str
    at: datetime


class PrivacyOut(Schema):
    """`everybody_held`: the organisation's legal hold over everything is on."""

    hold: HoldOut | None
    everybody_held: bool


class ErasureOut(Schema):
    """How far the erasing of the last copies is: `done` of `steps`; `problem`: what it waits for, or why it failed."""

    customer: int
    state: Literal["requested", "running", "waiting", "done"]
    requested_by: str
    requested_at: datetime
    due_at: datetime
    finished_at: datetime | None
    done: int
    steps: int
    problem: str


class RetentionRunOut(Schema):
    """`removed`: how many of each kind went, by setting; `held`: customers under a legal hold at the end.

    `spared`: how many files stay because they name one of those, by setting.
    """

    id: UUID
    due_at: datetime | None
    created_at: datetime
    finished_at: datetime | None
    by: str
    removed: dict[str, int]
    spared: dict[str, int]
    held: int
    problem: str


class RetentionOut(Schema):
    """`names`: what goes by age, by setting."""

    runs: list[RetentionRunOut]
    names: dict[str, str]


class RetentionStarted(Schema):
    job: UUID | None


class SavedViewIn(Schema):
    page: str = "/customers"
    name: str
    query: dict[str, Any]
    shared: bool = False


class SavedViewOut(Schema):
    id: UUID
    name: str
    query: dict[str, Any]
    shared: bool
    mine: bool
    created_by: str


class ResolvedOut(Schema):
    id: int | None
