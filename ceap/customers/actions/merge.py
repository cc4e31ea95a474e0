"""Making one customer of two."""

from __future__ import annotations

from django.db import connection, transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import Actor
from ceap.core import consents
from ceap.core.changelog import customers_changed
from ceap.core.optout import opt_out
from ceap.customers.actions import values
from ceap.customers.actions.files import give_up
from ceap.customers.actions.identities import follow_fields
from ceap.customers.contracts import CHANNEL_CONSENT, CONSENT_KEYS, FieldType
from ceap.customers.models import Customer, CustomerFile, Identity, SearchText
from ceap.customers.queries.customers import visible_to
from ceap.customers.queries.files import named
from ceap.customers.rules.files import MOST_FILES
from ceap.kit.clock import now
from ceap.kit.problem import NotFound, invalid


def merge(actor: Actor, survivor: int, duplicate: int) -> Customer:
    """Make `duplicate` part of `survivor`, in one transaction.

    The survivor keeps its own values and takes the duplicate's where it has none, and its files; it takes all
    identities and consent records. What either has withdrawn, the merged customer has. The duplicate stays as a
    pointer (`merged_into`): what refers to it (deliveries, events, purchases) is counted as the survivor's from now on.

    Raises:
        Forbidden: the actor may not merge.
        NotFound: one of the two does not exist for the actor.
        Invalid: they are the same customer.
    """
    actor.require("customers_erase")
    if survivor == duplicate:
        raise invalid("duplicate", "Choose another customer to merge with.")
    with transaction.atomic():
        rows = {row.pk: row for row in visible_to(actor).select_for_update().filter(pk__in=[survivor, duplicate])}
        if len(rows) < 2:
            raise NotFound("There is no such customer.")
        kept, gone, at = rows[survivor], rows[duplicate], now()
        missing = _missing(kept, gone)
        fields = {row.pk: row.marketing_opt_in for row in (kept, gone)}
        earliest = min(kept.created_at, gone.created_at)
        gone.customer_id, gone.custom, gone.merged_into, gone.version = None, {}, kept, gone.version + 1
        gone.updated_at, gone.updated_by_id = at, actor.user_id
        gone.save()
        Customer.objects.filter(merged_into=gone).update(merged_into=kept)
        Identity.objects.filter(customer=gone, primary=True).update(primary=False)
        Identity.objects.filter(customer=gone).update(customer=kept)
        SearchText.objects.filter(customer=gone).delete()
        _, after = values.apply(kept, missing)
        _move_files(gone, kept)
        kept.created_at, kept.updated_at, kept.updated_by_id = earliest, at, actor.user_id
        if gone.last_activity_at and (not kept.last_activity_at or kept.last_activity_at < gone.last_activity_at):
            kept.last_activity_at = gone.last_activity_at
        kept.version += 1
        kept.save()
        follow_fields(actor, kept, {*after, "full_name"})
        with connection.cursor() as cursor:
            words = consents.said_by(cursor, connection.vendor, [kept.pk, gone.pk])
            consents.move(cursor, gone.pk, kept.pk)
            for channel, purpose in _refused(words, fields, kept):
                opt_out(
                    cursor, connection.vendor, customer_id=kept.pk, channel=channel, purpose=purpose, source="merge",
                    evidence={"merged": gone.pk, "by": actor.name}, at=at,
                )  # fmt: skip
            customers_changed(cursor, [kept.pk, gone.pk], connection.vendor)
        audit(actor, "customers.merge", "customer", kept.pk, str(kept), before={"merged": gone.pk}, after=after)
    kept.refresh_from_db()
    return kept


def _refused(
    words: dict[int, list[consents.Said]], fields: dict[int, bool | None], kept: Customer
) -> list[tuple[str, str]]:  # fmt: skip
    """What either of the two had taken back, as (channel, purpose); "*" where it is every channel."""
    said = [consents.answers(words.get(pk, []), opt_in) for pk, opt_in in fields.items()]
    refused: dict[str, list[str]] = {}
    for answers in said:
        for (channel, purpose), word in answers.items():
            if word is False and channel not in refused.setdefault(purpose, []):
                refused[purpose].append(channel)
    return [
        (channel, purpose)
        for purpose, channels in refused.items()
        for channel in (("*",) if len(channels) == len(consents.CHANNELS) else channels)
    ]


def _move_files(gone: Customer, kept: Customer) -> None:
    """The files that the survivor's values name now become the survivor's; the others are given up."""
    files = list(CustomerFile.objects.filter(customer=gone))
    taken = [file.pk for file in files if str(file.pk) in named(kept, file.field)]
    CustomerFile.objects.filter(pk__in=taken).update(customer=kept)
    give_up(file for file in files if file.pk not in taken)


def _missing(kept: Customer, gone: Customer) -> dict[str, object]:
    """What the duplicate knows and the survivor does not."""
    found: dict[str, object] = {}
    consent_unknown = kept.marketing_opt_in is None
    for key, field in values.writable(consent=True).items():
        if key in CHANNEL_CONSENT:  # said in records, which move as they are
            continue
        if key in CONSENT_KEYS and not consent_unknown:
            continue
        if field.custom:
            mine, other = kept.custom.get(key), gone.custom.get(key)
        else:
            mine, other = (getattr(row, values.attribute(field)) for row in (kept, gone))
        if field.type is FieldType.FILE and mine and other:
            found[key] = [*mine, *other][:MOST_FILES]
        elif mine in (None, "", False) and other not in (None, "", False):
            found[key] = other
    if gone.marketing_opt_in is False and consent_unknown:
        found["marketing_opt_in"] = False
    return found
