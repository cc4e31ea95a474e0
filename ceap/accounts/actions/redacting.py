"""Taking an erased customer's data out of the audit trail, so that the chain still holds."""

from __future__ import annotations

from django.db import connection, transaction

from ceap.accounts.actions.trail import REDACT, audit, locked_head
from ceap.accounts.contracts import SYSTEM
from ceap.accounts.models import AuditEntry
from ceap.accounts.rules import entry_hash, without_values
from ceap.core.copies import Person

A_TIME = 500  # entries in one transaction: writers wait meanwhile


def redact(person: Person) -> int:
    """Take what names a person out of every entry; how many entries that changed.

    Entries about the customer keep who did what and which fields were changed, without any value; others keep
    everything but the words that name the person. Their hashes stay as they are, and what was left of each is hashed
    into a new entry, `accounts.redact`: `verify_chain` accepts exactly that.
    """
    found, changed = _mentions(person), 0
    for start in range(0, len(found), A_TIME):
        with transaction.atomic():
            locked_head()
            left = {}
            for entry in AuditEntry.objects.filter(seq__in=found[start : start + A_TIME]).order_by("seq"):
                if _taken_out(entry, person):
                    entry.save(update_fields=["object_id", "object_name", "before", "after", "salt"])
                    left[str(entry.seq)] = entry_hash(entry)
            if left:
                audit(SYSTEM, REDACT, "erasure", person.request, after={"entries": left})
                changed += len(left)
        person.beat("the audit trail")
    return changed


def _mentions(person: Person) -> list[int]:
    """The entries about the customer, and those that may name the person."""
    vendor = connection.vendor
    like = "ILIKE" if vendor == "postgresql" else "LIKE"
    columns = [f"CAST({name} AS TEXT)" for name in ("object_id", "object_name", "before", "after")]
    patterns = person.traces.likes
    fits = [f"{column} {like} %s" for column in columns for _ in patterns]
    ids = [str(key) for key in person.customers]
    own = f"(object_kind = 'customer' AND object_id IN ({', '.join(['%s'] * len(ids))}))"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT seq FROM accounts_auditentry WHERE verb <> %s AND ({' OR '.join([own, *fits])}) ORDER BY seq",
            [REDACT, *ids, *(pattern for _ in columns for pattern in patterns)],
        )
        return [row[0] for row in cursor.fetchall()]


def _taken_out(entry: AuditEntry, person: Person) -> bool:
    old = (entry.object_id, entry.object_name, entry.before, entry.after)
    if entry.object_kind == "customer" and entry.object_id in {str(key) for key in person.customers}:
        entry.object_name = f"#{entry.object_id}"
        entry.before, entry.after = without_values(entry.before), without_values(entry.after)
    scrub = person.traces.scrub_json
    entry.object_id, entry.object_name = scrub(entry.object_id), scrub(entry.object_name)
    entry.before, entry.after = scrub(entry.before), scrub(entry.after)
    if old == (entry.object_id, entry.object_name, entry.before, entry.after):
        return False
    entry.salt = ""
    return True
