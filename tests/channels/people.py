"""Customers, senders and plans for the tests of sending."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pyroaring import BitMap

from ceap.channels import actions
from ceap.channels.models import Sender
from ceap.customers.models import Customer
from ceap.kit.clock import now
from ceap.kit.ids import uuid7


def customers(count: int, *, consent: bool | None = True, **fields: Any) -> list[int]:
    """Keys of `count` new customers with the addresses c1@example.test …, consented unless told otherwise."""
    start = Customer.objects.count()
    rows = [
        Customer(**{
            "full_name": f"Customer {start + n}", "email": f"c{start + n}@example.test", "marketing_opt_in": consent,
            "created_at": now(), "updated_at": now(), **fields,
        })
        for n in range(1, count + 1)
    ]  # fmt: skip
    return [row.pk for row in Customer.objects.bulk_create(rows)]


def sender(**fields: Any) -> Sender:
    values = {"name": "Shop", "from_name": "Shöp", "from_address": "news@shop.test", "created_at": now(), **fields}
    return Sender.objects.create(**values)


def plan(
    ids: list[int], identity: Sender, *, source: UUID | None = None, due: datetime | None = None, **more: Any
) -> UUID:
    """Plan a campaign to `ids`; returns its source id."""
    source = source or uuid7()
    more = {"content_version_id": uuid7(), **more}
    actions.plan(
        more.pop("kind", "campaign"), source, more.pop("step", ""), customers=BitMap(ids), sender_id=identity.pk,
        due=due or now(), **more,
    )  # fmt: skip
    return source


def version(
    owner: Any = None,
    subject: str = "Hello {{ customer.full_name }}",
    text: str = "Dear {{ customer.full_name }}",
    *,
    purpose: str = "marketing",
    unsubscribe: bool = True,
    **fields: Any,
) -> Any:
    """A stored content version (Liquid, compiled), with a link to unsubscribe unless told otherwise."""
    from ceap.content.models import Template, Version

    template = Template.objects.create(name="T", purpose=purpose, created_by=owner, created_at=now(), updated_at=now())
    if unsubscribe and "track.unsubscribe" not in text:
        text += "\n{{ track.unsubscribe }}"
    values = {
        "number": 1, "subject": subject, "source": {}, "text": text,
        "html": f"<p>{text}</p><img src='{{{{ track.open }}}}'>",
        "variables": ["customer.full_name"], "links": [], "created_at": now(), **fields,
    }  # fmt: skip
    if unsubscribe and "track.unsubscribe" not in values["html"]:
        values["html"] += "<a href='{{ track.unsubscribe }}'>Unsubscribe</a>"
    return Version.objects.create(template=template, **values)


def smtp_sender(port: int, **more: Any) -> Sender:
    """A sender identity whose provider is the test server on `port`."""
    config = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "timeout": 2,
        "connections": 2,
        **more.pop("config", {}),
    }
    return sender(config=config, **more)
