"""Taking a file in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.db import transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor, Level
from ceap.accounts.queries import setting
from ceap.connectors.contracts import Choice, Target
from ceap.connectors.files import keep
from ceap.connectors.models import Import
from ceap.core.values import text
from ceap.kit.clock import now
from ceap.kit.home import Home
from ceap.kit.ids import uuid7
from ceap.kit.problem import invalid


def said(choice: Choice) -> dict[str, Any]:
    """What was chosen, and nothing else."""
    return {name: getattr(choice, name) for name in choice.names}


def limit() -> int:
    """The largest file that may be uploaded, in bytes (organisation setting `import_max_mb`)."""
    return int(str(setting("import_max_mb"))) * 1_000_000


def upload(actor: Actor, target: str, name: str, blocks: Iterable[bytes], choice: Choice = Choice()) -> Import:
    """Keep a file as the draft of an import; nothing of it is brought in yet.

    Args:
        choice: how the file is read, as far as a person says; the rest is found out.

    Raises:
        Forbidden: the actor may not import, or not change rates.
        Invalid: there is no such target.
        TooLarge: the file is over the limit; BadFile: it is nothing that can be imported.
    """
    actor.require("customers_import")
    if target not in set(Target):
        raise invalid("target", f"Choose one of {', '.join(Target)}.")
    if target == Target.RATES:
        actor.require("settings_manage", Level.ALL)
    id = uuid7()
    name = text.file_name(name)
    file = f"imports/{id}.data"
    kept = keep(blocks, Home.load().create().path / "media" / file, name, limit(), choice)
    with transaction.atomic():
        row = Import.objects.create(
            id=id, target=target, file_name=name, file=file, sha256=kept.sha256, size=kept.size, form=asdict(kept.form),
            choice=said(choice), rows=kept.rows, created_by_id=actor.user_id, created_at=now(),
        )  # fmt: skip
        audit(actor, "imports.upload", "import", id, name, after={"target": target, "sha256": kept.sha256})
    return row
