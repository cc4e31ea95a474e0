"""What a store restored from a backup may no longer do, since it may have been done after the backup was made."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from ceap.channels.contracts import OPEN, State
from ceap.channels.models import Delivery, Sender, Source
from ceap.channels.providers import provider_of
from ceap.consent import actions as consent_actions
from ceap.core import changelog
from ceap.core.optout import JOURNAL, withdraw
from ceap.core.ports import Found, Outcome, ProviderDown
from ceap.kit import journal
from ceap.kit.clock import now
from ceap.kit.home import Home

Receipts = Mapping[int, Mapping[str, datetime]]
log = logging.getLogger("ceap.channels")
CHUNK = 500
STAMPS = ("delivered_at", "opened_at", "clicked_at", "unsubscribed_at")
ARRIVED = ("message_sent", "message_delivered", "message_opened", "message_clicked", "message_unsubscribed")
BOUNCED = "message_bounced"
HELD = "It may have been sent after the backup was made."


def after_restore() -> dict[str, Any]:
    """Settle every delivery that was on the way when the backup was made, and hear every opt-out again.

    Those of which receipts or the provider know what became of them end so. A campaign's that the provider certainly
    never took stay planned, and their source is paused: a person decides. All others end as unknown.

    Returns:
        How many deliveries of each kind, and how many opt-outs changed something.
    """
    settled = dict.fromkeys(("sent", "failed", "planned", "held"), 0)
    receipts = _receipts()
    for rows in _open():
        found = _from_receipts(rows, receipts)
        found |= _from_providers([row for row in rows if row.pk not in found])
        for row in rows:
            settled[_settle(row, found.get(row.pk))] += 1
    heard = 0
    for record in journal.read(Home.load().path / JOURNAL):
        if "erased" in record:
            heard += consent_actions.remember(record["erased"])
            continue
        with transaction.atomic(), connection.cursor() as cursor:
            at = datetime.fromisoformat(record.pop("at"))
            heard += withdraw(cursor, connection.vendor, **record, at=at)
    return {f"deliveries_{kind}": count for kind, count in settled.items()} | {"opt_outs": heard}


def _open() -> Iterator[list[Delivery]]:
    """What was on the way, in parts."""
    last = 0
    while rows := list(Delivery.objects.filter(state__in=OPEN, pk__gt=last).order_by("pk")[:CHUNK]):
        yield rows
        last = rows[-1].pk


def _receipts() -> Receipts:
    from ceap.events import queries as events  # with the warehouse's libraries, which the worker does without

    return events.receipts(Delivery.objects.filter(state__in=OPEN).values_list("pk", flat=True).iterator())


def _from_receipts(rows: list[Delivery], receipts: Receipts) -> dict[int, Found]:
    found = {}
    for row in rows:
        names = receipts.get(row.pk, {})
        moments = [names[name] for name in ARRIVED if name in names]
        moments += [at for at in (getattr(row, stamp) for stamp in STAMPS) if at]
        if moments:
            found[row.pk] = Found(Outcome.SENT, min(moments))
        elif bounced := row.bounced_at or names.get(BOUNCED):
            found[row.pk] = Found(Outcome.FAILED, bounced, "bounced")
    return found


def _from_providers(rows: list[Delivery]) -> dict[int, Found]:
    found: dict[int, Found] = {}
    for sender_id in {row.sender_id for row in rows}:
        theirs = {row.token: row for row in rows if row.sender_id == sender_id}
        known = _ask(sender_id, theirs)
        found |= {row.pk: known[token] for token, row in theirs.items() if token in known}
    return found


def _ask(sender_id: UUID, rows: Mapping[str, Delivery]) -> Mapping[str, Found]:
    sender = Sender.objects.filter(pk=sender_id).first()
    if sender is None:
        return {}
    try:
        return provider_of(sender).find(list(rows), min(row.planned_at for row in rows.values()))
    except ProviderDown as down:
        log.warning("the provider of %s cannot say what became of %d messages: %s", sender, len(rows), down)
    except Exception:  # a defect of the plug-in must not stand in the way of a restore
        log.exception("the provider of %s broke when it was asked for %d messages", sender, len(rows))
    return {}


def _settle(row: Delivery, found: Found | None) -> str:
    """Write what became of a delivery; returns under what it counts."""
    at = now()
    values: dict[str, Any] = {"lease_token": "", "lease_until": None}
    how = "held"
    if found and found.outcome is Outcome.RETRY and row.source_kind == "campaign":
        how, values["state"] = "planned", State.PLANNED
    elif found and found.outcome is Outcome.SENT:
        how, values["state"] = "sent", State.SENT
        values |= {"reason": "", "detail": "", "sent_at": found.at or at, "finished_at": at}
    elif found and found.outcome is Outcome.FAILED:
        reason, detail = found.reason[:60] or "rejected", found.detail[:250]
        how = "failed"
        values |= {"state": State.FAILED, "reason": reason, "detail": detail, "finished_at": at}
    else:
        values |= {"state": State.UNKNOWN, "reason": "restored", "detail": HELD, "finished_at": at}
    with transaction.atomic(), connection.cursor() as cursor:
        Delivery.objects.filter(pk=row.pk).update(**values)
        if how in ("planned", "failed"):
            consent_actions.release([row.pk])
        if how == "planned":
            which = {"kind": row.source_kind, "source_id": row.source_id, "sender_id": row.sender_id}
            Source.objects.filter(**which, paused_at=None).update(paused_at=at)
        if how == "sent" and row.source_kind != "test":
            sent = changelog.event(
                "message_sent", row.customer_id, at=values["sent_at"], campaign=str(row.source_id),
                props={"delivery": row.pk}, dedupe=f"restored:{row.pk}",
            )  # fmt: skip
            changelog.append(cursor, [sent], connection.vendor)
    return how
