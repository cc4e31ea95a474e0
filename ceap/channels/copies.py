"""Where deliveries keep what customers could be known by, and the mails of a home that sends to its own mailbox."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ceap.channels.contracts import FINAL
from ceap.channels.mailbox import Mailbox
from ceap.channels.models import Delivery
from ceap.core import copies
from ceap.core.copies import Folder, Person, Table, listed
from ceap.core.optout import JOURNAL
from ceap.core.redaction import blank_in_place
from ceap.core.retention import Order, kept
from ceap.core.sql import id_list, id_rows
from ceap.kit.home import Home

OWN = "what the organisation set up to send"
MOVES = "a number, and what became of a message when: sums of the past still add up"

listed(
    Table(
        "channels_delivery",
        "source_kind source_id step channel purpose sender_id content_version_id state reason due_at expires_at "
        "attempts lease_token lease_until token planned_at sent_at finished_at delivered_at opened_at clicked_at "
        "unsubscribed_at bounced_at",
        MOVES,
        of="customer_id",
        wiped={"address": "''", "detail": "''"},
        export="messages",
        hidden="lease_token lease_until token attempts sender_id content_version_id",
    ),
    Table("channels_source", "kind source_id sender_id paused_at cancelled_at closed_at last_claim_at", OWN),
    Table("channels_mapping", "source_kind source_id step fills", OWN),
    Table(
        "channels_sender",
        "name channel from_name from_address reply_to provider config secrets rate_per_second burst default "
        "archived_at created_at",
        OWN,
    ),
    Table(
        "channels_lane",
        "tokens filled_at pace hold_until holds failures open_until probe_until last_claim_at last_sent_at",
        OWN,
        key="sender_id",
        scrubbed="open_reason",
        excluded="A provider's last answer.",
    ),
    Table("channels_link", "content_version_id index url", "targets that are the same for everybody"),
    Folder("mailbox/*", "deleted: mails to the person, where a home keeps what it sends", excluded="A test mailbox."),
    Folder(
        "optouts.jsonl",
        "overwritten: the address is blanked, the number stays, so that a restored backup does not undo the opt-out",
        excluded="The same as the consents and suppressions.",
    ),
)


@copies.known_of
def _addresses(cursor: Any, vendor: str, keys: Sequence[int]) -> dict[str, list[str]]:
    """Where the customers were written to."""
    cursor.execute(
        "SELECT DISTINCT address FROM channels_delivery WHERE address <> '' AND customer_id IN "
        f"(SELECT value FROM {id_rows(vendor)} AS ids)",
        [id_list(vendor, keys)],
    )
    found = [row[0] for row in cursor.fetchall()]
    return {"email": [a for a in found if "@" in a], "phone": [a for a in found if "@" not in a]}


@copies.step("the journal of opt-outs", order=20)
def _journal(person: Person) -> None:
    blank_in_place(Home.load().path / JOURNAL, person.traces)


@copies.step("mails of the home's own mailbox", order=20)
def _mails(person: Person) -> None:
    Mailbox(Home.load()).erase(person.traces)


def _old_addresses(order: Order) -> list[int]:
    rows = Delivery.objects.filter(state__in=FINAL, finished_at__lt=order.before).exclude(address="", detail="")
    return [key for key, customer in rows.values_list("pk", "customer_id") if customer not in order.held]


@kept("delivery_days", "Addresses of sent messages", count=lambda order: len(_old_addresses(order)))
def _addresses_by_age(order: Order) -> Iterator[int]:
    """Where a message went goes, and the provider's words; that it was sent, and its links, stay."""
    found = _old_addresses(order)
    for start in range(0, len(found), 10_000):
        yield Delivery.objects.filter(pk__in=found[start : start + 10_000]).update(address="", detail="")
