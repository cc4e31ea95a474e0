"""Segments, emails, senders and campaigns for the tests of campaigns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from pyroaring import BitMap

from ceap.accounts import queries
from ceap.accounts.contracts import Actor
from ceap.campaigns import actions
from ceap.campaigns.models import Campaign
from ceap.content.models import Version
from ceap.core import bitmaps
from ceap.jobs.actions import Progress, run
from ceap.jobs.models import Job
from ceap.kit.clock import now
from ceap.segments.contracts import Build
from ceap.segments.models import MembershipVersion, Segment
from tests.channels import people


def segment(members: Iterable[int], name: str = "Loyal", **fields: Any) -> Segment:
    """A segment whose only version is ready and holds `members`."""
    row = Segment.objects.create(name=name, created_at=now(), updated_at=now(), **fields)
    row.current = membership(row, members, 1)
    row.save()
    return row


def membership(row: Segment, members: Iterable[int], number: int, state: str = Build.READY) -> MembershipVersion:
    """One version of a segment, not yet the one that serves."""
    ids = BitMap(members)
    ready = {
        "bitmap": bitmaps.pack(ids), "size": len(ids), "total": len(ids), "email": len(ids), "whatsapp": 0,
        "data_as_of": now(), "ready_at": now(),
    }  # fmt: skip
    return MembershipVersion.objects.create(
        segment=row, number=number, rule={}, rule_version=1, state=state, created_at=now(),
        **(ready if state == Build.READY else {}),
    )  # fmt: skip


def email(name: str = "Offer") -> Version:
    """A compiled email."""
    version: Version = people.version(subject="Hello", text="Dear {{ customer.full_name }}")
    version.template.name = name
    version.template.current = version
    version.template.save()
    return version


def addressed(address: str = "1 High Street, Leeds LS1 2AB, UK") -> None:
    """The organisation has a postal address, without which nothing is launched."""
    row = queries.organisation()
    row.settings = {**row.settings, "postal_address": address}
    row.save()


def draft(actor: Actor, members: Iterable[int] | None = None, **values: Any) -> Campaign:
    """A complete draft that could be launched, to `members` (else three new customers)."""
    addressed()
    ids = people.customers(3) if members is None else members
    given = {"name": "Spring", **values}
    given.setdefault("segment_id", segment(ids).pk)
    given.setdefault("content_version_id", email().pk)
    given.setdefault("sender_id", people.sender(default=True).pk)
    return actions.create(actor, **given)


def launched(actor: Actor, members: Iterable[int] | None = None, *, plan: bool = True, **values: Any) -> Campaign:
    """A campaign that was launched, and (unless told otherwise) planned."""
    made = draft(actor, members, **values)
    actions.launch(actor, made.pk, made.version)
    if plan:
        run_planning(made.pk)
    return fresh(made.pk)


def run_planning(campaign_id: UUID) -> Job:
    """Carry out the campaign's job in this thread; returns it as it ended."""
    job = Job.objects.get(pk=fresh(campaign_id).job_id or "")
    run(str(job.pk))
    job.refresh_from_db()
    return job


def fresh(campaign_id: UUID) -> Campaign:
    return Campaign.objects.get(pk=campaign_id)


class Quiet(Progress):
    """Progress that nobody watches."""

    def __init__(self) -> None:
        super().__init__("", "")

    def step(self, done: int | None = None, total: int | None = None, message: str | None = None) -> None: ...
