"""What lies behind a demo: campaigns sent weeks ago through the product's own sender, to its own mail sink."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from ceap.accounts.contracts import Actor
from ceap.kit.clock import frozen, now
from ceap.kit.home import Home
from ceap.kit.problem import Conflict

BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/140.0"
SHOP = "https://shop.example/"
SECONDS = 300  # that sending one campaign may take


@dataclass(frozen=True)
class Past:
    """One campaign: when it left, and the shares of those it reached who opened, clicked and unsubscribed.

    cost: of one message, in the organisation's currency. Sending an email takes a fraction of a cent, which would make
    any return look endless; the demos assume that a message carries an offer, and that the vouchers used come to
    `cost` a message, some 5 % of what the messages of the scenario's offer bring.
    """

    name: str
    type: str
    objective: str
    segment: UUID
    content_version: UUID
    days_ago: int
    opened: float
    clicked: float
    unsubscribed: float
    cost: Decimal


def send(manager: Actor, approver: Actor, campaigns: Sequence[Past], seed: int) -> None:
    """Launch each at its moment, send it whole, and let people answer within two days."""
    from ceap.channels import sink

    if not Home.load().sink:
        raise Conflict("A demo sends to a mail sink of its own: set sink = true in its settings.toml.")
    sink.keep_running()
    try:
        with _sender() as sending:
            for past in campaigns:
                with frozen(now() - timedelta(days=past.days_ago)):
                    campaign = _launched(manager, approver, past)
                    sending(campaign)
                    _answers(campaign, past, random.Random(f"{seed}:{past.name}"))
    finally:
        sink.stop()


def with_products(manager: Actor, template: Any, count: int = 3) -> UUID:
    """The template with products of the shop in the place of its examples; the version that shows them."""
    from ceap.accounts.queries import organisation
    from ceap.catalog import queries as catalog
    from ceap.content import actions as content
    from ceap.content.compiler.blocks import BlockSource

    items = list(catalog.visible_to(manager).exclude(price=None).exclude(category="Fees").order_by("-price")[:400])
    chosen = random.Random(str(template.name)).sample(items, count)
    version = template.versions.get()
    source, currency = dict(version.source), organisation().currency
    for block in source["blocks"]:
        if block["type"] == "products":
            block["items"] = [
                {
                    "name": one.name.capitalize(),
                    "price": f"{one.price:,.2f} {currency}",
                    "href": "https://shop.example/",
                    "image": "",
                }
                for one in chosen
            ]
    saved = content.save(
        manager, template.pk, base=version.number, subject=version.subject, preheader=version.preheader,
        source=BlockSource.model_validate(source),
    )  # fmt: skip
    return UUID(str(saved.pk))


def _launched(manager: Actor, approver: Actor, past: Past) -> UUID:
    from ceap.campaigns import actions
    from ceap.campaigns.queries import get
    from ceap.jobs.actions import run

    made = actions.create(
        manager, name=past.name, type=past.type, objective=past.objective, segment_id=past.segment,
        content_version_id=past.content_version, channel="email", cost_per_message=past.cost,
    )  # fmt: skip
    actions.request_approval(manager, made.pk)
    actions.approve(approver, made.pk, get(approver, made.pk).version)
    actions.launch(manager, made.pk, get(manager, made.pk).version)
    run(str(get(manager, made.pk).job_id))
    return UUID(str(made.pk))


@contextmanager
def _sender() -> Iterator[Any]:
    """The worker's sender in this process; called with a campaign it returns once nothing of it is on the way."""
    from django.db import connections

    from ceap.campaigns import actions
    from ceap.campaigns.contracts import SOURCE
    from ceap.channels import queries, sender
    from ceap.channels.contracts import OPEN

    def whole(campaign: UUID) -> None:
        until = time.monotonic() + SECONDS
        while any(queries.tally(SOURCE, campaign)[state] for state in OPEN):
            if time.monotonic() > until:
                raise Conflict(f"The demo's campaigns were not sent within {SECONDS} seconds.")
            time.sleep(0.1)
        actions.tick()

    stop = threading.Event()
    thread = threading.Thread(target=sender.run, args=(stop,))
    thread.start()
    try:
        yield whole
    finally:
        stop.set()
        thread.join()
        connections["default"].close()


def _answers(campaign: UUID, past: Past, chance: random.Random) -> None:
    """Opens, clicks and unsubscriptions, as the data plane stores those of real people."""
    from django.db import connection, transaction

    from ceap.campaigns.contracts import SOURCE
    from ceap.channels.queries import tokens_sent
    from ceap.edge import tracking

    vendor: Any = connection.vendor
    with transaction.atomic(), connection.cursor() as cursor:
        for token in tokens_sent(SOURCE, campaign):
            if chance.random() >= past.opened:
                continue
            at = now() + timedelta(hours=min(chance.expovariate(1 / 7), 47))
            tracking.opened(cursor, vendor, _hit(token, at))
            if chance.random() < past.clicked / past.opened:
                at += timedelta(seconds=chance.randrange(5, 240))
                tracking.clicked(cursor, vendor, _hit(token, at, 0))
            if chance.random() < past.unsubscribed / past.opened:
                tracking.unsubscribed(cursor, vendor, _hit(token, at + timedelta(minutes=1)))


def _hit(token: str, at: datetime, index: int = -1) -> Any:
    from ceap.edge.tracking import Hit

    return Hit(token, at, machine=False, agent=BROWSER, index=index)
