"""The gate against a plain oracle, in every combination."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from ceap.accounts.models import Organisation
from ceap.consent import queries
from ceap.consent.models import CapSlot, ConsentRecord, Suppression
from ceap.customers.models import Customer
from ceap.kit.clock import now
from tests.counts import often

AT = datetime(2026, 11, 18, 12, tzinfo=UTC)
EMAILS = ["", "a@x.test", "A@X.test", "b@x.test", "broken", "two words@x.test", "c@x.test"]
_person = st.fixed_dictionaries(
    {
        "email": st.sampled_from(EMAILS),
        "opt_in": st.sampled_from([None, True, False]),
        "records": st.lists(
            st.tuples(
                st.sampled_from(["email", "sms", "*"]), st.sampled_from(["marketing", "news", "*"]), st.booleans()
            ),
            max_size=3,
        ),
        "slots": st.integers(0, 4),
        "erased": st.booleans(),
    }
)
_suppressions = st.sets(
    st.tuples(
        st.sampled_from(["email", "sms", "*"]), st.sampled_from(["a@x.test", "b@x.test"]),
        st.sampled_from(["marketing", "*", "transactional"]),
    ),
    max_size=3,
)  # fmt: skip


def oracle(person: dict, suppressions: set, purpose: str, cap: int) -> str:
    address = person["email"].strip().lower()
    if person["erased"] or address not in ("a@x.test", "b@x.test", "c@x.test"):
        return "unreachable"
    said = [g for channel, p, g in person["records"] if channel in ("email", "*") and p in (purpose, "*")]
    unasked = {"marketing": bool(person["opt_in"]), "transactional": True}.get(purpose, False)
    if not (said[-1] if said else unasked):
        return "no_consent"
    if any(a == address and c in ("email", "*") and p in (purpose, "*") for c, a, p in suppressions):
        return "suppressed"
    if purpose != "transactional" and cap and person["slots"] >= cap:
        return "capped"
    return ""


class GateTest(TestCase):
    @settings(max_examples=often(15, 60), deadline=None)
    @given(
        people=st.lists(_person, min_size=1, max_size=8), suppressions=_suppressions,
        purpose=st.sampled_from(["marketing", "transactional", "news"]), cap=st.integers(0, 3),
    )  # fmt: skip
    def test_gate_agrees_with_the_oracle(self, people, suppressions, purpose, cap) -> None:
        Organisation.objects.update_or_create(pk=1, defaults={"settings": {"email_cap_per_week": cap}})
        Suppression.objects.bulk_create(
            Suppression(channel=c, address=a, purpose=p, reason="manual", at=AT) for c, a, p in suppressions
        )
        expected = {}
        for person in people:
            row = Customer.objects.create(
                email=person["email"], marketing_opt_in=person["opt_in"], created_at=now(), updated_at=now(),
                erased_at=AT if person["erased"] else None,
            )  # fmt: skip
            for channel, p, granted in person["records"]:
                ConsentRecord.objects.create(
                    customer=row, channel=channel, purpose=p, granted=granted, source="form", at=AT
                )
            CapSlot.objects.bulk_create(
                CapSlot(
                    customer_id=row.pk, channel="email", window="2026-W47", slot=n, delivery_id=row.pk * 10 + n, at=AT
                )
                for n in range(person["slots"])
            )
            expected[row.pk] = oracle(person, suppressions, purpose, cap)
        gate = queries.gate(expected, channel="email", purpose=purpose, at=AT)
        answer = dict.fromkeys(gate.allowed, "") | {i: reason for reason, ids in gate.refused.items() for i in ids}
        assert answer == expected
        counts = [step.count for step in gate.steps]
        assert counts == sorted(counts, reverse=True)
        assert counts[0] == len(expected)
        assert counts[-1] == len(gate.allowed)


@pytest.mark.django_db
def test_unknown_customers_are_unreachable() -> None:
    gate = queries.gate([5, 6], channel="email", at=AT)
    assert list(gate.refused["unreachable"]) == [5, 6]
    assert not gate.allowed


@pytest.mark.django_db
@pytest.mark.parametrize("many", [1, 10_000])
def test_erased_addresses_are_closed_whether_few_or_many_are_asked_about(
    many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ceap.consent.actions.erasure import close
    from tests.channels import people

    monkeypatch.setattr(queries, "MANY", many)
    ids = people.customers(3)
    close([Customer.objects.get(pk=ids[1]).email])
    found = queries.gate(ids, channel="email", at=now())
    assert (sorted(found.allowed), sorted(found.refused["suppressed"])) == ([ids[0], ids[2]], [ids[1]])
    monkeypatch.setattr(queries, "MOST_IN_MEMORY", 0)
    assert sorted(queries.gate(ids, channel="email", at=now()).allowed) == [ids[0], ids[2]]
