"""Writes about content: create, save as a new version, restore, rename, archive, copy."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from pydantic import TypeAdapter

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor
from ceap.content import queries
from ceap.content.compiler.blocks import BlockSource, CodeSource, Source
from ceap.content.compiler.compile import Parts, compile_template
from ceap.content.contracts import PURPOSES, Reason, RenderFailure
from ceap.content.models import Template, Version
from ceap.content.previewing import render_sample
from ceap.content.starters import starter
from ceap.kit.clock import now
from ceap.kit.problem import Conflict, Forbidden, NotFound, invalid

KEY = "content_manage"
_SOURCE: TypeAdapter[BlockSource | CodeSource] = TypeAdapter(Source)


def create(actor: Actor, *, name: str, starter_key: str = "blank", purpose: str | None = None) -> Template:
    """A new template from a starter, with version 1.

    Raises:
        Forbidden: `actor` may not create content.
        Invalid: the name, the purpose or the starter is wrong.
    """
    actor.require(KEY)
    begin = starter(starter_key)
    if begin is None:
        raise invalid("starter", "There is no such template to start from.")
    name, purpose = _name(name), _purpose(purpose or begin.purpose)
    parts = _compiled(begin.source, begin.subject, begin.preheader, purpose)
    with transaction.atomic():
        template = Template.objects.create(
            name=name, purpose=purpose, created_by_id=actor.user_id, created_at=now(), updated_at=now()
        )
        audit(actor, "content.create", "template", template.pk, name, after={"purpose": purpose, "starter": begin.key})
        _write(actor, template, 1, begin.source, parts)
    return template


def save(
    actor: Actor, template_id: UUID | str, *, base: int, subject: str, preheader: str, source: BlockSource | CodeSource
) -> Version:
    """Save what was edited as a new version, which becomes the current one; versions before it stay as they are.

    Saving exactly what is current changes nothing and gives the current version, so a repeated request is harmless.

    Args:
        base: the number of the version the editing began from.

    Raises:
        Invalid: what is wrong with it, by field and block.
        Conflict: somebody else saved meanwhile, the template is archived, or code would go back to blocks.
    """
    template = _mine(actor, template_id)
    parts = _compiled(source, subject, preheader, template.purpose)
    with transaction.atomic():
        template = _locked(actor, template_id)
        current = template.current
        if current and _same(current, source, parts):
            return current
        if current and current.number != base:
            raise Conflict(
                f"Version {current.number} was saved meanwhile; open it before you save yours.", number=current.number
            )
        if current and current.source["mode"] == "code" and source.mode == "blocks":
            raise Conflict("A template written as code cannot go back to blocks.")
        return _write(actor, template, (current.number if current else 0) + 1, source, parts)


def restore(actor: Actor, template_id: UUID | str, number: int) -> Version:
    """Make an older version current again, as a new version.

    Raises:
        NotFound: there is no such version.
        Invalid: it reads variables that are no longer there.
    """
    template = _mine(actor, template_id)
    old = template.versions.filter(number=number).first()
    if old is None:
        raise NotFound("There is no such version of this template.")
    source = _SOURCE.validate_python(old.source)
    parts = _compiled(source, old.subject, old.preheader, template.purpose)
    with transaction.atomic():
        template = _locked(actor, template_id)
        current = template.current
        if current and current.number == number:
            return current
        return _write(actor, template, (current.number if current else 0) + 1, source, parts, restored_from=number)


def rename(actor: Actor, template_id: UUID | str, *, name: str) -> Template:
    """Give a template another name.

    Raises:
        Invalid: the name is empty or too long.
    """
    name = _name(name)
    with transaction.atomic():
        template = _locked(actor, template_id)
        if template.name != name:
            before, template.name, template.updated_at = template.name, name, now()
            template.save(update_fields=["name", "updated_at"])
            audit(actor, "content.rename", "template", template.pk, name, before={"name": before}, after={"name": name})
    return template


def archive(actor: Actor, template_id: UUID | str, *, archived: bool) -> Template:
    """Take a template out of the lists, or bring it back; what was planned with it is still sent."""
    with transaction.atomic():
        template = _locked(actor, template_id, archived=None)
        if bool(template.archived_at) != archived:
            template.archived_at = now() if archived else None
            template.save(update_fields=["archived_at"])
            audit(actor, "content.archive" if archived else "content.unarchive", "template", template.pk, template.name)
    return template


def duplicate(actor: Actor, template_id: UUID | str) -> Template:
    """A copy of a template's current version, as one's own.

    Raises:
        NotFound: there is no such template.
    """
    actor.require(KEY)
    original = queries.get(actor, template_id)
    if original.current is None:
        raise Conflict("This template has no version yet.")
    source = _SOURCE.validate_python(original.current.source)
    parts = _compiled(source, original.current.subject, original.current.preheader, original.purpose)
    with transaction.atomic():
        copy = Template.objects.create(
            name=f"Copy of {original.name}"[:80], purpose=original.purpose, created_by_id=actor.user_id,
            created_at=now(), updated_at=now(),
        )  # fmt: skip
        audit(actor, "content.duplicate", "template", copy.pk, copy.name, after={"of": str(original.pk)})
        _write(actor, copy, 1, source, parts)
    return copy


def _compiled(source: BlockSource | CodeSource, subject: str, preheader: str, purpose: str) -> Parts:
    """The compiled parts of what can really be rendered."""
    parts = compile_template(source, subject=subject, preheader=preheader, known=queries.known_paths(), purpose=purpose)
    if len(parts.subject) > 250 or len(preheader) > 250:
        raise invalid("subject" if len(parts.subject) > 250 else "preheader", "At most 250 characters.")
    for result in render_sample(parts):
        if isinstance(result, RenderFailure) and result.reason is not Reason.ERROR:
            raise invalid("source", f"This template cannot be rendered: {result.detail}")
    return parts


def _write(
    actor: Actor, template: Template, number: int, source: BlockSource | CodeSource, parts: Parts,
    restored_from: int | None = None,
) -> Version:  # fmt: skip
    version = Version.objects.create(
        template=template, number=number, subject=parts.subject, preheader=parts.preheader,
        source=source.model_dump(mode="json"), html=parts.html, text=parts.text, variables=parts.variables,
        links=parts.links, restored_from=restored_from, created_by_id=actor.user_id, created_at=now(),
    )  # fmt: skip
    before = {"number": template.current.number} if template.current else None
    template.current, template.updated_at = version, now()
    template.save(update_fields=["current", "updated_at"])
    after: dict[str, Any] = {"number": number, "subject": parts.subject}
    if restored_from:
        after["restored_from"] = restored_from
    audit(actor, "content.save", "template", template.pk, template.name, before=before, after=after)
    return version


def _same(current: Version, source: BlockSource | CodeSource, parts: Parts) -> bool:
    given = (source.model_dump(mode="json"), parts.subject, parts.preheader)
    return (current.source, current.subject, current.preheader) == given


def _mine(actor: Actor, template_id: UUID | str) -> Template:
    """A template that `actor` may change."""
    template = queries.get(actor, template_id)
    if not actor.owns(KEY, template.created_by_id):
        raise Forbidden("Your role lets you change only your own templates; copy this one to change it.")
    return template


def _locked(actor: Actor, template_id: UUID | str, *, archived: bool | None = False) -> Template:
    """The same, checked again under the lock; `archived=False` refuses archived ones."""
    Template.objects.select_for_update().filter(pk=template_id).values_list("pk").first()
    template = _mine(actor, template_id)
    if archived is False and template.archived_at:
        raise Conflict("This template is archived; unarchive it first.")
    return template


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= 80:
        raise invalid("name", "Give the template a name of at most 80 characters.")
    return name


def _purpose(purpose: str) -> str:
    if purpose not in PURPOSES:
        raise invalid("purpose", f"The purpose is one of {', '.join(PURPOSES)}.")
    return purpose
