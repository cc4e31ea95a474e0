"""Send one message to one address, to see what it looks like: on the same path as every other message."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from pyroaring import BitMap

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor
from ceap.channels.actions.planning import plan
from ceap.channels.models import Delivery, Sender
from ceap.channels.queries import testable
from ceap.content.queries import compiled
from ceap.core import addresses, mime
from ceap.customers import queries as customers
from ceap.kit.clock import now
from ceap.kit.ids import uuid7
from ceap.kit.problem import Conflict, Forbidden, invalid

TEST_EXPIRES = timedelta(minutes=30)


def send_test(actor: Actor, version_id: UUID, address: str, customer_id: int | None = None) -> Delivery:
    """Plan a test of a content version to `address`, written as for a customer (none: with every field empty).

    It is transactional, so it needs no consent and takes no slot of a cap; a suppressed address is refused all the
    same: the answered delivery is then final with the reason.

    Raises:
        Forbidden, NotFound: no such version or customer, or the content says a field hidden from the actor's role.
        Invalid: the address is not one.
        Conflict: there is no sender identity for email.
    """
    actor.require("content_manage")
    testable(actor, version_id)
    if customer_id is not None:
        customer_id = customers.find(actor, customer_id).pk
        said = {path.removeprefix("customer.") for path in compiled(version_id).variables}
        if said & customers.hidden_from(actor):
            raise Forbidden("This content says a field that your role may not see; test it without a customer.")
    try:
        address = addresses.email(mime.address(address))
    except mime.BadAddress as error:
        raise invalid("address", "This is not an email address.") from error
    sender = Sender.objects.filter(channel="email", archived_at=None).order_by("-default", "created_at").first()
    if sender is None:
        raise Conflict("There is no sender for email yet; add one in Settings › Senders.")
    source = uuid7()
    with transaction.atomic():
        audit(actor, "channels.send_test", "content_version", version_id, address)
        plan(
            "test", source, customers=BitMap([customer_id or 0]), purpose="transactional", sender_id=sender.pk,
            content_version_id=version_id, due=now(), expires_at=now() + TEST_EXPIRES, address=address,
        )  # fmt: skip
    return Delivery.objects.get(source_kind="test", source_id=source)
