"""The wire of content: parse, call, return."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Status

from ceap.accounts.authentication import actor
from ceap.accounts.contracts import Actor
from ceap.accounts.queries import organisation, settings_of
from ceap.content import actions, queries
from ceap.content.compiler.compile import compile_template
from ceap.content.contracts import Fill, filled, letterhead
from ceap.content.models import Template
from ceap.content.previewing import preview
from ceap.content.schemas import (
    CreateIn,
    PlaceholderOut,
    PreviewIn,
    PreviewOut,
    RenameIn,
    StarterOut,
    TemplateOut,
    TemplatePage,
    VariableOut,
    VersionIn,
    VersionOut,
    VersionRow,
)
from ceap.content.starters import starters
from ceap.customers import queries as customers
from ceap.kit.pagination import MAX_PAGE_SIZE, PAGE_SIZE

router = Router(tags=["content"])


def _template(who: Actor, template_id: UUID | str) -> Template:
    row = queries.get(who, template_id)
    row.may_manage = who.owns(actions.KEY, row.created_by_id)  # type: ignore[attr-defined]
    return row


@router.get("/templates", response=TemplatePage)
def index(
    request: HttpRequest,
    search: str = "",
    purpose: str = "",
    archived: bool = False,
    cursor: str | None = None,
    limit: int = Query(PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE),
) -> Any:
    """Templates, the last changed first."""
    found, following = queries.page(
        actor(request), search=search, purpose=purpose, archived=archived, cursor=cursor, limit=limit
    )
    return {"items": found, "next": following}


@router.post("/templates", response={201: TemplateOut})
def create(request: HttpRequest, payload: CreateIn) -> Any:
    """Create a template from a starter."""
    row = actions.create(actor(request), name=payload.name, starter_key=payload.starter, purpose=payload.purpose)
    return Status(201, _template(actor(request), row.pk))


@router.get("/templates/{template_id}", response=TemplateOut)
def read(request: HttpRequest, template_id: UUID) -> Any:
    """A template with its current version."""
    return _template(actor(request), template_id)


@router.patch("/templates/{template_id}", response=TemplateOut)
def rename(request: HttpRequest, template_id: UUID, payload: RenameIn) -> Any:
    """Give a template another name."""
    actions.rename(actor(request), template_id, name=payload.name)
    return _template(actor(request), template_id)


@router.post("/templates/{template_id}/archive", response=TemplateOut)
def archive(request: HttpRequest, template_id: UUID) -> Any:
    """Take a template out of the lists."""
    actions.archive(actor(request), template_id, archived=True)
    return _template(actor(request), template_id)


@router.post("/templates/{template_id}/unarchive", response=TemplateOut)
def unarchive(request: HttpRequest, template_id: UUID) -> Any:
    """Bring an archived template back."""
    actions.archive(actor(request), template_id, archived=False)
    return _template(actor(request), template_id)


@router.post("/templates/{template_id}/duplicate", response={201: TemplateOut})
def duplicate(request: HttpRequest, template_id: UUID) -> Any:
    """Copy a template."""
    return Status(201, _template(actor(request), actions.duplicate(actor(request), template_id).pk))


@router.get("/templates/{template_id}/versions", response=list[VersionRow])
def versions(request: HttpRequest, template_id: UUID) -> Any:
    """The versions of a template, newest first."""
    return queries.versions(actor(request), template_id)


@router.post("/templates/{template_id}/versions", response={201: VersionOut})
def save(request: HttpRequest, template_id: UUID, payload: VersionIn) -> Any:
    """Save what was edited as a new version."""
    saved = actions.save(
        actor(request), template_id, base=payload.base, subject=payload.subject, preheader=payload.preheader,
        source=payload.source,
    )  # fmt: skip
    return Status(201, saved)


@router.post("/templates/{template_id}/versions/{number}/restore", response={201: VersionOut})
def restore(request: HttpRequest, template_id: UUID, number: int) -> Any:
    """Make an older version current again, as a new version."""
    return Status(201, actions.restore(actor(request), template_id, number))


@router.get("/versions/{version_id}", response=VersionOut)
def version(request: HttpRequest, version_id: UUID) -> Any:
    """One version, as edited."""
    return queries.version(actor(request), version_id)


@router.get("/versions/{version_id}/placeholders", response=list[PlaceholderOut])
def placeholders(request: HttpRequest, version_id: UUID) -> Any:
    """The variables of a version that are no field, which each campaign maps to one; empty when there are none."""
    return queries.placeholders_of(actor(request), version_id)


@router.get("/variables", response=list[VariableOut])
def variables(request: HttpRequest) -> Any:
    """What templates may say about a customer."""
    who = actor(request)
    who.require(queries.KEY)
    return queries.variables(who)


@router.get("/starters", response=list[StarterOut])
def gallery(request: HttpRequest) -> Any:
    """Templates to begin with, each as it looks."""
    actor(request).require(queries.KEY)
    return _gallery(*_letterhead().values())


def _letterhead() -> dict[str, str]:
    row = organisation()
    return letterhead(row.name, str(settings_of(row)["postal_address"]))


@lru_cache(maxsize=4)
def _gallery(name: str, address: str) -> list[dict[str, str]]:
    shown, ours = [], letterhead(name, address)
    for one in starters():
        parts = compile_template(
            one.source, subject=one.subject, preheader=one.preheader, known=queries.known_paths(), purpose=one.purpose
        )
        sample = preview(
            parts, {"first_name": "Sam", "full_name": "Sam Perera", "current_tier": "Gold"}, organisation=ours
        )
        shown.append(
            {
                "key": one.key,
                "name": one.name,
                "group": one.group,
                "description": one.description,
                "purpose": one.purpose,
                "subject": sample.subject,
                "html": sample.html,
            }
        )
    return shown


@router.post("/preview", response=PreviewOut)
def show(request: HttpRequest, payload: PreviewIn) -> Any:
    """A mail as edited, as one customer would see it; refused with what is wrong, by block."""
    who = actor(request)
    who.require(queries.KEY)
    parts = compile_template(
        payload.source, subject=payload.subject, preheader=payload.preheader, known=queries.known_paths(),
        purpose=payload.purpose,
    )  # fmt: skip
    mapping = {name: Fill(fill.path, fill.fallback) for name, fill in payload.mapping.items()}
    values: dict[str, Any] = {}
    zone = organisation().time_zone
    if payload.customer is not None:
        customer = customers.find(who, payload.customer)
        wanted = [*parts.variables, *(fill.path for fill in mapping.values())]
        values = customers.contexts([customer.pk], wanted, seen_by=who).get(customer.pk, {}).get("customer", {})
        zone = customers.time_zones([customer.pk]).get(customer.pk) or zone
    seen = preview(parts, values, filled(mapping, values), zone, _letterhead())
    return {
        "subject": seen.subject, "html": seen.html, "text": seen.text, "generated_text": parts.generated_text,
        "mjml": parts.mjml, "variables": parts.variables, "missing": seen.missing, "warnings": parts.warnings,
        "failure": seen.failure,
    }  # fmt: skip
