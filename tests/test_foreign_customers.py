"""Nothing that is answered to who sees own customers alone tells of another owner's: errors, counts, names."""

from __future__ import annotations

import pytest
from django.db import connection

from ceap.accounts.actions import create_role
from ceap.accounts.contracts import SYSTEM, Level
from ceap.accounts.queries import audit_visible_to
from ceap.connectors.models import Import
from ceap.consent.actions import suppress, unsuppress
from ceap.consent.queries import suppressions
from ceap.core import changelog
from ceap.customers.actions import create, update
from ceap.customers.actions.identities import IdentityTaken, add_identity
from ceap.events.queries import event_names, warehouse
from ceap.kit.problem import NotFound
from ceap.segments.queries import preview, waterfall_of_rule
from ceap.web.api import api
from tests import actors
from tests.foreign import Attack, sow
from tests.segments.following import say
from tests.segments.people import on, rule
from tests.test_permissions import OPERATIONS, browser

pytestmark = pytest.mark.django_db
ONE_STORE = pytest.mark.skipif(connection.vendor != "sqlite", reason="the same answers, and SQLite takes chosen keys")
HIS = {"full_name": "Zoe Quorlt", "email": "zoe@quorlt.test", "phone": "+94771234567", "customer_id": "ZQ-77"}


@pytest.mark.parametrize("kind", ["email", "phone", "customer_id"])
def test_an_identity_in_the_way_is_named_only_to_who_sees_its_customer(kind: str) -> None:
    other, mine = actors.user("Other"), actors.actor("Agent", customers_view=Level.OWNED, customers_manage=Level.OWNED)
    foreign = create(SYSTEM, {**HIS, "owner": str(other.pk)})
    own = create(mine, {"full_name": "Mine"})
    for attempt in (
        lambda: create(mine, {"full_name": "New", kind: HIS[kind]}),
        lambda: update(mine, own.pk, {kind: HIS[kind]}),
        lambda: add_identity(mine, own.pk, kind, HIS[kind]),
    ):
        with pytest.raises(IdentityTaken) as refused:
            attempt()
        said = str(refused.value.__dict__)
        assert "Zoe" not in said
        assert str(foreign.pk) not in said.replace(HIS[kind], "")
        assert "that you may not see" in refused.value.detail
        with pytest.raises(IdentityTaken, match=f"belongs to customer {foreign.pk}"):
            add_identity(SYSTEM, own.pk, kind, HIS[kind])


def test_free_rules_count_the_customers_that_one_may_see() -> None:
    other = actors.user("Other")
    mine = actors.actor("Agent", customers_view=Level.OWNED)
    none = actors.actor("None", customers_view=Level.DISABLED)
    create(SYSTEM, {**HIS, "owner": str(other.pk)})
    create(SYSTEM, {"full_name": "Own", "phone": "+94779999999", "owner": str(mine.user_id)})
    warehouse().sync()
    spelled = rule(on("phone", "starts_with", "+9477"))
    for who, total, of in ((SYSTEM, 2, "all"), (mine, 1, "owned"), (none, 0, "none")):
        found = preview(who, spelled)
        assert (found.total, found.matched, found.conditions, found.of) == (total, total, [[total]], of)
        gate = waterfall_of_rule(who, spelled)
        assert ([step.count for step in gate.steps][:1], gate.of) == ([total], of)
    assert preview(mine, rule(on("phone", "starts_with", "+9477123"))).matched == 0
    assert preview(mine, rule(on("full_name", "contains", "Zoe"))).conditions == [[0]]


def test_names_of_events_are_those_of_the_customers_that_one_may_see() -> None:
    other, mine = actors.user("Other"), actors.actor("Agent", customers_view=Level.OWNED)
    foreign = create(SYSTEM, {**HIS, "owner": str(other.pk)})
    own = create(SYSTEM, {"full_name": "Mine", "owner": str(mine.user_id)})
    say(changelog.event("divorced", foreign.pk), changelog.event("page_viewed", own.pk))
    warehouse().sync()
    assert event_names(mine) == [("page_viewed", 1)]
    assert sorted(event_names(SYSTEM)) == [("divorced", 1), ("page_viewed", 1)]


@pytest.fixture
def attack() -> Attack:
    """Somebody with every permission, but for own customers alone, in a home where a foreign customer is everywhere."""
    owner = actors.user("Other")
    sown = sow(owner)
    agent = actors.user("Agent", customers_view=Level.OWNED, customers_manage=Level.OWNED)
    create(SYSTEM, {"full_name": "Mine", "email": "mine@own.test", "owner": str(agent.pk)})
    return Attack(api.get_openapi_schema(), browser(agent), owner, sown)


@ONE_STORE
def test_no_operation_tells_who_sees_own_customers_of_a_foreign_one(
    attack: Attack, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [leak for operation in OPERATIONS for leak in attack.leaks(operation, every=False)]
    assert "\n".join(found) == ""
    assert sum(count for status, count in attack.answers.items() if status < 300) > 200, attack.answers
    monkeypatch.setattr("ceap.connectors.queries.imports.visible_to", lambda actor: Import.objects.all())
    assert list(attack.leaks("GET /api/connectors/imports", every=False)), "the planted defect is not seen"


@ONE_STORE
@pytest.mark.soak
def test_no_operation_tells_of_a_foreign_customer_by_any_name_in_any_place(attack: Attack) -> None:
    assert "\n".join(leak for operation in OPERATIONS for leak in attack.leaks(operation, every=True)) == ""


def test_suppressions_of_foreign_customers_are_neither_shown_nor_lifted() -> None:
    other = actors.user("Other")
    mine = actors.actor("Agent", customers_view=Level.OWNED, customers_manage=Level.OWNED)
    none = actors.actor("None", customers_view=Level.DISABLED)
    foreign = create(SYSTEM, {**HIS, "owner": str(other.pk)})
    create(mine, {"full_name": "Own", "email": "own@x.test", "phone": "+94779999999"})
    hidden = suppress(SYSTEM, channel="email", address=HIS["email"], reason="complained", customer_id=foreign.pk)
    suppress(SYSTEM, channel="sms", address="+94779999999", reason="unsubscribed")
    suppress(mine, channel="email", address="nobody@x.test")
    assert [row.address for row in suppressions(mine)[0]] == ["nobody@x.test", "+94779999999"]
    assert suppressions(none)[0] == []
    assert len(suppressions(SYSTEM)[0]) == 3
    with pytest.raises(NotFound):
        unsuppress(mine, hidden.pk, reason="Let me")
    assert suppress(mine, channel="email", address=HIS["email"]).reason == "manual"
    hidden.refresh_from_db()
    assert hidden.reason == "complained"
    unsuppress(mine, suppressions(mine)[0][0].pk, reason="A mistake")
    assert [row.address for row in suppressions(mine)[0]] == ["+94779999999"]


def test_the_trail_tells_who_sees_own_customers_of_those_of_accounts_and_of_what_they_did() -> None:
    other, mine = actors.user("Other"), actors.actor("Agent", customers_view=Level.OWNED, customers_manage=Level.OWNED)
    foreign = create(SYSTEM, {**HIS, "owner": str(other.pk)})
    given = create(SYSTEM, {"full_name": "Given", "owner": str(mine.user_id)})
    own = create(mine, {"full_name": "Own"})
    suppress(SYSTEM, channel="email", address=HIS["email"])
    create_role(SYSTEM, name="New", grants={})
    seen = [(e.verb, e.object_id) for e in audit_visible_to(mine)]
    assert [verb for verb, _ in seen] == ["accounts.create_role", "customers.create", "customers.create"]
    assert [id for _, id in seen[1:]] == [str(own.pk), str(given.pk)]
    everything = {(e.verb, e.object_id) for e in audit_visible_to(SYSTEM)}
    assert ("customers.create", str(foreign.pk)) in everything
    assert len(everything) == 5
