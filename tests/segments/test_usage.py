"""Where a segment is used, and that it cannot be taken away from what uses it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from ceap.accounts.contracts import Level
from ceap.accounts.models import AuditEntry, User
from ceap.accounts.queries import actor_of
from ceap.campaigns import actions as campaigns
from ceap.campaigns.models import Campaign
from ceap.kit.clock import now
from ceap.kit.problem import Conflict, Invalid
from ceap.segments import actions, queries
from ceap.segments.contracts import Kind
from ceap.segments.models import MembershipVersion, Segment
from tests import actors
from tests.segments.people import WHATSAPP, Browser, customers


@pytest.fixture
def ada(db: None) -> User:
    return actors.user()


@pytest.fixture
def browser(ada: User) -> Browser:
    return Browser(ada)


def _segment(name: str, rule: object = WHATSAPP) -> Segment:
    return Segment.objects.create(name=name, rule=rule, created_at=now(), updated_at=now())


def _inside(child: Segment) -> dict[str, object]:
    return {"kind": "segment", "segment": str(child.pk), "operator": "in"}


def _naming(child: Segment) -> dict[str, object]:
    return {"groups": [{"conditions": [_inside(child)]}]}


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
    assert AuditEntry.objects.get(verb="segments.delete").before["rule"] == WHATSAPP  # type: ignore[index]


def test_an_archived_segment_is_not_taken_up_by_a_campaign(browser: Browser, ada: User) -> None:
    used = _segment("Fans")
    browser.ask("POST", f"/{used.pk}/archive")
    with pytest.raises(Conflict, match="“Fans” is archived"):
        campaigns.create(actor_of(ada), name="Spring", segment_id=used.pk)
    assert not Campaign.objects.exists()


@pytest.mark.req("S-15")
def test_names_that_one_may_not_see_are_nowhere(ada: User) -> None:
    """Neither in words, history, test of a customer nor refusals; whoever may see them reads them."""
    me = actor_of(ada)
    secret = actions.create(me, name="Secret", rule=WHATSAPP)
    hush = campaigns.create(me, name="Hush")
    opened = {"kind": "campaign", "campaign": str(hush.pk), "operator": "opened"}
    rule = {"groups": [{"conditions": [_inside(secret), opened]}]}
    parent = actions.create(me, name="Mine", rule=rule)
    [customer] = customers({"source": "WhatsApp"})
    actions.build_pending()
    assert Browser(ada).ask("GET", f"/{parent.pk}")["sentence"] == "is in the segment “Secret” and opened “Hush”"
    reader = actors.user("Bo", customers_segment_view=Level.OWNED, campaigns_view=Level.DISABLED)
    Segment.objects.filter(pk=parent.pk).update(created_by=reader)
    bo = Browser(reader)
    words = "is in a segment that you may not see and opened a campaign that you may not see"
    assert bo.ask("GET", f"/{parent.pk}")["sentence"] == words
    asked = {"rule": rule, "customer": customer}
    answers = [
        *(bo.ask("GET", f"/{parent.pk}{path}") for path in ("", "/history", "/uses", f"/customers/{customer}")),
        *(bo.ask("POST", path, asked, 422) for path in ("/why", "/preview", "/sentence", "/waterfall")),
        bo.ask("PUT", f"/{parent.pk}", {"name": "Mine", "rule": rule}, 422),
        bo.ask("POST", f"/{parent.pk}/duplicate", expect=422),
    ]
    for one in (secret, parent):
        actions.recalculate(me, one.pk)
    MembershipVersion.objects.filter(segment=secret, state="queued").update(rule={"groups": []})
    assert actions.build_pending()["failed"] == 2
    answers += [bo.ask("GET", f"/{parent.pk}"), bo.ask("GET", "")]
    assert not [one for one in answers if "Secret" in str(one) or "Hush" in str(one)]


def test_a_circle_is_told_without_the_names_that_one_may_not_see(ada: User) -> None:
    me, reader = actor_of(ada), actors.user("Bo", customers_segment_view=Level.OWNED)
    mine = actions.create(actor_of(reader), name="Mine", rule=WHATSAPP)
    secret = actions.create(me, name="Secret", rule=_naming(mine))
    own = actions.create(me, name="Own", rule=_naming(secret))
    Segment.objects.filter(pk=own.pk).update(created_by=reader)
    with pytest.raises(Invalid, match="“Mine” → “Own” → one that you may not see → “Mine”"):
        actions.edit(actor_of(reader), mine.pk, name="Mine", description="", rule=_naming(own))


@pytest.mark.req("S-8")
def test_a_copy_is_refused_when_its_rule_could_not_be_saved_today(ada: User) -> None:
    me, child = actor_of(ada), _segment("Fans")
    parent = _segment("Fans of Galle", _naming(child))
    listed = Segment.objects.create(name="List", kind=Kind.STATIC, created_at=now(), updated_at=now())
    Segment.objects.filter(pk=child.pk).update(archived_at=now())
    with pytest.raises(Invalid, match="“Fans” is archived"):
        actions.duplicate(me, parent.pk)
    with pytest.raises(Conflict, match="no rule to copy"):
        actions.duplicate(me, listed.pk)
    assert Segment.objects.count() == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["create", "edit"])
def test_of_naming_a_segment_and_archiving_it_at_once_one_is_refused(
    ada: User, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The archiving starts after the rule was checked, and before it is saved."""
    me, child = actor_of(ada), _segment("Fans")
    parent = _segment("Parent")
    saves = {
        "create": lambda: actions.create(me, name="New", rule=_naming(child)),
        "edit": lambda: actions.edit(me, parent.pk, name="Parent", description="", rule=_naming(child)),
    }
    outcome: list[str] = []

    def archive() -> None:
        try:
            actions.archive(me, child.pk)
            outcome.append("archived")
        except Conflict:
            outcome.append("kept")
        finally:
            connection.close()

    thread = threading.Thread(target=archive)
    checked = queries.checked

    def then_archive(*args: Any, **kwargs: Any) -> Any:
        found = checked(*args, **kwargs)
        monkeypatch.setattr(queries, "checked", checked)
        thread.start()
        thread.join(0.3)  # it ends, unless the row is held
        return found

    monkeypatch.setattr(queries, "checked", then_archive)
    try:
        saves[verb]()
        outcome.append("saved")
    except Conflict:
        outcome.append("refused")
    thread.join()
    assert sorted(outcome) in (["kept", "saved"], ["archived", "refused"])
