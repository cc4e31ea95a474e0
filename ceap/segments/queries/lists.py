"""Uploaded lists of ids."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.db.models import QuerySet

from ceap.accounts.contracts import Actor
from ceap.customers import queries as customers
from ceap.kit.home import Home
from ceap.kit.problem import Forbidden, NotFound
from ceap.segments.matching import HEADER, KINDS
from ceap.segments.models import IdList

SHOWN = 20


@dataclass(frozen=True)
class Missing:
    """A row of a list that names no customer."""

    row: int
    value: str
    reason: str


def require_lists(actor: Actor) -> None:
    """Lists are for those who make or change segments, and see customers.

    Raises:
        Forbidden: the actor may do neither.
    """
    actor.require("customers_view")
    if not actor.may("customers_segment_add") and not actor.may("customers_segment_manage"):
        raise Forbidden("You may neither create nor change segments.")


def list_kinds(actor: Actor) -> list[str]:
    """The kinds of identity that are always known, without those of fields that the actor may not see."""
    hidden = customers.hidden_from(actor)
    return [kind for kind in KINDS if kind not in hidden]


def visible_lists(actor: Actor) -> QuerySet[IdList]:
    """The lists that the actor uploaded."""
    return IdList.objects.filter(created_by_id=actor.user_id)


def get_list(actor: Actor, list_id: UUID | str) -> IdList:
    """One list.

    Raises:
        Forbidden: the actor may neither make nor change segments.
        NotFound: there is none (any more), or it is somebody else's.
    """
    require_lists(actor)
    row = visible_lists(actor).filter(pk=list_id).first()
    if row is None:
        raise NotFound("There is no such list any more; upload it again.")
    return row


def list_file(list_id: UUID) -> Path:
    """Where the ids of a list are kept."""
    return Home.load().create().path / "media" / "lists" / f"{list_id}.data"


def missing_file(list_id: UUID) -> Path:
    """The rows of a list that name nobody, as CSV."""
    return list_file(list_id).with_suffix(".missing.csv")


def first_missing(row: IdList) -> list[Missing]:
    """The first rows that name nobody; [] when the file is gone."""
    path = missing_file(row.pk)
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.DictReader(file, HEADER)
        return [Missing(int(one["row"]), one["value"], one["reason"]) for one in islice(lines, 1, SHOWN + 1)]
