"""Put a version of the model to use."""

from __future__ import annotations

from django.db import transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor
from ceap.kit.clock import now
from ceap.learning import queries
from ceap.learning.contracts import MANAGE


def deploy(actor: Actor, version: int) -> None:
    """Put a version to use, a newer or an older one.

    Raises:
        Forbidden: `actor` may not deploy models. NotFound, Damaged: the version; nothing changed.
    """
    actor.require(MANAGE)
    found = queries.versions()
    facts, before = found.manifest(version), found.in_use()
    with transaction.atomic():
        audit(
            actor, "learning.deploy", "model", version, f"Version {version}",
            before={"version": before}, after={"version": version, "sha256": facts["sha256"]},
        )  # fmt: skip
        found.deploy(version, actor.name, now())
