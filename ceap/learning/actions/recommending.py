"""Edit the table of recommendations."""

from __future__ import annotations

import os
from typing import Any

from django.db import transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor
from ceap.core.learning import meaning
from ceap.learning import queries
from ceap.learning.contracts import MANAGE


def set_recommendations(actor: Actor, rows: list[dict[str, Any]]) -> None:
    """Keep a table of recommendations in place of the one that comes along; later trainings read it.

    Raises:
        Forbidden: `actor` may not train models. Invalid: a row is not of that shape; nothing changed.
    """
    actor.require(MANAGE)
    checked = meaning.checked(rows)
    file = queries.folder() / meaning.TABLE
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with transaction.atomic():
        audit(
            actor, "learning.recommendations", "model", "recommendations",
            before={"edited": file.exists()}, after={"rows": checked},
        )  # fmt: skip
        draft.write_text(meaning.written(checked))
        draft.replace(file)


def restore_recommendations(actor: Actor) -> None:
    """Go back to the table that comes along.

    Raises:
        Forbidden: `actor` may not train models.
    """
    actor.require(MANAGE)
    file = queries.folder() / meaning.TABLE
    with transaction.atomic():
        if file.exists():
            audit(actor, "learning.recommendations", "model", "recommendations", after={"restored": True})
            file.unlink()
