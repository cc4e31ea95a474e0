"""Uploaded lists as a campaign's audience and as whom it leaves out, through to the deliveries and the messages."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db.models import QuerySet

from ceap.accounts.contracts import SYSTEM
from ceap.campaigns import actions
from ceap.channels.actions.claiming import claim
from ceap.channels.models import Delivery, Sender
from ceap.customers import actions as customers
from ceap.customers.models import Identity
from ceap.kit.clock import now
from ceap.segments import actions as segments
from ceap.segments.contracts import How
from ceap.segments.models import Segment
from tests.actors import actor
from tests.campaigns.setting import draft, fresh, launched, run_planning
from tests.channels import people

pytestmark = [pytest.mark.django_db, pytest.mark.req("S-13")]


def emails(ids: list[int]) -> list[str]:
    rows = Identity.objects.bulk_create(
        [Identity(customer_id=one, kind="email", value=f"c{one}@example.test", created_at=now()) for one in ids]
    )
    return [row.value for row in rows]


def listed(name: str, addresses: list[str]) -> Segment:
    """A segment of the customers with these addresses, ready."""
    found = segments.upload_list(SYSTEM, f"{name}.csv", ["\n".join(["mail", *addresses]).encode()])
    made = segments.create_static(SYSTEM, name=name, list_id=found.pk)
    segments.build_pending(made.pk)
    return made


def planned(campaign_id: UUID) -> QuerySet[Delivery]:
    return Delivery.objects.filter(source_id=campaign_id).order_by("customer_id")


def test_a_list_is_a_campaigns_audience_and_another_is_left_out() -> None:
    ids = people.customers(6)
    [refusing] = people.customers(1, consent=False)
    known = emails([*ids, refusing])
    audience = listed("Guests", [*known, known[0], "nobody@example.test"])
    left_out = listed("Staff", [known[1], known[4], "somebody@example.test"])
    made = launched(actor(), segment_id=audience.pk, exclusions=[left_out.pk])
    wanted = [ids[0], ids[2], ids[3], ids[5]]
    states = dict(planned(made.pk).values_list("customer_id", "state"))
    assert states == {**dict.fromkeys(wanted, "planned"), refusing: "suppressed"}
    assert made.planned == len(states)
    sender = Sender.objects.get()
    assert sorted(row.customer for row in claim(sender, 100)) == wanted


def test_a_list_that_changes_after_the_launch_changes_no_delivery_and_an_erased_customer_gets_none() -> None:
    me, ids = actor(), people.customers(4)
    known = emails(ids)
    audience = listed("Guests", known[:3])
    made = draft(me, segment_id=audience.pk)
    customers.erase(SYSTEM, ids[0])
    segments.recalculate(SYSTEM, audience.pk)
    segments.build_pending(audience.pk)
    actions.launch(me, made.pk, made.version)
    more = segments.upload_list(SYSTEM, "more.csv", [f"mail\n{known[3]}\n".encode()])
    segments.upload(SYSTEM, audience.pk, list_id=more.pk, how=How.ADD)
    segments.build_pending(audience.pk)
    run_planning(made.pk)
    assert [row.customer_id for row in planned(made.pk)] == ids[1:3]
    assert fresh(made.pk).planned == 2
