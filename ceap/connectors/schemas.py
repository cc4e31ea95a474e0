"""The wire of connectors, in and out apart."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Schema


class ImportFormOut(Schema):
    """What the file was found to be."""

    kind: str
    encoding: str
    delimiter: str
    header: bool


class ImportOut(Schema):
    """An import: counts of rows, how far it is, and its job while it runs."""

    id: UUID
    target: str
    file_name: str
    size: int
    form: ImportFormOut
    state: Literal["draft", "running", "done", "cancelled", "failed"]
    message: str
    job_id: UUID | None
    rows: int | None
    position: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    left_out: int
    mapping: dict[str, str]
    options: dict[str, Any]
    created_by: str
    created_at: datetime
    finished_at: datetime | None


class ImportsOut(Schema):
    items: list[ImportOut]
    next: str | None
    total: int


class GuessOut(Schema):
    """What a column seems to be; `confidence` from 0 to 1, `type` that of a new custom field."""

    column: str
    samples: list[str]
    field: str
    confidence: float
    why: str
    type: str


class ImportFieldOut(Schema):
    """A field a column can become."""

    key: str
    label: str
    type: str
    group: str


class ImportPreviewOut(Schema):
    """The first rows as the file says them; `numbers` are theirs, as a spreadsheet counts."""

    columns: list[GuessOut]
    rows: list[list[str]]
    numbers: list[int]
    fields: list[ImportFieldOut]
    properties: bool


class ImportPlanIn(Schema):
    """`mapping`: column → field key, "prop:<name>", "" or {"label", "type", "options"} of a new custom field."""

    mapping: dict[str, Any]
    options: dict[str, Any] = {}


class FindingOut(Schema):
    """A row that was rejected, or (`rejected` false) a value of it that was left out."""

    id: int
    row: int
    column: str
    value: str
    reason: str
    rejected: bool


class FindingsOut(Schema):
    items: list[FindingOut]
    next: str | None
    total: int | None


class ImportCheckOut(Schema):
    """What would become of the first `rows` rows; `all`: that is the whole file."""

    rows: int
    all: bool
    created: int
    updated: int
    unchanged: int
    rejected: int
    findings: list[FindingOut]
