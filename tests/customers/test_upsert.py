"""Many customers at once: what each row becomes, and that repeating changes nothing."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ceap.accounts.contracts import SYSTEM, Level
from ceap.customers.actions import How, add_field, create, upsert_many
from ceap.customers.contracts import Policy
from ceap.customers.models import Customer, Identity, SearchText
from ceap.kit.problem import Forbidden, Invalid
from tests.actors import actor
from tests.counts import often

pytestmark = pytest.mark.django_db


def rows(*given: dict[str, Any]) -> pa.Table:
    names = list(dict.fromkeys(name for row in given for name in row))
    return pa.table({name: [row.get(name) for row in given] for name in names})


def facts() -> list[dict[str, Any]]:
    """Everything that is stored, without keys, times and versions."""
    left_out = {"id", "created_at", "updated_at", "version", "marketing_opt_in_at"}
    people = [
        {k: v for k, v in row.items() if k not in left_out} for row in Customer.objects.order_by("customer_id").values()
    ]
    names = sorted(Identity.objects.values_list("kind", "value", "customer__customer_id", "primary"))
    texts = sorted(SearchText.objects.values_list("text", flat=True))
    return [*people, {"identities": names, "texts": texts}]


def test_rows_become_customers_with_identities_and_search_text() -> None:
    add_field(SYSTEM, "Score", "number")
    add_field(SYSTEM, "Tags", "multiple", options=["a", "b"])
    told = upsert_many(
        SYSTEM,
        rows(
            {"customer_id": "c1", "full_name": " Ann  Lee ", "email": "Ann@Example.TEST", "score": "3.5", "tags": "b;a",
             "date_of_birth": "1990-02-01", "balance_available": "1,200.25", "phone": "+44 7700 900123"},
            {"customer_id": "c2", "full_name": "Bo"},
        ),
    )  # fmt: skip
    assert (told.created, told.updated, told.unchanged, told.rejected, told.problems) == (2, 0, 0, 0, [])
    ann = Customer.objects.get(customer_id="c1")
    assert (ann.full_name, ann.email, ann.phone) == ("Ann Lee", "Ann@example.test", "+447700900123")
    assert ann.custom == {"score": 3.5, "tags": ["a", "b"]}
    assert str(ann.balance_available) == "1200.2500"
    assert (str(ann.date_of_birth), ann.added_by) == ("1990-02-01", "import")
    assert SearchText.objects.get(customer=ann).text == "ann lee ann@example.test +447700900123 c1"
    named = set(ann.identities.values_list("kind", "value"))
    assert named == {("customer_id", "c1"), ("email", "ann@example.test"), ("phone", "+447700900123")}


def test_repeating_rows_changes_nothing() -> None:
    add_field(SYSTEM, "Score", "number")
    given = rows(
        {"customer_id": "c1", "email": "a@b.test", "score": "1", "marketing_opt_in": "yes"}, {"customer_id": "c2"}
    )
    upsert_many(SYSTEM, given)
    before = list(Customer.objects.order_by("id").values())
    told = upsert_many(SYSTEM, given)
    assert (told.created, told.updated, told.unchanged, told.rejected) == (0, 0, 2, 0)
    assert list(Customer.objects.order_by("id").values()) == before


def test_an_empty_cell_says_nothing_and_leaves_what_is_known() -> None:
    upsert_many(SYSTEM, rows({"customer_id": "c1", "full_name": "Ann", "email": "a@x.test", "city": "Leeds"}))
    told = upsert_many(SYSTEM, rows({"customer_id": "c1", "full_name": "", "email": " ", "city": None}))
    assert (told.updated, told.unchanged) == (0, 1)
    assert list(Customer.objects.values_list("full_name", "email", "city")) == [("Ann", "a@x.test", "Leeds")]


def test_a_wrong_value_rejects_its_row_with_column_value_and_reason() -> None:
    told = upsert_many(SYSTEM, rows({"customer_id": "c1", "email": "nonsense"}, {"customer_id": "c2", "email": ""}))
    assert (told.created, told.rejected) == (1, 1)
    [problem] = told.problems
    assert (problem.row, problem.field, problem.value) == (0, "email", "nonsense")
    assert problem.reason.startswith("is not an email address")


def test_a_wrong_value_can_be_left_out_instead() -> None:
    told = upsert_many(SYSTEM, rows({"customer_id": "c1", "email": "nonsense"}), How(leave_out=True))
    assert (told.created, told.rejected) == (1, 0)
    assert told.problems[0].rejected is False
    assert Customer.objects.get().email == ""


def test_a_row_without_the_matching_identity_is_rejected() -> None:
    told = upsert_many(SYSTEM, rows({"customer_id": "", "full_name": "Nobody"}))
    assert (told.created, told.rejected) == (0, 1)
    assert not Customer.objects.exists()


def test_an_identity_of_another_customer_rejects_the_row_and_names_that_customer() -> None:
    ann = create(SYSTEM, {"customer_id": "c1", "email": "ann@example.test"})
    told = upsert_many(SYSTEM, rows({"customer_id": "c2", "email": "ANN@example.test"}))
    assert told.rejected == 1
    assert told.problems[0].reason == f"belongs to customer {ann.pk}"


def test_rows_of_one_file_that_name_the_same_customer_are_taken_in_order() -> None:
    told = upsert_many(
        SYSTEM,
        rows(
            {"customer_id": "c1", "full_name": "A", "email": "a@x.test"},
            {"customer_id": "c1", "full_name": "B", "email": "b@x.test"},
            {"customer_id": "c2", "full_name": "C", "email": "a@x.test"},
            {"customer_id": "c3", "full_name": "D", "email": "b@x.test"},
        ),
    )
    assert (told.created, told.updated, told.rejected) == (2, 1, 1)
    assert Customer.objects.get(customer_id="c1").full_name == "B"
    assert Customer.objects.get(customer_id="c2").email == "a@x.test"


@pytest.mark.parametrize(("policy", "expected"), [(Policy.CREATE, (1, 0, 1, 0)), (Policy.UPDATE, (0, 1, 0, 1))])
def test_the_policy_says_whether_customers_are_created_or_updated(policy: Policy, expected: tuple[int, ...]) -> None:
    create(SYSTEM, {"customer_id": "c1", "full_name": "Old"})
    told = upsert_many(
        SYSTEM, rows({"customer_id": "c1", "full_name": "New"}, {"customer_id": "c2"}), How(policy=policy)
    )
    assert (told.created, told.updated, told.unchanged, told.rejected) == expected


def test_a_dry_run_counts_and_writes_nothing() -> None:
    told = upsert_many(SYSTEM, rows({"customer_id": "c1"}), How(dry=True))
    assert told.created == 1
    assert not Customer.objects.exists()


def test_a_withdrawn_consent_is_never_turned_on_again() -> None:
    from ceap.consent.models import ConsentRecord, Suppression

    def bring(**values: str) -> Any:
        return upsert_many(SYSTEM, rows({"customer_id": "c1", "email": "a@x.test", **values}))

    bring(marketing_opt_in="yes")
    assert list(ConsentRecord.objects.values_list("granted", "source")) == [(True, "import")]
    bring(marketing_opt_in="no")
    assert Customer.objects.get().marketing_opt_in is False
    assert Suppression.objects.filter(address="a@x.test").exists()
    told = bring(marketing_opt_in="yes", full_name="Ann")
    assert Customer.objects.get().marketing_opt_in is False
    assert Customer.objects.get().full_name == "Ann"
    assert (told.updated, told.problems[0].field) == (1, "marketing_opt_in")
    assert list(ConsentRecord.objects.order_by("id").values_list("granted", flat=True)) == [True, False]


def test_the_word_by_which_somebody_withdrew_is_kept_as_evidence() -> None:
    from ceap.consent.models import ConsentRecord

    def bring(**values: str) -> Any:
        return upsert_many(SYSTEM, rows(*({"customer_id": "c1"} | values, {"customer_id": "c2"} | values)))

    bring(marketing_opt_in="Subscribed")
    bring(marketing_opt_in="unsubscribed")
    upsert_many(SYSTEM, rows({"customer_id": "c3", "marketing_opt_in": "Opted_out."}))
    upsert_many(SYSTEM, rows({"customer_id": "c4", "marketing_opt_in": "да"}, {"customer_id": "c4", "full_name": "D"}))
    told = upsert_many(SYSTEM, rows({"customer_id": "c5", "marketing_opt_in": "pending"}))
    assert [(p.field, p.reason) for p in told.problems] == [
        (
            "marketing_opt_in",
            "is not clearly yes or no; for consent give yes or no, or a word such as subscribed or unsubscribed",
        )
    ]
    kept = ConsentRecord.objects.order_by("customer__customer_id", "id")
    assert [(r.customer.customer_id, r.granted, r.evidence["word"]) for r in kept if r.customer] == [
        ("c1", True, "Subscribed"), ("c1", False, "unsubscribed"), ("c2", True, "Subscribed"),
        ("c2", False, "unsubscribed"), ("c3", False, "Opted_out."), ("c4", True, "да"),
    ]  # fmt: skip


def test_an_import_without_permission_is_refused_and_changes_nothing() -> None:
    with pytest.raises(Forbidden):
        upsert_many(actor(customers_import=Level.DISABLED), rows({"customer_id": "c1"}))
    assert not Customer.objects.exists()


def test_a_column_that_is_no_field_is_refused() -> None:
    with pytest.raises(Invalid):
        upsert_many(SYSTEM, rows({"customer_id": "c1", "nonsense": "1"}))


ROW = st.fixed_dictionaries(
    {
        "customer_id": st.sampled_from(["", "1", "2", "3", "4"]),
        "email": st.sampled_from(["", "a@x.test", "A@X.test", "b@x.test", "c@x.test", "broken"]),
        "phone": st.sampled_from(["", "+447700900001", "+44 7700 900002", "12"]),
        "full_name": st.sampled_from(["", "Ann", "Bo "]),
        "marketing_opt_in": st.sampled_from(["", "yes", "no"]),
    }
)


@pytest.mark.timeout(900)
@given(
    st.lists(ROW, min_size=1, max_size=8),
    st.lists(ROW, max_size=3),
    st.sampled_from([("customer_id",), ("email", "customer_id"), ("customer_id", "email", "phone")]),
    st.sampled_from(list(Policy)),
)
@pytest.mark.slow
@settings(max_examples=often(5, 20), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_many_rows_at_once_do_what_one_row_after_the_other_does(
    given: list[dict[str, str]], earlier: list[dict[str, str]], match: tuple[str, ...], policy: Policy
) -> None:
    from django.db import transaction

    def run(tables: list[pa.Table]) -> tuple[Any, Any]:
        with transaction.atomic():
            for row in earlier:
                upsert_many(SYSTEM, rows(row), How(("customer_id", "email"), source="x"))
            told = [upsert_many(SYSTEM, table, How(match, policy, source="x")) for table in tables]
            counts = [sum(getattr(t, n) for t in told) for n in ("created", "updated", "unchanged", "rejected")]
            names = dict(Customer.objects.values_list("pk", "customer_id"))
            result = (
                counts,
                sorted(Identity.objects.values_list("kind", "value", "primary")),
                sorted(
                    (
                        r.full_name, r.customer_id or "", r.email, r.phone, str(r.marketing_opt_in),
                        r.search.text, str(sorted(r.identities.values_list("kind", "value", "primary"))),
                    )
                    for r in Customer.objects.all()
                ),
                len(names),
            )  # fmt: skip
            transaction.set_rollback(True)
        return result, told

    together, _ = run([rows(*given)])
    alone, _ = run([rows(row) for row in given])
    assert together == alone


def consent_of(customer_id: str) -> dict[str, bool | None]:
    """The word about marketing on email and SMS."""
    from ceap.core import consents

    row = Customer.objects.get(customer_id=customer_id)
    with connection.cursor() as cursor:
        said = consents.said_by(cursor, connection.vendor, [row.pk]).get(row.pk, [])
    return {channel: consents.answer(said, row.marketing_opt_in, channel, "marketing") for channel in ("email", "sms")}


def test_a_column_of_one_channel_speaks_of_that_channel_alone() -> None:
    from ceap.consent.models import ConsentRecord

    given = rows(
        {"customer_id": "c1", "consent:email": "Subscribed", "consent:sms": ""},
        {"customer_id": "c2", "consent:email": "no", "consent:sms": "yes"},
        {"customer_id": "c3", "optout:email": "yes"},
        {"customer_id": "c4", "optout:email": "no"},
    )
    told = upsert_many(SYSTEM, given, How(source="people.csv"))
    assert (told.created, told.rejected, told.problems) == (4, 0, [])
    assert [consent_of(f"c{n}") for n in (1, 2, 3, 4)] == [
        {"email": True, "sms": None}, {"email": False, "sms": True}, {"email": False, "sms": None},
        {"email": None, "sms": None},
    ]  # fmt: skip
    assert set(Customer.objects.values_list("marketing_opt_in", flat=True)) == {None}
    one = ConsentRecord.objects.get(customer__customer_id="c1")
    assert (one.channel, one.purpose, one.granted, one.source) == ("email", "marketing", True, "import")
    assert {name: one.evidence[name] for name in ("import", "word")} == {"import": "people.csv", "word": "Subscribed"}
    again = upsert_many(SYSTEM, given)
    assert (again.updated, again.unchanged, ConsentRecord.objects.count()) == (0, 4, 4)


def test_consent_to_a_channel_is_taken_back_there_and_no_file_turns_it_on_again() -> None:
    from ceap.consent.models import Suppression

    def bring(**values: str) -> Any:
        return upsert_many(SYSTEM, rows({"customer_id": "c1", "email": "a@x.test", **values}))

    bring(**{"consent:email": "yes", "consent:sms": "yes"})
    told = bring(**{"consent:email": "unsubscribed", "consent:sms": "yes"})
    assert (told.updated, told.unchanged) == (1, 0)
    assert consent_of("c1") == {"email": False, "sms": True}
    assert list(Suppression.objects.values_list("channel", "address")) == [("email", "a@x.test")]
    told = bring(**{"consent:email": "yes", "consent:sms": "yes"})
    assert (told.updated, told.unchanged) == (0, 1)
    assert [(p.field, p.value, p.rejected) for p in told.problems] == [("consent:email", "yes", False)]
    assert consent_of("c1") == {"email": False, "sms": True}


def test_a_withdrawal_of_everything_holds_against_a_column_of_one_channel() -> None:
    upsert_many(SYSTEM, rows({"customer_id": "c1", "marketing_opt_in": "no"}))
    both = {"customer_id": "c2", "marketing_opt_in": "no", "consent:email": "yes"}
    told = upsert_many(SYSTEM, rows({"customer_id": "c1", "consent:email": "yes"}, both))
    assert [(p.row, p.field) for p in told.problems] == [(0, "consent:email"), (1, "consent:email")]
    assert [consent_of(f"c{n}")["email"] for n in (1, 2)] == [False, False]


def test_rows_that_share_a_name_say_what_they_say_about_the_right_customers() -> None:
    upsert_many(SYSTEM, rows({"customer_id": "old", "email": "old@x.test"}))
    upsert_many(
        SYSTEM,
        rows(
            {"customer_id": "n1", "consent:sms": "yes"},
            {"customer_id": "c1", "email": "a@x.test", "consent:email": "yes"},
            {"customer_id": "c1", "email": "b@x.test", "consent:email": "no"},
            {"customer_id": "c2", "email": "a@x.test", "consent:email": "yes"},
            {"customer_id": "old", "consent:email": "yes"},
        ),
    )
    assert {key: consent_of(key)["email"] for key in ("n1", "c1", "c2", "old")} == {
        "n1": None, "c1": False, "c2": True, "old": True,
    }  # fmt: skip
    assert consent_of("n1")["sms"] is True


def test_trying_a_file_out_leaves_the_journal_of_opt_outs_alone() -> None:
    from ceap.core.optout import JOURNAL
    from ceap.kit.home import Home

    path = Home.load().path / JOURNAL
    upsert_many(
        SYSTEM, rows({"customer_id": "c1", "email": "j@x.test", "marketing_opt_in": "yes", "consent:sms": "yes"})
    )
    before = path.read_text() if path.exists() else ""
    for values in ({"marketing_opt_in": "no"}, {"consent:sms": "no"}):
        told = upsert_many(SYSTEM, rows({"customer_id": "c1", **values}), How(dry=True))
        assert told.updated == 1
        assert (path.read_text() if path.exists() else "") == before
    assert consent_of("c1") == {"email": True, "sms": True}


def test_who_may_not_see_consent_brings_none() -> None:
    from ceap.customers.actions import limit_field

    limit_field(SYSTEM, "marketing_opt_in", ["analyst"])
    with pytest.raises(Forbidden):
        upsert_many(actor("Uma"), rows({"customer_id": "c1", "consent:email": "yes"}))


@pytest.mark.parametrize("grants", [{"customers_view": Level.OWNED}, {"customers_manage": Level.OWNED}])
def test_who_changes_own_customers_alone_overwrites_nobody_elses_and_owns_what_is_new(grants: dict[str, Level]) -> None:
    spy = actor("Spy", customers_manage=Level.OWNED, **{k: v for k, v in grants.items() if k != "customers_manage"})
    upsert_many(SYSTEM, rows({"customer_id": "zoe", "email": "zoe@x.test", "full_name": "Zoe", "city": "Galle"}))
    mine = create(spy, {"customer_id": "own", "full_name": "Own"})
    before = facts()
    told = upsert_many(
        spy,
        rows(
            {"customer_id": "zoe", "full_name": "Hacked"},
            {"customer_id": "own", "full_name": "Mine", "email": "ZOE@x.test"},
            {"customer_id": "own", "city": "Kandy"},
            {"customer_id": "new", "full_name": "New"},
        ),
    )
    assert [(p.row, p.field, p.reason) for p in told.problems] == [
        (0, "customer_id", "belongs to a customer that your role may not change"),
        (1, "email", "belongs to a customer that your role may not change"),
    ]
    assert (told.created, told.updated, told.rejected) == (1, 1, 2)
    assert [one for one in facts() if one.get("customer_id") == "zoe"] == [
        one for one in before if one.get("customer_id") == "zoe"
    ]
    mine.refresh_from_db()
    assert (mine.city, mine.full_name, mine.owner_id) == ("Kandy", "Own", spy.user_id)
    assert Customer.objects.get(customer_id="new").owner_id == spy.user_id
