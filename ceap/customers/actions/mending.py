"""Bringing values that were stored before there was one reader of values into the form in which they are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from ceap.accounts.actions import audit
from ceap.accounts.contracts import SYSTEM
from ceap.core import addresses
from ceap.core.changelog import customers_changed
from ceap.core.values.identities import identity
from ceap.customers.actions.identities import follow_fields
from ceap.customers.actions.values import apply
from ceap.customers.contracts import IDENTITY_FIELDS, Field
from ceap.customers.models import Customer, Identity
from ceap.customers.queries.fields import reading
from ceap.customers.queries.mending import BATCH, batches, mendable, stored
from ceap.customers.rules.mending import mended
from ceap.customers.rules.values import Context
from ceap.jobs import queries as jobs
from ceap.jobs.actions import enqueue
from ceap.kit.clock import now

KIND = "customers.mend_values"
TWICE = "names customer {} too: merge the two"
SHOWN = 20  # values named that were left
Step = Callable[[int, int], None]


@dataclass
class _Work:
    """What was done so far; `left` names customer, field and reason."""

    known: dict[str, Field]
    context: Context
    mended: Counter[str] = field(default_factory=Counter)
    count: int = 0
    left: list[dict[str, Any]] = field(default_factory=list)

    def leave(self, customer: int, key: str, reason: str) -> None:
        self.count += 1
        if len(self.left) < SHOWN:
            self.left.append({"customer": customer, "field": key, "reason": reason})


def start_mending() -> Any:
    """Queue the job that mends; None when it is under way."""
    return None if jobs.on_the_way(KIND) else enqueue(KIND, SYSTEM)


def mend_values(step: Step = lambda done, total: None) -> dict[str, Any]:
    """Bring every stored value and identity into its form, a batch at a time; safe to run again after any interruption.

    What cannot be read stays, as does an identity that would then name two customers.

    Returns:
        "mended": how many values, by field; "left": how many stay; "examples": some of those, with the reason.
    """
    work, done = _Work(mendable(), reading()), 0
    total = Customer.objects.filter(merged_into=None, erased_at=None).count()
    for rows in batches():
        odd = [row.pk for row in rows if mended(stored(row, work.known), work.known, work.context)]
        if odd:
            with transaction.atomic():
                _mend_rows(work, odd)
        done += len(rows)
        step(done, total)
    last = 0
    while names := list(Identity.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
        with transaction.atomic():
            _mend_identities(work, names)
        last = names[-1].pk
        step(done, total)
    result = {"mended": dict(sorted(work.mended.items())), "left": work.count, "examples": work.left}
    if work.mended:
        with transaction.atomic():
            audit(SYSTEM, KIND, "customer", "", "stored values", after={"mended": result["mended"], "left": work.count})
    return result


def _mend_rows(work: _Work, keys: list[int]) -> None:
    changed = []
    for row in Customer.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"):
        found = mended(stored(row, work.known), work.known, work.context)
        for key, reason in found.left.items():
            work.leave(row.pk, key, reason)
        changes = dict(found.changes)
        for kind in set(IDENTITY_FIELDS) & changes.keys():
            value = addresses.email(changes[kind]) if kind == "email" else changes[kind]
            if other := Identity.objects.filter(kind=kind, value=value).exclude(customer=row).first():
                work.leave(row.pk, kind, TWICE.format(other.customer_id))
                del changes[kind]
        _, after = apply(row, changes)
        if after:
            row.updated_at, row.version = now(), row.version + 1
            row.save()
            follow_fields(SYSTEM, row, after)
            work.mended.update(after.keys())
            changed.append(row.pk)
    _tell(changed)


def _mend_identities(work: _Work, names: list[Identity]) -> None:
    """Those that no field holds, and those whose field was right already."""
    changed = []
    for name in names:
        try:
            value = identity(name.kind, name.value, work.context.identities)
        except ValueError as reason:
            if not name.primary:  # of a primary one the field has told
                work.leave(name.customer_id, name.kind, str(reason))
            continue
        if value == name.value:
            continue
        other = Identity.objects.filter(kind=name.kind, value=value).first()
        if other is not None and other.customer_id != name.customer_id:
            if not name.primary:
                work.leave(name.customer_id, name.kind, TWICE.format(other.customer_id))
            continue
        if other is None:
            Identity.objects.filter(pk=name.pk, value=name.value).update(value=value)
        elif not name.primary:  # the customer has it already
            Identity.objects.filter(pk=name.pk).delete()
        work.mended[name.kind] += 1
        changed.append(name.customer_id)
    _tell(changed)


def _tell(customers: list[int]) -> None:
    if customers:
        with connection.cursor() as cursor:
            customers_changed(cursor, sorted(set(customers)), connection.vendor)
