"""Where what customers did is kept: the change log, the archive, the warehouse."""

from __future__ import annotations

from django.db import connection, transaction

from ceap.core import copies
from ceap.core.copies import Beat, Folder, NotYet, Person, Table, listed
from ceap.core.retention import kept
from ceap.core.sql import id_list, id_rows
from ceap.events import ageing, queries, rewriting
from ceap.events.contracts import WarehouseBusy

DID = "a number, what was done and bought when: sums of the past still add up"

listed(
    Table(
        "events_entry",
        "at kind tx" if connection.vendor == "postgresql" else "at kind",
        DID,
        key="seq",
        of="customer",
        scrubbed="name dedupe",
        json="payload",  # in the person's own rows its properties go altogether (step "events")
        export="activity",
    ),
    Table("events_position", "tx seq at", "how far readers are", key="consumer"),
    Table("events_rate", "currency into day rate", "what currencies are worth: of no person", key="id"),
    Table("events_archivefile", "sha256 table rows first_seq last_seq created_at original", "which files there are",
          key="file"),
    Table(
        "events_receipt",
        "body accepted duplicates at",
        "that a request was answered",
        scrubbed="key",
        key="key",
        excluded="Technical: the names that programs give to their requests, kept for a week.",
    ),
    Folder("archive/*", "rewritten under a new checksum: rows of the person lose their properties", export="activity"),
    Folder("warehouse.duckdb*", "made again in a new file from store, log and archive; damaged ones are deleted",
           excluded="Fields and activity once more."),
    Folder("warehouse/*", "made again in new files (Spark)", excluded="Fields and activity once more."),
)  # fmt: skip


@copies.step("events", order=5)
def _events(person: Person) -> None:
    """The properties of what the person did; what it was and when it happened stays."""
    vendor = connection.vendor
    without = "payload - 'props'" if vendor == "postgresql" else "json_remove(payload, '$.props')"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE events_entry SET payload = {without} WHERE kind IN ('event', 'purchase') AND customer IN "
            f"(SELECT value FROM {id_rows(vendor)} AS ids)",
            [id_list(vendor, person.customers)],
        )


@copies.step("the event archive", order=20)
def _archive(person: Person) -> None:
    rewriting.erase(person)


@copies.last("the warehouse", order=40)
def _warehouse(beat: Beat) -> None:
    """Made again from what the steps left, in a new file."""
    if connection.in_atomic_block:  # a test's transaction
        return
    try:
        queries.warehouse().renew(lambda: beat("the warehouse"))
    except WarehouseBusy as reason:
        raise NotYet(str(reason.detail)) from reason


kept("event_days", "Events and purchases", count=ageing.count)(ageing.remove)
