"""Reads about segments; `visible_to` is the only door to rows."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from pyroaring import BitMap

from ceap.accounts.contracts import Actor, Level
from ceap.core import bitmaps
from ceap.kit.problem import Conflict, NotFound
from ceap.segments.contracts import NOT_READY, Build
from ceap.segments.models import MembershipVersion, Segment

KEY = "customers_segment_view"


def visible_to(actor: Actor) -> QuerySet[Segment]:
    """The segments, archived ones too, that `actor` may see: all, one's own, or none."""
    level = actor.level(KEY)
    if level is Level.ALL:
        return Segment.objects.all()
    if level is Level.OWNED and actor.user_id:
        return Segment.objects.filter(created_by_id=actor.user_id)
    return Segment.objects.none()


def get(actor: Actor, segment_id: UUID | str) -> Segment:
    """One segment.

    Raises:
        NotFound: there is none, or `actor` may not see it.
    """
    row = visible_to(actor).select_related("created_by", "updated_by").filter(pk=segment_id).first()
    if row is None:
        raise NotFound("There is no such segment.")
    return row


def current(segment: Segment | UUID | str) -> MembershipVersion | None:
    """The ready version that serves, or None while the first one is being built."""
    key = segment.pk if isinstance(segment, Segment) else segment
    return MembershipVersion.objects.filter(pk__in=Segment.objects.filter(pk=key).values("current")).first()


def members(version: MembershipVersion) -> BitMap:
    """The customer keys in a ready version; its length is `version.size`.

    Raises:
        Conflict: the version is not ready.
    """
    if version.state != Build.READY or version.bitmap is None:
        raise Conflict(NOT_READY)
    return bitmaps.unpack(version.bitmap)
