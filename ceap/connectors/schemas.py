"""The wire of connectors, in and out apart."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Schema


class ImportFormIn(Schema):
    """How a file is read: `kind` csv, xlsx or parquet; `header_row` names the columns, or (`header` false) is the first
    row of data.
    """

    kind: str
    encoding: str = ""
    delimiter: str = ""
    header: bool = True
    sheet: str = ""
    header_row: int = 1


class ImportFormOut(ImportFormIn):
    """`encoding_label`: the encoding in words."""

    encoding_label: str


class ImportChoiceIn(Schema):
    """What is chosen of how a file is read; null: found out. `header_row`: as the sheet counts, 0: no row names the
    columns. Texts have encoding, delimiter and header row, workbooks sheet and header row.
    """

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int | None = None


class ImportOut(Schema):
    """An import: counts of rows, how far it is, and its job while it runs."""

    id: UUID
    target: str
    file_name: str
    size: int
    form: ImportFormOut
    choice: ImportChoiceIn
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


class UnreadableOut(Schema):
    """A row that cannot be taken apart: its number, the beginning of its text, and why."""

    row: int
    text: str
    why: str


class SheetOut(Schema):
    name: str
    hidden: bool


class EncodingOut(Schema):
    value: str
    label: str


class LayoutOut(Schema):
    """An export that the file seems to be (`label`: "a Shopify customer export"), what it brings in, and by what its
    customers are recognised.
    """

    key: str
    label: str
    target: str
    match: str


class FormOut(Schema):
    value: str
    label: str


class FormsOut(Schema):
    """Which form the dates or numbers have. `form`: the one that reads most ("": there are none); `ambiguous`: another
    reads `example` as well and as something else, so that somebody must choose; `forms`: all that can be chosen;
    `unreadable`: examples that `form` does not read.
    """

    form: str
    ambiguous: bool
    example: str
    unreadable: list[str]
    forms: list[FormOut]


class ImportPreviewOut(Schema):
    """The first rows as the file says them; `numbers` are theirs, as a spreadsheet counts. `unreadable` rows of the
    whole file cannot be taken apart, the first of them are `torn`. `top`: the first rows of the sheet, those above
    the columns' names too, of each the beginning. `encodings`: those that can be chosen.
    """

    columns: list[GuessOut]
    rows: list[list[str]]
    numbers: list[int]
    torn: list[UnreadableOut]
    unreadable: int
    top: list[list[str]]
    sheets: list[SheetOut]
    encodings: list[EncodingOut]
    layout: LayoutOut | None
    date_forms: FormsOut
    number_forms: FormsOut
    fields: list[ImportFieldOut]
    properties: bool


class ImportPlanIn(Schema):
    """`mapping`: column → field key, "prop:<name>", "" or {"label", "type", "options"} of a new custom field. `form`:
    how the file was read when the mapping was made; 409 when it is read otherwise by now.
    """

    mapping: dict[str, Any]
    options: dict[str, Any] = {}
    form: ImportFormIn | None = None


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


class WebhookIn(Schema):
    """`events`: segment.entered, segment.left; `segments`: ids, none means every segment; `identities`: whether
    customers are named by email, phone and the like, besides their number.
    """

    url: str
    description: str = ""
    events: list[str]
    segments: list[str] = []
    identities: bool = False


class WebhookEditIn(WebhookIn):
    on: bool = True


class WebhookOut(Schema):
    """A webhook. `state`: on, off, or gone (its server answered 410); after `failures` in a row it is left alone until
    `resting_until`; until `former_until` the secret before the last rotation signs too.
    """

    id: UUID
    url: str
    description: str
    events: list[str]
    segments: list[str]
    identities: bool
    state: Literal["on", "off", "gone"]
    failures: int
    resting_until: datetime | None
    former_until: datetime | None
    succeeded_at: datetime | None
    failed_at: datetime | None
    created_by: str
    created_at: datetime


class WebhookEditedOut(WebhookOut):
    """`secret`: the new one, when the webhook is another server's now; "" when it keeps its own."""

    secret: str


class WebhookSecretOut(Schema):
    """`secret` signs what the webhook is sent; it is not shown again."""

    webhook: WebhookOut
    secret: str


class WebhooksOut(Schema):
    items: list[WebhookOut]
    next: str | None
    total: int


class WebhookCallOut(Schema):
    """What a webhook was told: `part` of `parts` payloads were taken; `status` (0: none), `answer` and `error` are of
    the last of `tries` attempts, `due_at` when the next one is made.
    """

    id: UUID
    event: str
    segment: str
    customers: int
    at: datetime
    state: Literal["waiting", "sent", "given_up", "stopped"]
    part: int
    parts: int
    attempts: int
    tries: int
    due_at: datetime
    status: int | None
    answer: str
    error: str
    milliseconds: int | None
    tried_at: datetime | None
    finished_at: datetime | None


class WebhookCallsOut(Schema):
    items: list[WebhookCallOut]
    next: str | None
    total: int | None
