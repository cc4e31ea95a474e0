"""Reads about content."""

from __future__ import annotations

from uuid import UUID

from ceap.content.contracts import Compiled
from ceap.content.models import Version
from ceap.kit.problem import NotFound


def compiled(version_id: UUID | str) -> Compiled:
    """A version as the renderer takes it, for senders.

    Raises:
        NotFound: there is no such version.
    """
    row = Version.objects.filter(pk=version_id).first()
    if row is None:
        raise NotFound("There is no such version of a template.")
    return Compiled(row.pk, row.subject, row.preheader, row.html, row.text, tuple(row.variables), tuple(row.links))
