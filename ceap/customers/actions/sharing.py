"""Putting rows over customers: alone, and in their order where rows of a batch share a name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ceap.accounts.contracts import Level
from ceap.core import addresses
from ceap.customers.actions import store
from ceap.customers.actions.batch import Batch
from ceap.customers.actions.channels import KEPT_WITHDRAWN
from ceap.customers.contracts import IDENTITY_FIELDS, Policy


def put_over(batch: Batch, row: int, values: dict[str, Any], customer: int) -> bool:
    """Put a row's values over a customer's; returns whether that changed anything."""
    given = batch.row(row)
    no = customer in batch.withdrawn and not values.get("marketing_opt_in")
    no = no or (values.get("marketing_opt_in") is not None and not values["marketing_opt_in"])
    if no and given.get("marketing_opt_in"):
        batch.note(row, "marketing_opt_in", "yes", KEPT_WITHDRAWN)
        given = {k: v for k, v in given.items() if not k.startswith("marketing_opt_in")}
    changed = False
    for name, value in given.items():
        if name == "custom":
            value = store.custom_over(values["custom"], value)
        if values.get(name) != value:
            values[name] = value
            changed = True
    return changed


def one_by_one(
    batch: Batch,
    rows: Iterable[int],
    owners: dict[str, dict[str, int]],
    present: dict[int, dict[str, Any]],
    changes: store.Changes,
) -> None:
    """Take rows that share a name with others of the batch in their order, each seeing what those before it did."""
    people: dict[int, dict[str, Any]] = {customer: dict(values) for customer, values in present.items()}
    held = {kind: dict(known) for kind, known in owners.items()}
    touched: set[int] = set()
    fresh: dict[int, int] = {}  # made-up negative keys of customers created here
    start = sum(each.size for each in changes.created)
    spoken: dict[int, Any] = {}  # what each said of consent, the last time it said something
    for row in rows:
        names = {kind: batch.names[kind][row] for kind in IDENTITY_FIELDS if batch.names[kind][row]}
        hits = {kind: held[kind].get(name) for kind, name in names.items()}
        target = next((hits[kind] for kind in batch.how.match if hits.get(kind)), None)
        if any(hit and hit != target for hit in hits.values()):
            kind, other = next((k, hit) for k, hit in hits.items() if hit and hit != target)
            told = batch.actor.level("customers_view") is Level.ALL
            known = f"customer {other}" if told else "another customer"
            words = known if other > 0 else f"the customer of row {fresh[other] + 1} of this part"
            batch.reject(row, kind, names[kind], f"belongs to {words}")
            continue
        if target is None:
            if batch.how.policy is Policy.UPDATE:
                batch.reject(row, batch.how.match[0], names.get(batch.how.match[0]), "names no customer yet")
                continue
            target = -len(fresh) - 1
            fresh[target] = row
            people[target] = batch.row(row) | {"custom": batch.row(row).get("custom", "{}")}
            batch.created += 1
        elif batch.how.policy is Policy.CREATE:
            batch.unchanged += 1
            continue
        elif _put_named(batch, row, people[target], held, target):
            batch.updated += 1
            touched.add(target)
        else:
            batch.keep(row)
        batch.about.append((row, target if target > 0 else target - start))
        for kind, name in names.items():
            held[kind][name] = target
        if batch.words and batch.words[row] is not None and batch.given["marketing_opt_in"][row] is not None:
            spoken[target] = batch.words[row]
    changes.create_people([people[key] for key in fresh], [spoken.get(key) for key in fresh])
    for customer in sorted(touched - set(fresh)):
        changes.update(customer, present[customer], people[customer], spoken.get(customer))


def _put_named(
    batch: Batch, row: int, person: dict[str, Any], held: dict[str, dict[str, int]], customer: int
) -> bool:  # fmt: skip
    before = {kind: person.get(kind) for kind in IDENTITY_FIELDS}
    changed = put_over(batch, row, person, customer)
    for kind, old in before.items():
        if old and old != person.get(kind):
            held[kind].pop(addresses.email(old) if kind == "email" else old, None)
    return changed
