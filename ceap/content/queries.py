"""Reads about content; `visible_to` is the only door to rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from ceap.accounts.contracts import Actor
from ceap.accounts.queries import reached
from ceap.content.contracts import Compiled, placeholders
from ceap.content.models import Template, Version
from ceap.content.personal import contexts, tried
from ceap.content.rendering import Renderer
from ceap.content.suggesting import like
from ceap.customers import queries as customers
from ceap.customers.contracts import Field, FieldUse
from ceap.kit import pagination
from ceap.kit.problem import NotFound

KEY = "content_view"
__all__ = [
    "Renderer", "Variable", "compiled", "contexts", "get", "known_paths", "page", "placeholders_of", "purpose_of",
    "tried", "variables", "version", "versions", "visible_to",
]  # fmt: skip  # the renderer too, for senders: other packages enter here


@dataclass(frozen=True)
class Variable:
    """A variable that templates may read: `path` as in Liquid, `label` for people, `type` of the field."""

    path: str
    label: str
    group: str
    type: str


def visible_to(actor: Actor) -> QuerySet[Template]:
    """The templates, archived ones too, that `actor` may see: all, one's own, or none."""
    return reached(actor, KEY, Template.objects.all())


def get(actor: Actor, template_id: UUID | str) -> Template:
    """One template with its current version.

    Raises:
        NotFound: there is none, or `actor` may not see it.
    """
    row = visible_to(actor).select_related("current", "created_by").filter(pk=template_id).first()
    if row is None:
        raise NotFound("There is no such template.")
    return row


def version(actor: Actor, version_id: UUID | str) -> Version:
    """One version of a template that `actor` may see.

    Raises:
        NotFound: there is none, or `actor` may not see its template.
    """
    rows = Version.objects.filter(pk=version_id, template__in=visible_to(actor))
    row = rows.select_related("template", "created_by").first()
    if row is None:
        raise NotFound("There is no such version of a template.")
    return row


def purpose_of(version_id: UUID) -> tuple[str, str] | None:
    """The name and the present purpose of the template that a version belongs to; None: there is no such version."""
    return Template.objects.filter(versions__pk=version_id).values_list("name", "purpose").first()


def versions(actor: Actor, template_id: UUID | str) -> list[Version]:
    """The versions of a template, newest first, without what they compiled to."""
    template = get(actor, template_id)
    rows = template.versions.select_related("created_by").defer("source", "html", "text").order_by("-number")
    return list(rows)


def page(
    actor: Actor, *, search: str = "", purpose: str = "", archived: bool = False, cursor: str | None = None,
    limit: int = pagination.PAGE_SIZE,
) -> tuple[list[Template], str | None]:  # fmt: skip
    """A page of templates, the last changed first, and the cursor of the next.

    Raises:
        Forbidden: without "content_view".
    """
    actor.require(KEY)
    rows = visible_to(actor).filter(archived_at__isnull=not archived)
    if search.strip():
        rows = rows.filter(name__icontains=search.strip())
    if purpose:
        rows = rows.filter(purpose=purpose)
    rows = rows.select_related("current", "created_by")
    return pagination.page(rows, "-updated_at", cursor=cursor, limit=limit)


def variables(actor: Actor) -> list[Variable]:
    """What templates that `actor` writes may say about a customer: the fields seen by that role, and the first name."""
    first = Variable("customer.first_name", "First name", "Profile", "text")
    found = [
        Variable(f"customer.{field.key}", field.label, field.group, field.type)
        for field in customers.fields_for(actor)
    ]  # fmt: skip
    return found if first.path in {one.path for one in found} else [first, *found]


def placeholders_of(actor: Actor, version_id: UUID | str) -> list[dict[str, str | None]]:
    """The placeholders of a version, each with the field of a like name, if there is one: [{"name", "suggestion"}].

    Raises:
        NotFound: there is no such version, or `actor` may not see its template.
    """
    names = placeholders(version(actor, version_id).variables)
    fields = {one.path: one.label for one in variables(actor)} if names else {}
    return [{"name": name, "suggestion": like(name, fields)} for name in names]


def known_paths() -> list[str]:
    """The variables a template may read, whoever writes it."""
    return list(dict.fromkeys(["customer.first_name", *(f"customer.{field.key}" for field in customers.fields())]))


def templates_with(actor: Actor, field: Field) -> Iterator[FieldUse]:
    """The templates in use whose current version says `field`; one that `actor` may not see is not named.

    A message whose field is gone says nothing in that place, so none breaks.
    """
    seen = set(visible_to(actor).values_list("pk", flat=True))
    rows = Template.objects.filter(archived_at=None, current__isnull=False).order_by("name")
    for key, name, said in rows.values_list("pk", "name", "current__variables"):
        if f"customer.{field.key}" in said:
            known = key in seen
            yield FieldUse(
                "template", name if known else "A template of another user", f"/content/{key}" if known else "", False
            )


def compiled(version_id: UUID | str) -> Compiled:
    """A version as the renderer takes it, for senders.

    Raises:
        NotFound: there is no such version.
    """
    row = Version.objects.filter(pk=version_id).first()
    if row is None:
        raise NotFound("There is no such version of a template.")
    return Compiled(row.pk, row.subject, row.preheader, row.html, row.text, tuple(row.variables), tuple(row.links))
