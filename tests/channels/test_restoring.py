"""What receipts and providers know settles what was on the way; a person decides about the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from django.db import connection, transaction
from pydantic import BaseModel

from ceap.channels import actions, providers
from ceap.channels.models import Delivery, Source
from ceap.consent.models import CapSlot
from ceap.core import changelog
from ceap.core.plugins import Registry
from ceap.core.ports import API_VERSION, Found, Outcome, ProviderDown, Session
from ceap.events import archive
from ceap.kit import clock
from tests.channels import people

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
EARLIER = NOON - timedelta(hours=1)


class Settings(BaseModel):
    pass


class Courier:
    """A provider that sends nothing here, and knows what became of some messages."""

    key, label, channel, api_version, Config = "courier", "Courier", "email", API_VERSION, Settings

    def __init__(self) -> None:
        self.log: dict[str, Found] = {}
        self.asked: list[tuple[int, datetime]] = []

    def open(self, config: Any) -> Session:
        raise ProviderDown("it only answers questions")

    def find(self, config: Any, keys: Sequence[str], since: datetime) -> Mapping[str, Found]:
        self.asked.append((len(keys), since))
        return {key: self.log[key] for key in keys if key in self.log}


@pytest.fixture
def courier(monkeypatch: pytest.MonkeyPatch) -> Courier:
    plugin = Courier()
    monkeypatch.setattr(providers, "registry", lambda kind, home: Registry({"courier": plugin}))
    return plugin


def planned(count: int, kind: str = "campaign") -> list[Delivery]:
    sender = people.sender(provider="courier", config={})
    people.plan(people.customers(count), sender, kind=kind)
    return list(Delivery.objects.filter(source_kind=kind).order_by("pk"))


def outcomes() -> list[tuple[str, str]]:
    return list(Delivery.objects.order_by("pk").values_list("state", "reason"))


def touched(name: str, row: Delivery) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        entry = changelog.event(name, row.customer_id, at=EARLIER, props={"delivery": row.pk})
        changelog.append(cursor, [entry], connection.vendor)


@pytest.mark.django_db(transaction=True)
def test_each_is_settled_by_what_is_known_of_it(courier: Courier, home: object) -> None:
    with clock.frozen(NOON):
        rows = planned(7)
        courier.log = {
            rows[0].token: Found(Outcome.SENT, EARLIER), rows[1].token: Found(Outcome.FAILED, EARLIER, "rejected"),
            rows[2].token: Found(Outcome.RETRY),
        }  # fmt: skip
        sending = {"state": "sending", "lease_token": "x", "lease_until": NOON}
        Delivery.objects.filter(pk=rows[2].pk).update(**sending)
        CapSlot.objects.create(customer_id=1, channel="email", window="w", slot=1, delivery_id=rows[2].pk, at=NOON)
        Delivery.objects.filter(pk=rows[3].pk).update(**sending, opened_at=EARLIER)
        touched("message_bounced", rows[4])
        file = pa.table({
            "kind": ["event"], "name": ["message_sent"], "at": [EARLIER.replace(tzinfo=None)],
            "payload": [f'{{"props": {{"delivery": {rows[5].pk}}}}}'],
        })  # fmt: skip
        archive.write("entries", file)  # moved there after the backup: the store does not know of it
        done = actions.after_restore()
    assert (done["deliveries_sent"], done["deliveries_failed"]) == (3, 2)
    assert (done["deliveries_planned"], done["deliveries_held"]) == (1, 1)
    assert outcomes() == [
        ("sent", ""), ("failed", "rejected"), ("planned", ""), ("sent", ""), ("failed", "bounced"), ("sent", ""),
        ("unknown", "restored"),
    ]  # fmt: skip
    assert set(Delivery.objects.filter(state="sent").values_list("sent_at", "lease_token")) == {(EARLIER, "")}
    assert CapSlot.objects.count() == 0
    assert Source.objects.get().paused_at == NOON
    assert courier.asked == [(4, NOON)], "only of what receipts do not know"


@pytest.mark.django_db(transaction=True)
def test_what_never_left_is_planned_again_only_where_a_person_lets_it_go(courier: Courier, home: object) -> None:
    rows = planned(1, kind="test")
    courier.log = {rows[0].token: Found(Outcome.RETRY)}
    actions.after_restore()
    assert outcomes() == [("unknown", "restored")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [ProviderDown("away"), RuntimeError("a defect")])
def test_a_provider_that_cannot_answer_leaves_unknown(courier: Courier, home: object, error: Exception) -> None:
    planned(1)

    def find(*_: object) -> Mapping[str, Found]:
        raise error

    courier.find = find  # type: ignore[method-assign, assignment]
    assert actions.after_restore()["deliveries_held"] == 1
    assert outcomes() == [("unknown", "restored")]
