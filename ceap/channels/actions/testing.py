"""Send one message to one address, to see what it looks like: on the same path as every other message."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from pyroaring import BitMap

from ceap.accounts import queries as accounts
from ceap.accounts.actions import acts_since, audit
from ceap.accounts.contracts import Actor
from ceap.channels.actions.planning import plan
from ceap.channels.models import Delivery, Sender
from ceap.channels.queries import testable
from ceap.content.queries import compiled
from ceap.core import addresses, mime
from ceap.customers import queries as customers
from ceap.kit.clock import now
from ceap.kit.ids import uuid7
from ceap.kit.problem import Conflict, Forbidden, TooMany, invalid

TEST_EXPIRES = timedelta(minutes=30)
HOUR = timedelta(hours=1)
VERB = "channels.send_test"


def send_test(actor: Actor, version_id: UUID, address: str, customer_id: int | None = None) -> Delivery:
    """Plan a test of a content version to `address`, written as for a customer (none: with every field empty).

    It is transactional, so it needs no consent and takes no slot of a cap; a suppressed address is refused all the
    same: the answered delivery is then final with the reason.

    It goes to users of the organisation only, unless the actor may `content_test_anywhere`; each one is audited, and
    counted against the organisation's `tests_per_hour`.

    Raises:
        Forbidden, NotFound: no such version or customer, or the content says a field hidden from the actor's role.
        Invalid: the address is not one, or nobody's who works here.
        Conflict: there is no sender identity for email.
        TooMany: the actor has sent as many in the last hour as the organisation allows.
    """
    actor.require("content_manage")
    testable(actor, version_id)
    if customer_id is not None:
        customer_id = customers.find(actor, customer_id).pk
        said = {path.removeprefix("customer.") for path in compiled(version_id).variables}
        if said & customers.hidden_from(actor):
            raise Forbidden("This content says a field that your role may not see; test it without a customer.")
    address = _recipient(actor, address)
    sender = Sender.objects.filter(channel="email", archived_at=None).order_by("-default", "created_at").first()
    if sender is None:
        raise Conflict("There is no sender for email yet; add one in Settings › Senders.")
    source = uuid7()
    with transaction.atomic():
        moment = now()
        require_room(actor, moment)
        audit(
            actor, VERB, "content_version", version_id, address,
            after={"customer_id": customer_id} if customer_id is not None else None,
        )  # fmt: skip
        plan(
            "test", source, customers=BitMap([customer_id or 0]), purpose="transactional", sender_id=sender.pk,
            content_version_id=version_id, due=moment, expires_at=moment + TEST_EXPIRES, address=address,
        )  # fmt: skip
    return Delivery.objects.get(source_kind="test", source_id=source)


def require_room(actor: Actor, moment: datetime) -> None:
    """Refuse one more test than the organisation allows an actor in the hour before `moment`; nobody else adds one now.

    Raises:
        TooMany: it says when the next may be sent.
    """
    limit = accounts.setting("tests_per_hour")
    assert isinstance(limit, int)
    sent = acts_since(actor, VERB, moment - HOUR)
    if len(sent) < limit:
        return
    where = "an administrator can change “Test messages a user may send in an hour” in Settings › Organisation"
    if limit == 0:
        raise TooMany(f"Test messages are switched off here; {where}.")
    minutes = -(-(sent[-limit] + HOUR - moment) // timedelta(minutes=1))
    raise TooMany(
        f"You have sent {len(sent)} test messages within an hour, and {limit} are allowed. "
        f"The next can be sent in {minutes} minute{'s' * (minutes != 1)}; {where}."
    )


def _recipient(actor: Actor, address: str) -> str:
    """`address` as it is written to, if `actor` may send a test there."""
    try:
        address = addresses.email(mime.address(address))
    except mime.BadAddress as error:
        raise invalid("address", "This is not an email address.") from error
    if not actor.may("content_test_anywhere") and address not in map(_normal, accounts.work_addresses()):
        raise invalid(
            "address",
            "Your role sends tests only to people who work here: give your own address or another user's. "
            "For any other address ask an administrator for the permission “Send tests to any address”.",
        )
    return address


def _normal(address: str) -> str:
    try:
        return addresses.email(mime.address(address))
    except mime.BadAddress:
        return ""
