"""Who may be contacted: the one gate, the same SQL for preview, planning and the last check before a hand-over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Q, QuerySet
from django.db.models.functions import Cast
from pyroaring import BitMap

from ceap.accounts.contracts import Actor
from ceap.accounts.queries import done_by, zone_and_settings
from ceap.consent import rules
from ceap.consent.contracts import (
    EMAIL_LIKE,
    EMAIL_NOT_LIKE,
    MARKETING,
    REASONS,
    STEPS,
    TRANSACTIONAL,
    Gate,
    Step,
    Verdict,
)
from ceap.consent.models import ConsentRecord, ErasedAddress, Suppression
from ceap.core import addresses as normal
from ceap.core.consents import addresses_of
from ceap.core.sql import id_list, id_rows, text_list, text_rows
from ceap.customers import queries as customers
from ceap.customers.contracts import ADDRESS_FIELDS
from ceap.kit import pagination, seal
from ceap.kit.clock import now
from ceap.kit.home import Home

CHUNK = 20_000
MANY = 10_000  # addresses from which on reading all hashes is cheaper than asking for each
MOST_IN_MEMORY = 500_000  # hashes of erased addresses that a pass holds (about 60 MB)

# The sender checks each address again when it builds the message.
_EMAIL = " AND ".join(
    [f"e.address LIKE '{EMAIL_LIKE}'", *(f"e.address NOT LIKE '{pattern}'" for pattern in EMAIL_NOT_LIKE)]
)
_ADDRESSES = {
    "email": ("LOWER(TRIM(c.email))", _EMAIL),
    "sms": ("c.phone", "e.address LIKE '+%'"),
    "whatsapp": (
        "CASE WHEN c.chatroom THEN COALESCE(NULLIF(c.phone, ''), c.bsuid) ELSE '' END",
        "e.address <> ''",
    ),
}


# Who has said nothing about the purpose: the customer's field was asked for marketing on every channel, and answers for
# that alone; what belongs to a purchase or an account needs no consent.
_UNASKED = {MARKETING: "e.marketing_opt_in, FALSE", TRANSACTIONAL: "TRUE"}


def _sql(channel: str, purpose: str) -> str:
    address, valid = _ADDRESSES[channel]
    unasked = _UNASKED.get(purpose, "FALSE")
    return f"""
        SELECT e.id, CASE
            WHEN e.gone OR NOT ({valid.replace("%", "%%")}) THEN 'unreachable'
            WHEN NOT COALESCE(
                (SELECT r.granted FROM consent_consentrecord r WHERE r.customer_id = e.id AND r.purpose IN (%s, '*')
                 AND r.channel IN (%s, '*') ORDER BY r.id DESC LIMIT 1), {unasked}) THEN 'no_consent'
            WHEN EXISTS (SELECT 1 FROM consent_suppression s WHERE s.address = e.address AND s.channel IN (%s, '*')
                 AND s.purpose IN (%s, '*')) THEN 'suppressed'
            WHEN %s > 0 AND (SELECT COUNT(*) FROM consent_capslot k WHERE k.customer_id = e.id AND k.channel = %s
                 AND k."window" = %s) >= %s THEN 'capped'
            ELSE '' END, e.address, e.time_zone
        FROM (SELECT c.id, {address} AS address, c.time_zone, c.marketing_opt_in,
                     c.merged_into_id IS NOT NULL OR c.erased_at IS NOT NULL AS gone
              FROM {id_rows(connection.vendor)} i JOIN customers_customer c ON c.id = i.value) e"""


class Rules:
    """The organisation's settings that the gate needs, read once for a pass, or for the few messages of a hand-over."""

    def __init__(self) -> None:
        self.zone, settings = zone_and_settings()
        self.cap = int(settings["email_cap_per_week"] or 0)  # type: ignore[call-overload]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {ErasedAddress._meta.db_table})")
            self.erased = bool(cursor.fetchone()[0])
        self.quiet_from = rules.clock_time(settings["quiet_from"])
        self.quiet_until = rules.clock_time(settings["quiet_until"])

    @cached_property
    def digests(self) -> frozenset[str] | None:
        """The hashes of erased people's addresses, read once for a pass over many; None when there are too many."""
        found = frozenset(ErasedAddress.objects.values_list("digest", flat=True)[: MOST_IN_MEMORY + 1])
        return found if len(found) <= MOST_IN_MEMORY else None

    def cap_of(self, channel: str, purpose: str) -> int:
        """Messages a week on `channel` for `purpose`; 0 = no cap."""
        return self.cap if channel == "email" and purpose != TRANSACTIONAL else 0

    def quiet_end(self, at: datetime, zone: str, purpose: str) -> datetime | None:
        """When quiet hours end that hold at `at` in `zone`, or None."""
        if purpose == TRANSACTIONAL or self.quiet_from is None:
            return None
        return rules.quiet_end(at, rules.zone(zone, self.zone), self.quiet_from, self.quiet_until)


def window(at: datetime, settings: Rules) -> str:
    """The cap's week that `at` falls in."""
    return rules.cap_window(at, settings.zone)


def verdicts(
    ids: Iterable[int], *, channel: str, purpose: str, at: datetime, settings: Rules | None = None
) -> Iterator[Verdict]:
    """The gate's answer for each of `ids`, in any order; customers that do not exist are unreachable.

    Raises:
        LookupError: nothing is known about addresses of `channel`.
    """
    if channel not in _ADDRESSES:
        raise LookupError(f"no addresses are known for the channel {channel!r}")
    settings = settings or Rules()
    cap, week = settings.cap_of(channel, purpose), window(at, settings)
    sql = _sql(channel, purpose)
    rest = iter(ids)
    while chunk := list(islice(rest, CHUNK)):
        values: list[Any] = [
            purpose, channel, channel, purpose, cap, channel, week, cap,
            id_list(connection.vendor, chunk),
        ]  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            rows = cursor.fetchall()
        spelled = [_spelled(address or "") for _, _, address, _ in rows]
        refused = _refused_by_address(channel, purpose, rows, spelled, settings)
        for one, (customer, reason, _, zone) in zip(spelled, rows, strict=True):
            yield Verdict(
                customer, "suppressed" if reason in _STILL_OPEN and one in refused else reason, one, zone or ""
            )
        if len(rows) < len(chunk):
            for missing in set(chunk) - {row[0] for row in rows}:
                yield Verdict(missing, "unreachable", "", "")


_STILL_OPEN = ("", "capped")  # the answers of the store before which suppression might still have to be said


def _spelled(address: str) -> str:
    """The normal form of an address that the store has put into lower case."""
    return address if address.isascii() and "xn--" not in address else normal.normal(address)


def _refused_by_address(
    channel: str, purpose: str, rows: list[Any], spelled: list[str], settings: Rules
) -> set[str]:  # fmt: skip
    """The addresses (normal forms) the store could not refuse: spelled otherwise there, or known as a hash alone."""
    left = [(one, row[2]) for one, row in zip(spelled, rows, strict=True) if row[1] in _STILL_OPEN]
    found = _suppressed(channel, purpose, [one for one, address in left if one != address])
    if not settings.erased:
        return found
    among = [one for one, _ in left]
    if len(among) < MANY or settings.digests is None:
        return found | erased(among)
    return found | erased_in(settings.digests, among)


def _suppressed(channel: str, purpose: str, among: list[str]) -> set[str]:
    """Those of `among` (normal forms) that are suppressed for `purpose` ("*": for any)."""
    if not among:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.address FROM consent_suppression s WHERE s.channel IN (%s, '*') AND (%s = '*' OR s.purpose IN "
            f"(%s, '*')) AND s.address IN {text_rows(connection.vendor)}",
            [channel, purpose, purpose, text_list(connection.vendor, among)],
        )
        return {row[0] for row in cursor.fetchall()}


def erased_in(digests: frozenset[str], among: list[str]) -> set[str]:
    """Those of `among` (normal forms) whose keyed hash is in `digests`."""
    made = normal.digests(erased_key(), among)
    return {address for address, digest in zip(among, made, strict=True) if digest in digests}


def erased(among: Iterable[str]) -> set[str]:
    """Those of `among` (normal forms) that were addresses of people who have been erased."""
    by_digest: dict[str, list[str]] = {}
    key = erased_key()
    for address in among:
        by_digest.setdefault(normal.digest_of_normal(key, address), []).append(address)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT d.digest FROM consent_erasedaddress d WHERE d.digest IN {text_rows(connection.vendor)}",
            [text_list(connection.vendor, by_digest)],
        )
        return {address for (digest,) in cursor.fetchall() for address in by_digest[digest]}


def erased_key() -> bytes:
    """The key of the digests of erased people's addresses, from the home's secret: the store alone says nothing."""
    return seal.derive(Home.load().secret, "erased-address/1")


def addresses(ids: Iterable[int], channel: str) -> dict[int, str]:
    """The customers' own addresses on `channel` as the gate compares them; "" when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.id, {_ADDRESSES[channel][0]} FROM {id_rows(connection.vendor)} i "
            "JOIN customers_customer c ON c.id = i.value",
            [id_list(connection.vendor, ids)],
        )
        return {customer: _spelled(address or "") for customer, address in cursor.fetchall()}


def gate(ids: Iterable[int], *, channel: str, purpose: str = "marketing", at: datetime) -> Gate:
    """Who of `ids` may be contacted at `at` on `channel` for `purpose`, and why the others may not.

    A valid address → consent (the newest record that covers purpose and channel; without one, the customer's opt-in
    field for marketing, yes for transactional, else no) → suppression → the weekly cap. Quiet hours only defer.
    """
    settings = Rules()
    refused = {reason: BitMap() for reason in REASONS}
    allowed, deferred = BitMap(), dict[datetime, BitMap]()
    ends: dict[str, datetime | None] = {}
    for verdict in verdicts(ids, channel=channel, purpose=purpose, at=at, settings=settings):
        if verdict.reason:
            refused[verdict.reason].add(verdict.customer)
            continue
        allowed.add(verdict.customer)
        if verdict.zone not in ends:
            ends[verdict.zone] = settings.quiet_end(at, verdict.zone, purpose)
        if end := ends[verdict.zone]:
            deferred.setdefault(end, BitMap()).add(verdict.customer)
    left = len(allowed) + sum(len(ids) for ids in refused.values())
    steps = []
    for key, label, reason in STEPS:
        left -= len(refused[reason]) if reason else 0
        steps.append(Step(key, label, left))
    return Gate(allowed, refused, deferred, steps)


def suppressed_addresses(channel: str, addresses: Iterable[str]) -> set[str]:
    """Those of `addresses`, as given, that are suppressed on `channel` for any purpose."""
    spelled = {address: normal.normal(address) for address in addresses}
    distinct = sorted(set(spelled.values()))
    closed = _suppressed(channel, "*", distinct) | erased(distinct)
    return {address for address, one in spelled.items() if one in closed}


@dataclass(frozen=True)
class Standing:
    """Where one customer stands: `standing` maps channels to the gate's refusal ("" = allowed).

    `erased`: an address of this customer was a person's who has been erased on request; nothing is sent there.
    """

    standing: dict[str, str]
    records: list[ConsentRecord]
    suppressions: list[Suppression]
    erased: bool = False


def of_customer(actor: Actor, customer_id: int) -> Standing:
    """Consents (newest first) and suppressed addresses of a customer, and what the gate says now about marketing.

    Raises:
        NotFound: there is no such customer, or `actor` may not see it.
        HiddenField: the actor's role may not see who gave consent.
    """
    customer = customers.find(actor, customer_id)
    customers.require_seen(actor, "marketing_opt_in")
    standing = {
        channel: next(iter(verdicts([customer.pk], channel=channel, purpose=MARKETING, at=now()))).reason
        for channel in _ADDRESSES
    }
    with connection.cursor() as cursor:
        own = addresses_of(cursor, connection.vendor, customer.pk)
    rows = Suppression.objects.filter(Q(customer_id=customer.pk) | Q(address__in=own)).order_by("-pk")
    records = ConsentRecord.objects.filter(customer_id=customer.pk).order_by("-pk")
    return Standing(standing, list(records[:200]), _seen(actor, list(rows[:200])), bool(erased(own)))


def suppressions_visible_to(actor: Actor) -> QuerySet[Suppression]:
    """The suppressed addresses that `actor` may see: all, or those of the customers that `actor` may see, and the ones
    that `actor` added.

    Raises:
        Forbidden: without "consent_manage".
    """
    actor.require("consent_manage")
    rows = Suppression.objects.all()
    if actor.customers_seen == "all":
        return rows
    seen = customers.visible_to(actor)
    added = done_by(actor, "consent.suppress").annotate(key=Cast("object_id", BigIntegerField())).values("key")
    return rows.filter(
        Q(customer_id__in=seen.values("pk"))
        | Q(address__in=customers.known_as(actor, "email", "phone"))
        | Q(address__in=seen.exclude(bsuid="").values("bsuid"))
        | Q(pk__in=added)
    )


def suppressions(
    actor: Actor, *, search: str = "", cursor: str | None = None, limit: int = pagination.PAGE_SIZE
) -> tuple[list[Suppression], str | None]:
    """Suppressed addresses that contain `search`, newest first.

    Raises:
        Forbidden: without "consent_manage".
        HiddenField: `search` looks into addresses that the actor's role may not see.
    """
    rows = suppressions_visible_to(actor)
    if search.strip():
        customers.require_seen(actor, *(key for keys in ADDRESS_FIELDS.values() for key in keys))
    if part := search.strip():
        rows = rows.filter(Q(address__icontains=part.lower()) | Q(address__icontains=normal.normal(part)))
    found, following = pagination.page(rows, "-pk", cursor=cursor, limit=limit)
    return _seen(actor, found), following


def _seen(actor: Actor, rows: list[Suppression]) -> list[Suppression]:
    """The same rows without the addresses that are made of fields which the role may not see."""
    hidden = {channel for channel in {row.channel for row in rows} if customers.hides_address(actor, channel)}
    for row in rows:
        if row.channel in hidden:
            row.address = ""
    return rows
