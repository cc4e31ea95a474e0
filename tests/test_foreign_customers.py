"""Nothing that is answered to who sees own customers alone tells of another owner's: errors, counts, names."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from ceap.accounts.actions import create_role
from ceap.accounts.contracts import SYSTEM, Actor, Level
from ceap.accounts.queries import audit_visible_to
from ceap.connectors.models import Import
from ceap.consent.actions import suppress, unsuppress
from ceap.consent.queries import suppressions
from ceap.core import changelog
from ceap.customers.actions import create, update
from ceap.customers.actions.identities import IdentityTaken, add_identity
from ceap.events.queries import event_names, warehouse
from ceap.kit.clock import frozen, now
from ceap.kit.problem import Conflict, NotFound
from ceap.segments import actions
from ceap.segments.api.detail import detail
from ceap.segments.contracts import HELD
from ceap.segments.queries import (
    current,
    get,
    members_page,
    preview,
    waterfall_of_rule,
    waterfall_of_segment,
)
from tests import actors
from tests.document import document
from tests.foreign import Attack, sow
from tests.segments.following import changed, inside, people, say
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
    return Attack(document(), browser(agent), owner, sown)


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


@pytest.fixture
def spy() -> Actor:
    """Somebody who makes and changes segments and sees own customers alone, beside a customer of somebody else."""
    create(SYSTEM, {**HIS, "owner": str(actors.user("Other").pk)})
    spy = actors.actor("Spy", customers_view=Level.OWNED)
    create(SYSTEM, {"full_name": "Own", "phone": "+94779999999", "owner": str(spy.user_id)})
    warehouse().sync()
    return spy


def size(who: Actor, segment: Any) -> int | None:
    actions.build_pending()
    return detail(who, get(who, segment.pk))["size"]


@pytest.mark.req("S-14")
def test_saving_rules_spells_no_phone_number_of_a_foreign_customer(spy: Actor) -> None:
    asked, told = 0, {}
    kept = actions.create(spy, name="Edited", rule=rule(on("source", "is_empty")))
    for prefix, digit in ((HIS["phone"][:n], HIS["phone"][n]) for n in range(4, len(HIS["phone"]))):
        for guess in {digit, "0"}:
            spelled = rule(on("full_name", "contains", "Zoe"), on("phone", "starts_with", prefix + guess))
            made = actions.create(spy, name="Guess", rule=spelled)
            actions.recalculate(spy, made.pk)
            told[prefix + guess] = size(spy, made)
            copy, around = actions.duplicate(spy, made.pk), actions.create(spy, name="Around", rule=inside(made))
            actions.edit(spy, kept.pk, name="Edited", description="", rule=spelled)
            actions.archive(spy, copy.pk)
            actions.unarchive(spy, copy.pk)
            assert {size(spy, one) for one in (made, copy, around, kept)} == {None}
            asked += 1
    assert (asked > 15, set(told.values())) == (True, {None})
    assert actions.run_if_due() is None or {size(spy, made), size(spy, kept)} == {None}
    with pytest.raises(Conflict):
        waterfall_of_segment(spy, made.pk)
    assert detail(spy, get(spy, made.pk))["reason"] == HELD


@pytest.mark.req("S-14")
def test_a_rule_counts_every_customer_once_somebody_who_sees_them_all_has_let_it(spy: Actor) -> None:
    made = actions.create(spy, name="All of 9477", rule=rule(on("phone", "starts_with", "+9477")))
    assert detail(spy, get(spy, made.pk))["status"] == "held"
    actions.recalculate(actors.actor("Chief"), made.pk)
    assert (size(spy, made), members_page(spy, current(made), cursor=None).seen) == (2, 1)  # type: ignore[arg-type]
    actions.edit(spy, made.pk, name="Named anew", description="", rule=made.rule)  # the rule is the one that was let
    assert (size(spy, made), detail(spy, get(spy, made.pk))["status"]) == (2, "ready")
    assert size(spy, actions.duplicate(spy, made.pk)) == 2
    actions.edit(spy, made.pk, name="Other", description="", rule=rule(on("phone", "starts_with", "+94771")))
    assert (size(spy, made), detail(spy, get(spy, made.pk))["status"]) == (2, "held")  # the version before serves
    with frozen(now() + timedelta(days=1)):
        assert actions.run_if_due()
        changed(next(iter(people(made))), city="Galle")
        actions.follow()
        assert (size(spy, made), detail(spy, get(spy, made.pk))["status"]) == (2, "held")
