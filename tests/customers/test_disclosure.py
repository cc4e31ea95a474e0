"""What a person is given who asks for their data: every listed place, or why not."""

from __future__ import annotations

import pytest

from ceap.accounts.contracts import SYSTEM
from ceap.channels.models import Delivery
from ceap.consent import actions as consent
from ceap.core import copies
from ceap.core.copies import Folder
from ceap.customers import actions
from ceap.kit.clock import now
from ceap.kit.ids import uuid7
from tests import actors
from tests.reports.setting import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.req("B-14")]


def test_consents_with_evidence_messages_and_every_other_listed_place_are_in_the_export() -> None:
    pk = actions.create(SYSTEM, {"full_name": "Ann Asks", "email": "ann@x.test"}).pk
    consent.grant(SYSTEM, pk, channel="email", source="form", evidence={"form": "newsletter of May"})
    Delivery.objects.create(
        source_kind="campaign", source_id=uuid7(), customer_id=pk, sender_id=uuid7(), content_version_id=uuid7(),
        address="ann@x.test", state="sent", due_at=now(), planned_at=now(), sent_at=now(), token=uuid7().hex,
    )  # fmt: skip
    said = signed_in(actors.user()).get(f"/api/customers/{pk}/data.json").json()
    record = said["consents"][0]
    assert (record["channel"], record["source"], record["evidence"]) == ("email", "form", {"form": "newsletter of May"})
    assert (said["messages"][0]["address"], said["messages"][0]["state"]) == ("ann@x.test", "sent")
    assert "token" not in said["messages"][0]
    personal = [t for t in copies.TABLES.values() if t.personal] + list(copies.FOLDERS.values())
    for place in personal:
        name = place.path if isinstance(place, Folder) else place.name
        if place.export:
            assert place.export in said, name
        elif place.excluded:
            assert said["not_included"][name] == place.excluded
