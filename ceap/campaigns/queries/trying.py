"""Making an email for example customers of an audience, before it is launched."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import ibis
from pyroaring import BitMap

from ceap.accounts.contracts import Actor
from ceap.campaigns.rules.trial import NAMED, Fault, Trial, extremes
from ceap.content import queries as content
from ceap.content.contracts import ZONE, Compiled, Fill, Reason, RenderFailure
from ceap.core import links
from ceap.customers import queries as customers
from ceap.events import queries as events
from ceap.events.contracts import WarehouseBusy, WarehouseNotReady

READ = 5_000  # customers whose values are looked at for the outermost ones
SPREAD = 20  # customers rendered besides those
FAR = 100  # of a larger audience: how many outermost customers of the whole base are looked at for each end of a field
MOST = 80  # customers rendered
BATCH = 10
EXPLAINED = 6  # failures of which the cause is looked for; more of the same kind are put down to the same
SECONDS = 5.0  # after which no further customer is tried
OTHERS = (None, 1, "2026-06-15", "https://example.com/", datetime(2026, 6, 15, 12, tzinfo=UTC))  # harmless values
TRACK = {
    "click": "https://click.invalid", "open": "https://open.invalid", "unsubscribe": "https://unsubscribe.invalid",
}  # fmt: skip


def trial(actor: Actor | None, version: Compiled, fills: Mapping[str, Fill], audience: BitMap) -> Trial:
    """Make the email for a bounded number of the audience, those with the outermost values among them.

    Args:
        actor: names are of customers whom this user may see, fields of those that are not hidden; None: nothing is
            named.
    """
    paths = sorted({*(p for p in version.variables if p.startswith("customer.")), *(f.path for f in fills.values())})
    chosen = examples(audience, [path for path in paths if path])
    given = content.contexts(version, fills, chosen, [TRACK] * len(chosen))
    failed: dict[int, tuple[str, tuple[str, ...]]] = {}
    tried, until = 0, time.monotonic() + SECONDS
    while tried < len(chosen) and (time.monotonic() < until or not tried):
        some = given[tried : tried + BATCH]
        for n, reason in enumerate(_reasons(version, some), tried):
            if reason:
                alike = next((fields for r, fields in failed.values() if r == reason), None)
                own = alike is None or len(failed) < EXPLAINED
                failed[chosen[n]] = (reason, _causes(version, given[n]) if own else alike or ())
        tried += len(some)
    groups: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for one, why in failed.items():
        groups.setdefault(why, []).append(one)
    faults = tuple(
        Fault(reason, _labels(actor, fields), len(ids), _names(actor, ids)) for (reason, fields), ids in groups.items()
    )
    return Trial(tried, len(audience), faults)


def examples(audience: BitMap, paths: Sequence[str]) -> list[int]:
    """Whom to try: customers with the outermost values of what the email reads, and some spread over the audience."""
    looked = _spread(audience, READ)
    if len(audience) > len(looked):
        looked = sorted({*looked, *_far(audience, [path.removeprefix("customer.") for path in paths])})
    known = {one: said["customer"] for one, said in customers.contexts(looked, paths).items()} if paths else {}
    outermost = sorted(extremes(known))[: MOST - SPREAD]
    return sorted({*outermost, *_spread(audience, SPREAD)})


def _spread(audience: BitMap, count: int) -> list[int]:
    step = max(1, -(-len(audience) // count))
    return [audience[n] for n in range(0, len(audience), step)]


def _far(audience: BitMap, keys: Collection[str]) -> set[int]:
    """Those of the audience who are outermost in the whole base, as the warehouse knows it; none while it is filled."""
    try:
        warehouse = events.warehouse()
        table, asked = warehouse.table("customers"), []
        for key in keys:
            name = key if key in table.columns else f"c_{key}"
            if name not in table.columns:
                continue
            column = table[name]
            by = [column.length().desc()] if column.type().is_string() else [column.asc(), column.desc()]
            full = table.filter(column.notnull())
            asked += [full.order_by(order).limit(FAR).select("id") for order in by]
            asked.append(table.filter(column.isnull()).limit(FAR).select("id"))
        found = warehouse.run(ibis.union(*asked)) if len(asked) > 1 else None
    except (WarehouseBusy, WarehouseNotReady):
        return set()
    return {one for one in found["id"].to_pylist() if one in audience} if found else set()


def _reasons(version: Compiled, contexts: Sequence[dict[str, Any]]) -> list[str]:
    """Why each cannot be made; "" where it can."""
    found = []
    for made in content.tried(version, contexts):
        if isinstance(made, RenderFailure):
            found.append(str(made.reason))
        else:
            lacks = links.part_without(TRACK["unsubscribe"], made.html, made.text)
            found.append(str(Reason.NO_UNSUBSCRIBE) if lacks else "")
    return found


def _causes(version: Compiled, context: dict[str, Any]) -> tuple[str, ...]:
    """The variables of which another value, or none, would let the email be made."""
    own, free = context["customer"], [key for key in context if key not in ("customer", "organisation", "track", ZONE)]
    others = [
        (f"customer.{key}", context | {"customer": own | {key: other}}) for key in sorted(own) for other in OTHERS
    ]
    others += [(key, context | {key: other}) for key in free for other in OTHERS]
    reasons = _reasons(version, [other for _, other in others])
    return tuple(dict.fromkeys(path for (path, _), reason in zip(others, reasons, strict=True) if not reason))


def _labels(actor: Actor | None, paths: Collection[str]) -> tuple[str, ...]:
    seen = {one.path: one.label for one in content.variables(actor)} if actor else {}
    return tuple(seen.get(path, "") if path.startswith("customer.") else path for path in paths)


def _names(actor: Actor | None, ids: Sequence[int]) -> tuple[str, ...]:
    """The examples that whoever asks may see."""
    if actor is None or not actor.may("customers_view"):
        return ()
    rows = customers.visible_to(actor).filter(pk__in=list(ids)).order_by("pk")[:NAMED]
    return tuple(row.full_name or f"#{row.pk}" for row in rows)
