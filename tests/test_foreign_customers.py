"""Nothing that is answered to who sees own customers alone tells of another owner's: errors, counts, names."""

from __future__ import annotations

import pytest

from ceap.accounts.contracts import SYSTEM, Level
from ceap.core import changelog
from ceap.customers.actions import create, update
from ceap.customers.actions.identities import IdentityTaken, add_identity
from ceap.events.queries import event_names, warehouse
from ceap.segments.queries import preview, waterfall_of_rule
from tests import actors
from tests.segments.following import say
from tests.segments.people import on, rule

pytestmark = pytest.mark.django_db
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
