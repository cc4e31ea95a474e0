"""One customer: create, edit, identities, merge, erase; who sees whom."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from ceap.accounts.contracts import SYSTEM, Level
from ceap.accounts.models import AuditEntry, Organisation
from ceap.customers import actions, queries
from ceap.customers.actions.identities import IdentityTaken
from ceap.customers.actions.update import Outdated
from ceap.customers.models import Customer, Identity, SearchText
from ceap.customers.queries import Filters
from ceap.events.models import Entry
from ceap.kit import clock
from ceap.kit.problem import Conflict, Forbidden, Invalid, NotFound
from tests import actors

pytestmark = pytest.mark.django_db


def changed_ids() -> set[int]:
    """Every customer that the change log names."""
    ranges = [r for e in Entry.objects.filter(kind="customers") for r in e.payload["ids"]]
    return {n for first, last in ranges for n in range(first, last + 1)}


def ann(**more: Any) -> Customer:
    return actions.create(SYSTEM, {"customer_id": "c1", "full_name": "Ann", "email": "Ann@x.test", **more})


def test_creating_keeps_by_whom_and_when_and_says_so_in_log_and_audit() -> None:
    ada = actors.actor("Ada")
    row = actions.create(ada, {"full_name": "Bo", "phone": "+44 7700 900123"})
    assert (row.created_by_id, row.updated_by_id, row.added_by, row.version) == (ada.user_id, ada.user_id, "Ada", 1)
    assert row.pk in changed_ids()
    entry = AuditEntry.objects.get(verb="customers.create")
    assert entry.after == {"full_name": "Bo", "phone": "+447700900123"}


def test_updating_audits_only_what_changed_and_raises_the_version() -> None:
    row, ada = ann(), actors.actor("Ada")
    new = actions.update(ada, row.pk, {"full_name": "Ann B", "email": "Ann@x.test"}, version=1)
    assert (new.full_name, new.version, new.updated_by_id) == ("Ann B", 2, ada.user_id)
    entry = AuditEntry.objects.get(verb="customers.update")
    assert (entry.before, entry.after) == ({"full_name": "Ann"}, {"full_name": "Ann B"})


def test_an_update_that_changes_nothing_writes_nothing() -> None:
    row = ann()
    before = Entry.objects.count()
    assert actions.update(SYSTEM, row.pk, {"full_name": "Ann"}).version == 1
    assert (Entry.objects.count(), AuditEntry.objects.filter(verb="customers.update").count()) == (before, 0)


def test_an_outdated_version_is_refused_and_changes_nothing() -> None:
    row = ann()
    actions.update(SYSTEM, row.pk, {"full_name": "Other"}, version=1)
    with pytest.raises(Outdated):
        actions.update(SYSTEM, row.pk, {"full_name": "Mine"}, version=1)
    assert Customer.objects.get(pk=row.pk).full_name == "Other"


def test_every_wrong_field_is_named_and_nothing_changes() -> None:
    row = ann()
    with pytest.raises(Invalid) as wrong:
        actions.update(SYSTEM, row.pk, {"email": "x", "date_of_birth": "tomorrow", "nope": 1, "full_name": "New"})
    assert {error.field for error in wrong.value.errors} == {"email", "date_of_birth", "nope"}
    assert Customer.objects.get(pk=row.pk).full_name == "Ann"


def test_consent_cannot_be_edited_like_a_field() -> None:
    with pytest.raises(Invalid):
        actions.update(SYSTEM, ann().pk, {"marketing_opt_in": True})


def test_an_identity_of_another_customer_is_refused_and_names_that_customer() -> None:
    row = ann()
    with pytest.raises(IdentityTaken) as taken:
        actions.create(SYSTEM, {"full_name": "Bo", "email": "ann@X.test"})
    assert taken.value.extra["customer"] == row.pk
    assert Customer.objects.count() == 1


def test_changing_a_field_moves_its_identity_and_the_search_text() -> None:
    row = ann()
    actions.update(SYSTEM, row.pk, {"email": "new@x.test"})
    assert queries.resolve("email", "ann@x.test") is None
    assert queries.resolve("email", "NEW@x.test") == row.pk
    assert SearchText.objects.get(customer=row).text == "ann new@x.test c1"


def test_a_customer_is_recognised_by_several_identities_until_they_are_removed() -> None:
    row = ann()
    extra = actions.add_identity(SYSTEM, row.pk, "email", "Old@x.test")
    assert queries.resolve("email", "old@x.test") == row.pk
    assert actions.add_identity(SYSTEM, row.pk, "email", "old@x.test").pk == extra.pk
    actions.remove_identity(SYSTEM, row.pk, extra.pk)
    assert queries.resolve("email", "old@x.test") is None
    primary = Identity.objects.get(customer=row, kind="email")
    with pytest.raises(Conflict):
        actions.remove_identity(SYSTEM, row.pk, primary.pk)


def test_merging_moves_identities_and_consent_fills_gaps_and_marks_both_changed() -> None:
    from ceap.consent.models import ConsentRecord

    one = ann()
    two = actions.create(SYSTEM, {"customer_id": "c2", "full_name": "A. Lee", "email": "lee@x.test", "city": "Leeds"})
    ConsentRecord.objects.create(customer=two, channel="email", granted=False, source="x", at=clock.now())
    Customer.objects.filter(pk=two.pk).update(marketing_opt_in=False)
    Entry.objects.all().delete()
    kept = actions.merge(SYSTEM, one.pk, two.pk)
    assert (kept.full_name, kept.email, kept.city, kept.marketing_opt_in) == ("Ann", "Ann@x.test", "Leeds", False)
    assert {queries.resolve("email", "lee@x.test"), queries.resolve("customer_id", "c2")} == {one.pk}
    assert changed_ids() >= {one.pk, two.pk}
    assert ConsentRecord.objects.filter(customer=one).count() >= 1
    assert queries.find(SYSTEM, two.pk).pk == one.pk
    assert list(queries.visible_to(SYSTEM).values_list("pk", flat=True)) == [one.pk]
    assert queries.redirected([one.pk, two.pk, 99]) == {one.pk: one.pk, two.pk: one.pk, 99: 99}


def test_merging_a_chain_leads_to_the_last_survivor() -> None:
    a, b, c = (actions.create(SYSTEM, {"full_name": name}) for name in "ABC")
    actions.merge(SYSTEM, b.pk, a.pk)
    actions.merge(SYSTEM, c.pk, b.pk)
    assert queries.redirected([a.pk, b.pk]) == {a.pk: c.pk, b.pk: c.pk}
    with pytest.raises(NotFound):
        actions.merge(SYSTEM, c.pk, a.pk)


def test_erasing_wipes_personal_data_keeps_suppressions_and_calls_those_who_must_know() -> None:
    from ceap.consent.models import ErasedAddress, Suppression
    from ceap.customers.actions.erase import _hooks

    actions.add_field(SYSTEM, "Secret", "text")
    row = ann(secret="s", city="Leeds", phone="+447700900001")
    Suppression.objects.create(
        channel="email", address="ann@x.test", reason="unsubscribed", customer=row, at=clock.now()
    )
    told: list[Any] = []
    hook = actions.before_erasure(lambda cursor, vendor, customer, addresses: told.append((customer, addresses)))
    try:
        actions.erase(SYSTEM, row.pk)
    finally:
        _hooks.remove(hook)
    assert told == [(row.pk, [("customer_id", "c1"), ("email", "ann@x.test"), ("phone", "+447700900001")])]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM customers_customer WHERE id = %s", [row.pk])
        left = str(cursor.fetchone())
    assert not any(word in left for word in ("Ann", "Leeds", "x.test", "7700", "c1", "'s'"))
    assert not Identity.objects.exists()
    assert not SearchText.objects.exists()
    assert not Suppression.objects.exists()  # kept as a hash alone, which closes the address for good
    assert ErasedAddress.objects.count() == 2
    assert "Ann" not in str(AuditEntry.objects.get(verb="customers.erase").__dict__)
    with pytest.raises(NotFound):
        queries.find(SYSTEM, row.pk)


@pytest.mark.req("S-14")
def test_who_sees_only_owned_customers_sees_edits_and_counts_only_those() -> None:
    abe = actors.actor("Abe", customers_view=Level.OWNED, customers_manage=Level.OWNED)
    mine = actions.create(abe, {"full_name": "Mine"})
    other = actions.create(SYSTEM, {"full_name": "Other"})
    assert mine.owner_id == abe.user_id
    assert [c.pk for c in queries.page(abe, Filters()).items] == [mine.pk]
    found = queries.counts(abe)
    assert (found.total, found.visible, found.owned_only) == (2, 1, True)
    with pytest.raises(NotFound):
        actions.update(abe, other.pk, {"full_name": "X"})
    with pytest.raises(Forbidden):
        actions.update(abe, mine.pk, {"owner": None})
    with pytest.raises(Forbidden):
        actions.create(abe, {"full_name": "X", "owner": str(actors.user("Zoe").pk)})
    assert Customer.objects.count() == 2


def test_the_index_searches_parts_filters_and_pages_without_losing_or_repeating_anybody() -> None:
    for n in range(25):
        actions.create(
            SYSTEM,
            {"full_name": f"Person {n:02}", "email": f"p{n}@x.test" if n % 2 else "", "source": "Web" if n % 3 else "",
             "city": "Leeds" if n < 5 else "York"},
        )  # fmt: skip
    for sort in ("newest", "name", "updated", "last_activity"):
        seen: list[int] = []
        cursor = None
        while True:
            page = queries.page(SYSTEM, Filters(), sort=sort, cursor=cursor, limit=4)
            seen += [c.pk for c in page.items]
            if not (cursor := page.next):
                break
        assert len(seen) == 25 == len(set(seen)), sort

    def names(**filters: Any) -> list[str]:
        return [c.full_name for c in queries.page(SYSTEM, Filters(**filters), sort="name", limit=100).items]

    assert names(search="SON 0") == [f"Person {n:02}" for n in range(10)]
    assert names(search="p11@") == ["Person 11"]
    assert len(names(reachable="email")) == 12
    assert len(names(source=["none"])) == 9
    assert names(city=["Leeds"], source=["Web"]) == ["Person 01", "Person 02", "Person 04"]
    with pytest.raises(Invalid):
        names(search="ab")
    assert queries.suggestions(SYSTEM, "city", "lee") == ["Leeds"]


@pytest.mark.parametrize("text", ["%", "_____", "100%", "a\\b", "'; DROP", "ä"])
def test_search_takes_every_character_as_itself(text: str) -> None:
    actions.create(SYSTEM, {"full_name": "Plain Person"})
    row = actions.create(SYSTEM, {"full_name": f"x{text}y"})
    found = queries.page(SYSTEM, Filters(search=f"x{text}y")).items
    assert [c.pk for c in found] == [row.pk]


def test_contexts_hold_what_templates_may_say() -> None:
    actions.add_field(SYSTEM, "Score", "number")
    owner = actors.user("Zoe")
    row = ann(score="3.5", date_of_birth="1990-02-01", owner=str(owner.pk))
    said = queries.contexts(
        [row.pk, 999], ["customer.full_name", "customer.first_name", "customer.score", "customer.owner"]
    )
    assert said == {row.pk: {"customer": {"full_name": "Ann", "first_name": "Ann", "score": 3.5, "owner": "Zoe"}}}
    everything = queries.contexts([row.pk])[row.pk]["customer"]
    assert (everything["date_of_birth"], everything["city"], everything["reward_expired_at"]) == ("1990-02-01", "", "")


def test_fields_are_added_renamed_ordered_retired_and_restored() -> None:
    one = actions.add_field(SYSTEM, "Shoe size", "number")
    two = actions.add_field(SYSTEM, "Colour", "dropdown", options=["Red", "Blue"])
    assert (one.key, two.options) == ("shoe_size", ["Red", "Blue"])
    row = ann(shoe_size=39, colour="red")
    assert row.custom == {"shoe_size": 39, "colour": "Red"}
    actions.change_field(SYSTEM, one.pk, label="Shoes")
    actions.order_fields(SYSTEM, [two.pk, one.pk])
    assert [f.key for f in queries.fields() if f.custom] == ["colour", "shoe_size"]
    actions.retire_field(SYSTEM, one.pk)
    assert [f.key for f in queries.fields() if f.custom] == ["colour"]
    with pytest.raises(Invalid):
        actions.update(SYSTEM, row.pk, {"shoe_size": 40})
    actions.restore_field(SYSTEM, one.pk)
    assert queries.facts(Customer.objects.get(pk=row.pk), queries.fields())["shoe_size"] == 39
    with pytest.raises(Invalid):
        actions.add_field(SYSTEM, "Colour", "text")
    with pytest.raises(Invalid):
        actions.add_field(SYSTEM, "Email", "text")
    with pytest.raises(Invalid):
        actions.add_field(SYSTEM, "X", "nope")
    with pytest.raises(Invalid):
        actions.add_field(SYSTEM, "Y", "text", key="email")
    with pytest.raises(Invalid):
        actions.add_field(SYSTEM, "Z", "text", options=["a"])
    assert Entry.objects.filter(kind="fields").count() == 6


def test_views_are_ones_own_or_shared() -> None:
    ada, bob = actors.actor("Ada"), actors.actor("Bob")
    actions.save_view(ada, "/customers", "Mine", {"source": ["Web"]})
    shared = actions.save_view(ada, "/customers", "Ours", {}, shared=True)
    assert [v.name for v in queries.views(bob, "/customers")] == ["Ours"]
    with pytest.raises(NotFound):
        actions.delete_view(bob, shared.pk)
    actions.delete_view(ada, shared.pk)
    assert [v.name for v in queries.views(ada, "/customers")] == ["Mine"]


@pytest.mark.parametrize(
    "search",
    [
        "0812-9999-0001", "+62 812 9999 0001", "62812 9999", "(0812) 9999", "9999-00", "王伟", "e\u0301mile",
        "Émile  王", "ann@xn--exmple-cua.test", "ann@EXÄMPLE",
    ],
)  # fmt: skip
def test_people_are_found_as_one_writes_them(search: str) -> None:
    Organisation.objects.update_or_create(id=1, defaults={"settings": {"default_region": "ID"}})
    given = {"full_name": "E\u0301mile 王伟", "phone": "081299990001", "email": "ann@exämple.test"}
    row = actions.create(SYSTEM, given)
    actions.create(SYSTEM, {"full_name": "Somebody else", "phone": "+447700900123"})
    assert [c.pk for c in queries.page(SYSTEM, Filters(search=search)).items] == [row.pk]


@pytest.mark.parametrize("search", ["ab", "王", "1 ", "é1"])
def test_a_search_that_would_find_half_of_all_is_refused(search: str) -> None:
    with pytest.raises(Invalid, match="at least 3 characters"):
        queries.page(SYSTEM, Filters(search=search))


def test_identities_stored_before_are_composed_unless_that_names_somebody_else() -> None:
    from importlib import import_module

    from django.apps import apps

    stored = {"E\u0301mile": "Émile", "A  1": "A 1", "Zoe\u0308": "Zoe\u0308", "Zoë": "Zoë", "plain": "plain"}
    for value in stored:
        row = Customer.objects.create(customer_id=value, created_at=clock.now(), updated_at=clock.now())
        Identity.objects.create(customer=row, kind="customer_id", value=value, created_at=clock.now())
        SearchText.objects.create(customer=row, text=value.lower())
    import_module("ceap.customers.migrations.0006_composed_identities").compose(apps, None)
    kept = Identity.objects.order_by("pk").values_list("customer__customer_id", "value")
    assert dict(kept) == stored
    assert set(SearchText.objects.values_list("text", flat=True)) == {"émile", "a  1", "zoë", "plain"}
