"""The wire of connectors: parse, call, return."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, StreamingHttpResponse
from ninja import File, Form, Query, Router
from ninja import Status as Answer
from ninja.files import UploadedFile

from ceap.accounts.authentication import actor
from ceap.connectors import actions, queries, schemas
from ceap.connectors.contracts import ENCODINGS, Choice, Target
from ceap.connectors.contracts import Form as ReadAs
from ceap.connectors.models import Call, Import, Webhook
from ceap.core.values import dates, numbers
from ceap.core.values.forms import Detected
from ceap.kit.pagination import MAX_PAGE_SIZE, PAGE_SIZE, page

router = Router(tags=["connectors"])
PAGE = 100


def _out(row: Import) -> dict[str, Any]:
    names = (
        "target", "file_name", "size", "choice", "state", "message", "job_id", "rows", "position", "created", "updated",
        "unchanged", "rejected", "left_out", "mapping", "options", "created_at", "finished_at",
    )  # fmt: skip
    by = row.created_by
    form = row.form | {"encoding_label": ENCODINGS.get(row.form.get("encoding", ""), "")}
    return {n: getattr(row, n) for n in names} | {"id": row.pk, "created_by": by.name if by else "", "form": form}


def _forms(found: Detected, labels: Mapping[Any, str]) -> dict[str, Any]:
    example = found.choices[0].examples[0][0] if found.choices else ""
    return {
        "form": found.form, "ambiguous": found.ambiguous, "example": example, "unreadable": found.unreadable,
        "forms": [{"value": value, "label": label} for value, label in labels.items()],
    }  # fmt: skip


def _form(plan: schemas.ImportPlanIn) -> ReadAs | None:
    return ReadAs(**plan.form.dict()) if plan.form else None


@router.get("/imports", response=schemas.ImportsOut)
def history(
    request: HttpRequest, cursor: str | None = None, limit: int = Query(PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE)
) -> Any:
    """Imports, newest first."""
    found, following, total = queries.history(actor(request), cursor=cursor, limit=limit)
    return {"items": [_out(row) for row in found], "next": following, "total": total}


@router.post("/imports", response={201: schemas.ImportOut})
def upload(
    request: HttpRequest, target: Form[str], file: File[UploadedFile], choice: Form[schemas.ImportChoiceIn]
) -> Any:
    """Keep a file (CSV, XLSX or Parquet) as a draft. `target`: customers, items, purchases, events or rates."""
    return Answer(
        201, _out(actions.upload(actor(request), target, file.name or "file", file.chunks(), Choice(**choice.dict())))
    )


@router.get("/imports/{import_id}", response=schemas.ImportOut)
def read(request: HttpRequest, import_id: UUID) -> Any:
    """One import with its counts so far."""
    return _out(queries.get(actor(request), import_id))


@router.delete("/imports/{import_id}", response={204: None})
def delete(request: HttpRequest, import_id: UUID) -> Any:
    """Forget a draft and its file."""
    actions.delete(actor(request), import_id)
    return Answer(204, None)


@router.get("/imports/{import_id}/preview", response=schemas.ImportPreviewOut)
def preview(request: HttpRequest, import_id: UUID) -> Any:
    """The first rows, what each column seems to be, and what it can become."""
    found = queries.preview(actor(request), import_id)
    target = queries.get(actor(request), import_id).target
    return {
        "columns": found.columns, "rows": found.rows, "numbers": found.numbers, "fields": found.fields,
        "properties": Target(target).has_properties, "unreadable": found.unreadable, "top": found.top,
        "layout": found.layout, "date_forms": _forms(found.date_forms, dates.LABELS),
        "number_forms": _forms(found.number_forms, numbers.LABELS),
        "torn": [{"row": number, "text": text, "why": why} for number, text, why in found.torn],
        "sheets": [{"name": name, "hidden": hidden} for name, hidden in found.sheets],
        "encodings": [{"value": value, "label": label} for value, label in ENCODINGS.items()],
    }  # fmt: skip


@router.put("/imports/{import_id}/form", response=schemas.ImportOut)
def choose(request: HttpRequest, import_id: UUID, body: schemas.ImportChoiceIn) -> Any:
    """Choose how the file of a draft is read; what is null is found out."""
    return _out(actions.choose(actor(request), import_id, Choice(**body.dict())))


@router.post("/imports/{import_id}/check", response=schemas.ImportCheckOut)
def check(request: HttpRequest, import_id: UUID, body: schemas.ImportPlanIn) -> Any:
    """What would become of the first 5,000 rows; nothing is changed."""
    told = actions.check(actor(request), import_id, body.mapping, body.options, _form(body))
    findings = [
        {"id": n, "row": number, "column": r.field, "value": r.value, "reason": r.reason, "rejected": r.rejected}
        for n, (number, r) in enumerate(told.said)
    ]
    return {
        "rows": told.rows, "all": told.all, "created": told.created, "updated": told.updated,
        "unchanged": told.unchanged, "rejected": told.rejected, "findings": findings,
    }  # fmt: skip


@router.post("/imports/{import_id}/start", response={202: schemas.ImportOut})
def start(request: HttpRequest, import_id: UUID, body: schemas.ImportPlanIn) -> Any:
    """Begin to bring the file in; follow or cancel its job."""
    return Answer(202, _out(actions.start(actor(request), import_id, body.mapping, body.options, _form(body))))


@router.get("/imports/{import_id}/findings", response=schemas.FindingsOut)
def findings(
    request: HttpRequest, import_id: UUID, cursor: str | None = None, limit: int = Query(PAGE, ge=1, le=500)
) -> Any:
    """The receipt's lines about rows, in the order of the file."""
    row = queries.get(actor(request), import_id)
    found, following = page(queries.findings(actor(request), import_id), "pk", cursor=cursor, limit=limit)
    return {"items": found, "next": following, "total": row.rejected + row.left_out}


@router.get("/imports/{import_id}/receipt.csv")
def receipt(request: HttpRequest, import_id: UUID) -> StreamingHttpResponse:
    """The receipt as a file: every rejected row and left-out value, with row, column, value and reason."""
    who = actor(request)
    row = queries.opened(who, import_id)
    answer = StreamingHttpResponse(queries.receipt_lines(who, row.pk), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="receipt-{row.pk}.csv"'
    return answer


def _webhook(row: Webhook) -> dict[str, Any]:
    names = (
        "id", "url", "description", "events", "segments", "identities", "state", "failures", "resting_until",
        "former_until", "succeeded_at", "failed_at", "created_at",
    )  # fmt: skip
    return {n: getattr(row, n) for n in names} | {"created_by": row.created_by.name if row.created_by else ""}


def _call(row: Call) -> dict[str, Any]:
    names = (
        "id", "state", "part", "parts", "attempts", "tries", "due_at", "status", "answer", "error", "milliseconds",
        "tried_at", "finished_at",
    )  # fmt: skip
    notice = row.notice
    return {n: getattr(row, n) for n in names} | {
        "event": notice.event, "segment": notice.data.get("segment", {}).get("name", ""), "customers": notice.size,
        "at": notice.at,
    }  # fmt: skip


@router.get("/webhooks", response=schemas.WebhooksOut)
def webhooks(request: HttpRequest) -> Any:
    """All webhooks, newest first."""
    rows = [_webhook(row) for row in queries.webhooks(actor(request))]
    return {"items": rows, "next": None, "total": len(rows)}


@router.post("/webhooks", response={201: schemas.WebhookSecretOut})
def create_webhook(request: HttpRequest, body: schemas.WebhookIn) -> Any:
    """Make a webhook; the answer has its secret, once."""
    row, secret = actions.create_webhook(actor(request), **body.dict())
    return Answer(201, {"webhook": _webhook(row), "secret": secret})


@router.get("/webhooks/{webhook_id}", response=schemas.WebhookOut)
def read_webhook(request: HttpRequest, webhook_id: UUID) -> Any:
    """One webhook."""
    return _webhook(queries.webhook(actor(request), webhook_id))


@router.put("/webhooks/{webhook_id}", response=schemas.WebhookEditedOut)
def edit_webhook(request: HttpRequest, webhook_id: UUID, body: schemas.WebhookEditIn) -> Any:
    """Change a webhook, switch it on or off. Switched off, what waits is stopped. With the address of another server
    it gets a new `secret`, shown once.
    """
    row, secret = actions.edit_webhook(actor(request), webhook_id, **body.dict())
    return {**_webhook(row), "secret": secret}


@router.delete("/webhooks/{webhook_id}", response={204: None})
def delete_webhook(request: HttpRequest, webhook_id: UUID) -> Any:
    """Forget a webhook and what it was told."""
    actions.delete_webhook(actor(request), webhook_id)
    return Answer(204, None)


@router.post("/webhooks/{webhook_id}/rotate", response=schemas.WebhookSecretOut)
def rotate_secret(request: HttpRequest, webhook_id: UUID) -> Any:
    """Make a new secret; the old one signs too for a day."""
    row, secret = actions.rotate_secret(actor(request), webhook_id)
    return {"webhook": _webhook(row), "secret": secret}


@router.post("/webhooks/{webhook_id}/test", response={202: schemas.WebhookCallOut})
def send_test(request: HttpRequest, webhook_id: UUID) -> Any:
    """Send a payload of type webhook.test."""
    return Answer(202, _call(actions.send_test(actor(request), webhook_id)))


@router.get("/webhooks/{webhook_id}/calls", response=schemas.WebhookCallsOut)
def calls(
    request: HttpRequest, webhook_id: UUID, cursor: str | None = None, limit: int = Query(50, ge=1, le=500)
) -> Any:
    """What a webhook was told in the last 30 days, newest first."""
    rows, following = page(queries.calls_of(actor(request), webhook_id), "-pk", cursor=cursor, limit=limit)
    return {"items": [_call(row) for row in rows], "next": following, "total": None}


@router.post("/webhooks/calls/{call_id}/resend", response={202: schemas.WebhookCallOut})
def resend(request: HttpRequest, call_id: UUID) -> Any:
    """Send again, with the same ids."""
    return Answer(202, _call(actions.resend(actor(request), call_id)))
