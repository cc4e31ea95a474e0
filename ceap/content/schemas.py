"""The wire of content, in and out apart."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Schema

from ceap.content.compiler.blocks import Source
from ceap.content.models import Template, Version


class CreateIn(Schema):
    name: str
    starter: str = "blank"
    purpose: str | None = None


class RenameIn(Schema):
    name: str


class MailIn(Schema):
    """A mail as edited."""

    subject: str = Field("", max_length=1000)
    preheader: str = Field("", max_length=1000)
    source: Source


class VersionIn(MailIn):
    """`base`: the number of the version the editing began from."""

    base: int


class FillIn(Schema):
    """What fills a placeholder: a field by its path (customer.full_name), `fallback` where that is empty."""

    path: str = Field("", max_length=80)
    fallback: str = Field("", max_length=250)


class PreviewIn(MailIn):
    """`customer`: whose data fills it; none = nobody's, so that every variable shows. `mapping`: by placeholder."""

    customer: int | None = None
    mapping: dict[str, FillIn] = {}
    purpose: str = "marketing"


class AuthorOut(Schema):
    id: str
    name: str


class VersionRow(Schema):
    id: UUID
    number: int
    subject: str
    restored_from: int | None
    created_by: AuthorOut | None
    created_at: datetime

    @staticmethod
    def resolve_created_by(row: Version) -> dict[str, str] | None:
        return person(row)


class VersionOut(VersionRow):
    preheader: str
    source: dict[str, Any]
    text: str
    variables: list[str]
    links: list[str]


class TemplateRow(Schema):
    id: UUID
    name: str
    channel: str
    purpose: str
    number: int
    subject: str
    current_id: UUID | None
    archived: bool
    created_by: AuthorOut | None
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_number(row: Template) -> int:
        return row.current.number if row.current else 0

    @staticmethod
    def resolve_subject(row: Template) -> str:
        return row.current.subject if row.current else ""

    @staticmethod
    def resolve_archived(row: Template) -> bool:
        return row.archived_at is not None

    @staticmethod
    def resolve_created_by(row: Template) -> dict[str, str] | None:
        return person(row)


class TemplateOut(TemplateRow):
    """`may_manage`: whether the asker may change it."""

    current: VersionOut | None
    may_manage: bool


class TemplatePage(Schema):
    items: list[TemplateRow]
    next: str | None
    total: int | None = None


class StarterOut(Schema):
    key: str
    name: str
    group: str
    description: str
    purpose: str
    subject: str
    html: str


class PlaceholderOut(Schema):
    """A variable that is no field; `suggestion` is the path of a field of a like name."""

    name: str
    suggestion: str | None


class VariableOut(Schema):
    path: str
    label: str
    group: str
    type: str


class PreviewOut(Schema):
    """`generated_text` is the plain text as it would be generated, for editing; `mjml` what code mode starts from."""

    subject: str
    html: str
    text: str
    generated_text: str
    mjml: str
    variables: list[str]
    missing: list[str]
    warnings: list[str]
    failure: str


def person(row: Template | Version) -> dict[str, str] | None:
    return {"id": str(row.created_by_id), "name": row.created_by.name} if row.created_by else None
