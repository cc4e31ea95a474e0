"""Choosing how the file of a draft is read."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from django.db import transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor
from ceap.connectors import queries
from ceap.connectors.actions.upload import said
from ceap.connectors.contracts import Choice, State
from ceap.connectors.files import rows
from ceap.connectors.models import Import
from ceap.kit.problem import Conflict


def choose(actor: Actor, id: UUID | str, choice: Choice) -> Import:
    """Read the file of a draft as `choice` says; what it leaves open is found out again.

    Raises:
        NotFound: there is no such import. Conflict: it was started.
        BadFile: the file cannot be read like this; the form stays as it was.
    """
    row = queries.opened(actor, id)
    if row.state != State.DRAFT:
        raise Conflict("This import was started; how its file is read stays.")
    found = rows(queries.path_of(row), row.file_name, choice=choice)
    with transaction.atomic():
        row = Import.objects.select_for_update(of=("self",)).select_related("created_by").get(pk=id)
        if row.state != State.DRAFT:
            raise Conflict("This import was started; how its file is read stays.")
        row.form, row.choice, row.rows = asdict(found.form), said(choice), found.size
        row.save(update_fields=["form", "choice", "rows"])
        audit(actor, "imports.choose", "import", row.pk, row.file_name, after={"form": row.form, "choice": row.choice})
    return row
