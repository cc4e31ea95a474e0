"""Consent per purpose and channel against a plain oracle; the addresses of erased people; spellings."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from ceap.accounts.contracts import SYSTEM
from ceap.consent import actions, queries
from ceap.consent.models import ConsentRecord, ErasedAddress, Suppression
from ceap.core import optout
from ceap.customers import actions as customers
from ceap.customers import queries as customer_queries
from ceap.customers.models import Customer, Identity
from ceap.kit import journal
from ceap.kit.clock import now
from ceap.kit.home import Home
from ceap.kit.problem import Invalid
from tests import actors
from tests.counts import often

CHANNELS = ["email", "sms", "whatsapp"]
PURPOSES = ["marketing", "transactional", "news"]
BY: dict[str, Any] = {"source": "form", "evidence": {"form": "fair"}}
_act = st.tuples(st.booleans(), st.sampled_from([*CHANNELS, "*"]), st.sampled_from([*PURPOSES, "*"]))


@pytest.fixture(autouse=True)
def _no_journal(home: object) -> Iterator[None]:
    (Home.load().path / optout.JOURNAL).unlink(missing_ok=True)
    yield
    (Home.load().path / optout.JOURNAL).unlink(missing_ok=True)


def person(**values: Any) -> Customer:
    known: dict[str, Any] = {
        "email": "ann@x.test",
        "phone": "+6281299990001",
        "chatroom": True,
        "marketing_opt_in": None,
        **values,
    }
    row = Customer.objects.create(created_at=now(), updated_at=now(), **known)
    for kind in ("email", "phone"):
        Identity.objects.create(customer=row, kind=kind, value=known[kind], primary=True, created_at=now())
    return row


def open_for(customer: int, channel: str, purpose: str = "marketing") -> bool:
    return customer in queries.gate([customer], channel=channel, purpose=purpose, at=now()).allowed


class LedgerTest(TestCase):
    @settings(max_examples=often(15, 60), deadline=None)
    @given(opt_in=st.sampled_from([None, True, False]), acts=st.lists(_act, max_size=7))
    def test_the_last_word_about_a_channel_and_a_purpose_rules_and_no_other(self, opt_in, acts) -> None:
        """Oracle: one cell for each channel and purpose, overwritten by what covers it."""
        row = person(marketing_opt_in=opt_in)
        word = {(c, p): {"marketing": bool(opt_in), "transactional": True, "news": False}[p]
                for c in CHANNELS for p in PURPOSES}  # fmt: skip
        for granted, channel, purpose in acts:
            if granted:
                actions.grant(SYSTEM, row.pk, channel=channel, purpose=purpose, **BY)
            else:
                actions.withdraw(SYSTEM, row.pk, channel=channel, purpose=purpose)
            for c, p in word:
                if channel in (c, "*") and purpose in (p, "*"):
                    word[c, p] = granted
        assert {(c, p): open_for(row.pk, c, p) for c, p in word} == word


@pytest.mark.django_db
@pytest.mark.req("B-13")
def test_consent_to_sms_opens_sms_alone() -> None:
    row = person()
    actions.grant(SYSTEM, row.pk, channel="sms", **BY)
    assert [open_for(row.pk, c) for c in CHANNELS] == [False, True, False]
    row.refresh_from_db()
    assert row.marketing_opt_in is None  # nobody asked about every channel
    actions.grant(SYSTEM, row.pk, channel="*", **BY)
    assert [open_for(row.pk, c) for c in CHANNELS] == [True, True, True]
    row.refresh_from_db()
    assert row.marketing_opt_in is True


@pytest.mark.django_db
def test_lifting_looks_at_every_address_of_the_channel_and_leaves_the_others() -> None:
    row = person(bsuid="US.134A", marketing_opt_in=True)
    Identity.objects.create(customer=row, kind="email", value="old@x.test", created_at=now())
    Identity.objects.create(customer=row, kind="phone", value="+6281299990002", created_at=now())
    actions.withdraw(SYSTEM, row.pk)
    assert set(Suppression.objects.values_list("channel", "address")) == {
        ("*", "US.134A"), ("*", "+6281299990001"), ("*", "+6281299990002"), ("*", "ann@x.test"), ("*", "old@x.test"),
    }  # fmt: skip
    actions.grant(SYSTEM, row.pk, channel="sms", **BY)
    assert set(Suppression.objects.values_list("channel", "address")) == {
        ("*", "US.134A"), ("whatsapp", "+6281299990001"), ("whatsapp", "+6281299990002"), ("*", "ann@x.test"),
        ("*", "old@x.test"),
    }  # fmt: skip
    actions.grant(SYSTEM, row.pk, channel="email", **BY)
    assert not Suppression.objects.filter(address__contains="@").exists()
    actions.grant(SYSTEM, row.pk, channel="whatsapp", **BY)
    assert not Suppression.objects.exists()


@pytest.mark.django_db
def test_a_file_does_not_overrule_what_was_taken_back_on_one_channel() -> None:
    import pyarrow as pa

    row = person(customer_id="7")
    Identity.objects.create(customer=row, kind="customer_id", value="7", primary=True, created_at=now())
    actions.withdraw(SYSTEM, row.pk, channel="email")
    done = customers.upsert_many(SYSTEM, pa.table({"customer_id": ["7"], "marketing_opt_in": ["yes"]}))
    assert [problem.field for problem in done.problems] == ["marketing_opt_in"]
    assert [open_for(row.pk, c) for c in CHANNELS] == [False, False, False]


@pytest.mark.django_db
def test_merging_keeps_what_either_took_back_on_a_channel() -> None:
    kept, gone = person(marketing_opt_in=True), person(email="b@x.test", phone="+6281299990003", marketing_opt_in=True)
    actions.withdraw(SYSTEM, kept.pk, channel="email")
    actions.grant(SYSTEM, gone.pk, channel="email", **BY)
    customers.merge(SYSTEM, kept.pk, gone.pk)
    assert [open_for(kept.pk, c) for c in CHANNELS] == [False, True, True]


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("B-14")
def test_addresses_of_an_erased_person_stay_closed_as_hashes_alone() -> None:
    """Email, phone, BSUID, identities, those of the merged: none is kept in clear, none is written to again."""
    row = person(bsuid="US.134A", marketing_opt_in=True)
    other = person(email="merged@x.test", phone="+6281299990004", marketing_opt_in=True)
    Identity.objects.create(customer=row, kind="email", value="user@exämple.test", created_at=now())
    customers.merge(SYSTEM, row.pk, other.pk)
    actions.withdraw(SYSTEM, row.pk, channel="email")
    customers.erase(SYSTEM, row.pk)
    assert not Suppression.objects.exists()
    assert ErasedAddress.objects.count() == 6
    lines = (Home.load().path / optout.JOURNAL).read_text()
    assert "x.test" not in lines
    assert [len(record["erased"]) for record in journal.read(Home.load().path / optout.JOURNAL)] == [6]
    for values in (
        {"email": "ANN@x.test"}, {"email": "Merged@x.test"}, {"email": "USER@xn--exmple-cua.test"},
        {"phone": "+6281299990004"}, {"bsuid": "US.134A", "phone": ""},
    ):  # fmt: skip
        Identity.objects.all().delete()
        back = person(**{"email": "new@x.test", "phone": "+6281299990009", "marketing_opt_in": True, **values})
        closed = {c for c in CHANNELS if not open_for(back.pk, c)}
        meant = {"email"} if "email" in values else {"whatsapp"} if "bsuid" in values else {"sms", "whatsapp"}
        assert closed - ({"sms"} if "bsuid" in values else set()) == meant
        assert not open_for(back.pk, next(iter(meant)), "transactional")
        assert queries.of_customer(SYSTEM, back.pk).erased is True
    assert queries.suppressed_addresses("email", ["Ann@x.test", "new@x.test"]) == {"Ann@x.test"}


@pytest.mark.django_db(transaction=True)
def test_addresses_an_erased_person_had_before_stay_closed_but_for_those_of_others() -> None:
    """An address that was mistyped and corrected is somebody else's by now."""
    ada = actors.actor()
    row = customers.create(ada, {"full_name": "Ann", "email": "first@x.test", "phone": "+6281299990001"})
    customers.update(ada, row.pk, {"email": "typo@x.test", "phone": "+6281299990005"})
    customers.update(ada, row.pk, {"email": "ann@x.test"})
    other = customers.create(ada, {"full_name": "Bob", "email": "typo@x.test"})
    customers.erase(ada, row.pk)
    assert queries.erased(["first@x.test", "ann@x.test", "typo@x.test", "+6281299990001", "+6281299990005"]) == {
        "first@x.test", "ann@x.test", "+6281299990001", "+6281299990005",
    }  # fmt: skip
    actions.grant(SYSTEM, other.pk, channel="email", **BY)
    assert open_for(other.pk, "email")


@pytest.mark.django_db
@pytest.mark.parametrize("spelled", ["Marketing", " MARKETING ", "marketing"])
def test_a_purpose_is_one_however_it_is_spelled(spelled: str) -> None:
    row = person(marketing_opt_in=True)
    actions.withdraw(SYSTEM, row.pk, channel="email", purpose=spelled)
    assert not open_for(row.pk, "email")
    actions.grant(SYSTEM, row.pk, channel="email", purpose=spelled, **BY)
    assert open_for(row.pk, "email")
    actions.suppress(SYSTEM, channel="email", address=row.email, purpose=spelled)
    assert not open_for(row.pk, "email")
    with pytest.raises(Invalid):
        actions.withdraw(SYSTEM, row.pk, channel="email", purpose=" ")


@pytest.mark.django_db(transaction=True)
def test_an_erased_address_that_comes_back_in_a_file_with_an_opt_in_is_not_mailed() -> None:
    import pyarrow as pa

    customers.erase(SYSTEM, person().pk)
    rows = pa.table({"customer_id": ["9"], "email": ["ann@x.test"], "marketing_opt_in": ["yes"]})
    customers.upsert_many(SYSTEM, rows)
    back = Customer.objects.get(customer_id="9")
    assert list(queries.gate([back.pk], channel="email", at=now()).refused["suppressed"]) == [back.pk]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("suppressed", "written"),
    [
        ("user@xn--exmple-cua.test", "user@exämple.test"),
        ("user@exämple.test", "user@xn--exmple-cua.test"),
        ("USER@EXÄMPLE.test", "user@exa\u0308mple.test"),
        ("ÜSER@example.test", "üser@example.test"),
        ("üser@example.test", "Üser@example.test"),
    ],
)
def test_every_spelling_of_a_suppressed_address_is_closed(suppressed: str, written: str) -> None:
    row = person(email=written, marketing_opt_in=True)
    assert open_for(row.pk, "email")
    actions.suppress(SYSTEM, channel="email", address=suppressed)
    assert not open_for(row.pk, "email")


@pytest.mark.django_db
def test_both_spellings_name_one_customer_and_are_found() -> None:
    ada = actors.actor()
    row = customers.create(ada, {"email": "user@xn--exmple-cua.test", "full_name": "Ann"})
    assert customer_queries.resolve("email", "USER@exämple.test") == row.pk
    assert customer_queries.resolve("email", "user@xn--exmple-cua.test") == row.pk


@pytest.mark.django_db
def test_migrated_homes_keep_what_was_rightly_given_and_nothing_else() -> None:
    """What the version before had made of it: a consent for SMS had set the customer's field."""
    sms, imported, refused, both = (
        person(email=f"m{n}@x.test", phone=f"+628129999001{n}", marketing_opt_in=True) for n in range(4)
    )
    said = [(sms, "sms", True), (imported, "*", True), (refused, "*", False), (refused, "sms", True),
            (both, "*", True), (both, "email", True)]  # fmt: skip
    for row, channel, granted in said:
        ConsentRecord.objects.create(customer=row, channel=channel, granted=granted, source="t", at=now())
    Suppression.objects.create(channel="email", address="user@xn--exmple-cua.test", reason="manual", at=now())
    Identity.objects.create(customer=sms, kind="email", value="a@xn--exmple-cua.test", created_at=now())
    migration = import_module("ceap.consent.migrations.0003_normal_forms")
    for _ in range(2):
        migration.fields(apps, None)
        migration.spellings(apps, None)
    fields = [Customer.objects.get(pk=row.pk).marketing_opt_in for row in (sms, imported, refused, both)]
    assert fields == [None, True, False, True]
    assert [open_for(row.pk, "email") for row in (sms, imported, refused, both)] == [False, True, False, True]
    assert [open_for(row.pk, "sms") for row in (sms, imported, refused, both)] == [True, True, True, True]
    assert Suppression.objects.get().address == "user@exämple.test"
    assert Identity.objects.filter(value="a@exämple.test").exists()
