"""Where a segment is used, and that it cannot be taken away from what uses it."""

from __future__ import annotations

import pytest

from ceap.accounts.contracts import Level
from ceap.accounts.models import AuditEntry, User
from ceap.accounts.queries import actor_of
from ceap.campaigns import actions as campaigns
from ceap.campaigns.models import Campaign
from ceap.kit.clock import now
from ceap.kit.problem import Conflict
from ceap.segments import queries
from ceap.segments.models import Segment
from tests import actors
from tests.segments.people import WHATSAPP, Browser


@pytest.fixture
def ada(db: None) -> User:
    return actors.user()


@pytest.fixture
def browser(ada: User) -> Browser:
    return Browser(ada)


def _segment(name: str, rule: object = WHATSAPP) -> Segment:
    return Segment.objects.create(name=name, rule=rule, created_at=now(), updated_at=now())


def _naming(child: Segment) -> dict[str, object]:
    return {"groups": [{"conditions": [{"kind": "segment", "segment": str(child.pk), "operator": "in"}]}]}


@pytest.mark.req("S-8")
def test_a_segment_in_use_is_not_archived_and_the_refusal_names_what_uses_it(browser: Browser, ada: User) -> None:
    me, used = actor_of(ada), _segment("Fans")
    made = campaigns.create(me, name="Spring", segment_id=used.pk)
    campaigns.create(me, name="Summer", exclusions=[used.pk])
    _segment("Fans of Galle", _naming(used))
    found = browser.ask("GET", f"/{used.pk}/uses")
    assert [(one["kind"], one["name"], one["state"]) for one in found["items"]] == [
        ("campaign", "Spring", "draft"), ("campaign", "Summer", "draft"), ("segment", "Fans of Galle", "active"),
    ]  # fmt: skip
    refused = browser.ask("POST", f"/{used.pk}/archive", expect=409)["detail"]
    assert refused == (
        "This segment cannot be archived: it is used by the campaign “Spring” (draft), the campaign “Summer” (draft) "
        "and the segment “Fans of Galle” (active)."
    )
    used.refresh_from_db()
    assert used.archived_at is None
    Segment.objects.exclude(pk=used.pk).update(archived_at=now())
    Campaign.objects.update(status="completed")
    browser.ask("POST", f"/{used.pk}/archive")
    assert "cannot be deleted" in browser.ask("DELETE", f"/{used.pk}", expect=409)["detail"]
    assert Campaign.objects.get(pk=made.pk).segment_id == used.pk


def test_what_one_may_not_see_keeps_a_segment_too_without_its_name(ada: User) -> None:
    used = _segment("Fans")
    campaigns.create(actor_of(ada), name="Secret", segment_id=used.pk)
    other = Browser(actors.user("Bo", campaigns_view=Level.DISABLED))
    assert [(one["id"], one["name"]) for one in other.ask("GET", f"/{used.pk}/uses")["items"]] == [
        (None, queries.HIDDEN)
    ]
    refused = other.ask("POST", f"/{used.pk}/archive", expect=409)["detail"]
    assert refused == "This segment cannot be archived: it is used by a campaign that you may not see."


@pytest.mark.req("S-8")
def test_only_an_archived_segment_is_deleted_and_the_audit_keeps_what_it_was(browser: Browser) -> None:
    gone = _segment("Fans")
    browser.ask("DELETE", f"/{gone.pk}", expect=409)
    browser.ask("POST", f"/{gone.pk}/archive")
    assert browser.delete(f"/api/segments/{gone.pk}").status_code == 204
    assert not Segment.objects.exists()
    assert AuditEntry.objects.get(verb="segments.delete").before["rule"] == WHATSAPP


def test_an_archived_segment_is_not_taken_up_by_a_campaign(browser: Browser, ada: User) -> None:
    used = _segment("Fans")
    browser.ask("POST", f"/{used.pk}/archive")
    with pytest.raises(Conflict, match="“Fans” is archived"):
        campaigns.create(actor_of(ada), name="Spring", segment_id=used.pk)
    assert not Campaign.objects.exists()
