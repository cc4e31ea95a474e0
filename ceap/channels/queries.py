"""Reads about deliveries."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, Min, QuerySet

from ceap.accounts.contracts import Actor, Level
from ceap.channels.contracts import OPEN, State, words
from ceap.channels.models import Delivery, Lane, Sender, Source
from ceap.content import queries as content
from ceap.customers import queries as customers
from ceap.kit import pagination
from ceap.kit.clock import now
from ceap.kit.problem import Forbidden, NotFound


def tally(kind: str, id: UUID | str) -> dict[str, int]:
    """How many deliveries of a source are in each state (every state is a key); the sum is what was planned."""
    rows = Delivery.objects.filter(source_kind=kind, source_id=id).values_list("state").annotate(Count("id")).order_by()
    return {str(state): 0 for state in State} | dict(rows)


def tokens_sent(kind: str, id: UUID | str) -> list[str]:
    """The tokens of a source's messages that were sent, in the order in which they were planned."""
    rows = Delivery.objects.filter(source_kind=kind, source_id=id, state=State.SENT).order_by("pk")
    return list(rows.values_list("token", flat=True))


def sender(sender_id: UUID | str) -> Sender | None:
    """A sender identity in use, or None."""
    return Sender.objects.filter(pk=sender_id, archived_at=None).first()


def senders(channel: str) -> list[Sender]:
    """The sender identities of `channel` in use, the default one first."""
    return list(Sender.objects.filter(channel=channel, archived_at=None).order_by("-default", "created_at"))


def default_sender(channel: str) -> Sender | None:
    """The sender identity of `channel` that is used where none is chosen, or None when there is none."""
    return Sender.objects.filter(channel=channel, archived_at=None).order_by("-default", "created_at").first()


def outcomes(kind: str, id: UUID | str) -> dict[str, dict[str, int]]:
    """How many deliveries of a source are in each state for each reason ("" = none needed): {state: {reason: n}}."""
    found: dict[str, dict[str, int]] = {}
    rows = Delivery.objects.filter(source_kind=kind, source_id=id).values_list("state", "reason")
    for state, reason, count in rows.annotate(Count("id")).order_by():
        found.setdefault(state, {})[reason] = count
    return found


def engagement(kind: str, id: UUID | str) -> dict[str, int]:
    """How many people a source's messages reached: delivered, opened, clicked, unsubscribed, bounced."""
    names = ("delivered", "opened", "clicked", "unsubscribed", "bounced")
    rows = Delivery.objects.filter(source_kind=kind, source_id=id)
    return rows.aggregate(**{name: Count(f"{name}_at") for name in names})


def senders_visible_to(actor: Actor) -> QuerySet[Sender]:
    """Sender identities in use: for those who manage channels, or who choose one for a campaign.

    Raises:
        Forbidden: neither.
    """
    if not actor.may("campaigns_manage"):
        actor.require("channels_manage", Level.ALL)
    return Sender.objects.filter(archived_at=None).order_by("-default", "name", "pk")


def sender_of(actor: Actor, sender_id: UUID) -> Sender:
    """One sender identity, archived or not, for those who manage channels.

    Raises:
        Forbidden, NotFound.
    """
    actor.require("channels_manage", Level.ALL)
    row = Sender.objects.filter(pk=sender_id).first()
    if row is None:
        raise NotFound("There is no such sender.")
    return row


def ledger(
    actor: Actor, customer_id: int, cursor: str | None = None, limit: int = pagination.PAGE_SIZE
) -> tuple[list[Delivery], str | None]:
    """Every delivery planned for a customer, newest first: why was she (not) written to?

    Raises:
        NotFound: there is no such customer, or `actor` may not see it.
    """
    customer = customers.find(actor, customer_id)
    planned = Delivery.objects.filter(customer_id=customer.pk).exclude(source_kind="test")
    rows, following = pagination.page(planned, "-pk", cursor=cursor, limit=limit)
    return _seen(actor, rows), following


def deliveries(
    actor: Actor, kind: str, id: UUID | str, *, state: str = "", reason: str = "", cursor: str | None = None,
    limit: int = pagination.PAGE_SIZE,
) -> tuple[list[Delivery], str | None]:  # fmt: skip
    """A source's deliveries, newest first, of customers that `actor` may see; the caller has checked the source."""
    rows = Delivery.objects.filter(source_kind=kind, source_id=id)
    if state:
        rows = rows.filter(state=state)
    if reason:
        rows = rows.filter(reason=reason)
    if actor.level("customers_view") is not Level.ALL:
        rows = rows.filter(customer_id__in=customers.visible_to(actor).values("pk"))
    found, following = pagination.page(rows, "-pk", cursor=cursor, limit=limit)
    return _seen(actor, found), following


def test_of(actor: Actor, delivery_id: int) -> Delivery:
    """A test message, to see what became of it.

    Raises:
        Forbidden, NotFound.
    """
    actor.require("content_manage")
    row = Delivery.objects.filter(pk=delivery_id, source_kind="test").first()
    if row is None or (row.customer_id and not customers.visible_to(actor).filter(pk=row.customer_id).exists()):
        raise NotFound("There is no such test message.")
    testable(actor, row.content_version_id)
    return row


def testable(actor: Actor, version_id: UUID) -> None:
    """Refuse unless `actor` may try the content version out.

    Raises:
        Forbidden, NotFound: no such version, or somebody else's content.
    """
    actor.require("content_manage")
    version = content.version(actor, version_id)
    if not actor.owns("content_manage", version.template.created_by_id):
        raise Forbidden("You may try out only content that you made.")


def _seen(actor: Actor, rows: list[Delivery]) -> list[Delivery]:
    """The same rows without what the role may not see: where they went, and what the provider said of the address."""
    hidden = {channel for channel in {row.channel for row in rows} if customers.hides_address(actor, channel)}
    for row in rows:
        if row.channel in hidden:
            row.address = row.detail = ""
    return rows


def said(row: Delivery) -> str:
    """Why a delivery is as it is, in a sentence; "" when there is nothing to say."""
    return words(row.reason)


def movement(kind: str, id: UUID | str) -> dict[str, Any]:
    """Why is (nothing of) a source moving: the queue, when something was claimed last, what holds it back.

    Returns:
        waiting, claimed, sending: counts; oldest_due, next_due, last_claim_at, last_sent_at: moments or null; paused,
        cancelled: whether; blockers: sentences, the strongest first (empty when all is well); senders: one state each.
    """
    at, counts = now(), tally(kind, id)
    sources = list(Source.objects.filter(kind=kind, source_id=id))
    planned = Delivery.objects.filter(source_kind=kind, source_id=id, state=State.PLANNED)
    oldest = planned.filter(due_at__lte=at).aggregate(at=Min("due_at"))["at"]
    following = planned.filter(due_at__gt=at).aggregate(at=Min("due_at"))["at"]
    lanes = {lane.pk: lane for lane in Lane.objects.filter(pk__in=[s.sender_id for s in sources])}
    names = dict(Sender.objects.filter(pk__in=[s.sender_id for s in sources]).values_list("pk", "name"))
    blockers: list[str] = []
    if any(source.cancelled_at for source in sources):
        blockers.append("It was cancelled.")
    elif any(source.paused_at for source in sources):
        blockers.append("It is paused.")
    for sender_id, lane in lanes.items():
        blockers += _held_by(names.get(sender_id, "The sender"), lane, at)
    if oldest is None and following is not None:
        blockers.append("Nothing is due yet.")
    claims = [lane.last_claim_at for lane in lanes.values() if lane.last_claim_at]
    if oldest and not blockers and (at - oldest).total_seconds() > 60 and (
        not claims or (at - max(claims)).total_seconds() > 60
    ):  # fmt: skip
        blockers.append("No worker has taken anything for a minute although it is due: is `ceap worker` running?")
    return {
        "waiting": counts[State.PLANNED], "claimed": counts[State.CLAIMED], "sending": counts[State.SENDING],
        "oldest_due": oldest, "next_due": following, "last_claim_at": max(claims, default=None),
        "last_sent_at": max((lane.last_sent_at for lane in lanes.values() if lane.last_sent_at), default=None),
        "paused": any(s.paused_at for s in sources), "cancelled": any(s.cancelled_at for s in sources),
        "blockers": blockers if sum(counts[s] for s in OPEN) else [],
        "senders": [lane_state(names.get(key, ""), lane, at) for key, lane in lanes.items()],
    }  # fmt: skip


def _held_by(name: str, lane: Lane, at: Any) -> list[str]:
    found = []
    if lane.failures:
        found.append(f"{name} cannot reach its provider ({lane.open_reason}); it is tried again by itself.")
    if lane.hold_until and lane.hold_until > at:
        found.append(f"The provider of {name} asked to wait; it goes on at {lane.hold_until:%H:%M:%S} UTC.")
    return found


def lane_state(name: str, lane: Lane | None, at: Any) -> dict[str, Any]:
    """How a sender identity is doing: state is "ok", "slowed", "held" or "down"."""
    if lane is None:
        return {"name": name, "state": "ok", "detail": "", "pace": 1.0, "last_claim_at": None, "last_sent_at": None}
    held = bool(lane.hold_until and lane.hold_until > at)
    state = "down" if lane.failures else "held" if held else "slowed" if lane.pace < 1 else "ok"
    return {
        "name": name, "state": state, "detail": lane.open_reason, "pace": lane.pace,
        "last_claim_at": lane.last_claim_at, "last_sent_at": lane.last_sent_at,
    }  # fmt: skip


def lanes(sender_ids: list[UUID]) -> dict[UUID, Lane]:
    """What the workers share about sender identities."""
    return {lane.pk: lane for lane in Lane.objects.filter(pk__in=sender_ids)}
