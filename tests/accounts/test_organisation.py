"""The organisation and its settings: typed, bounded, each error named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceap.accounts import actions, queries
from ceap.accounts.contracts import SYSTEM
from ceap.accounts.models import AuditEntry, Organisation
from ceap.accounts.rules import DEFAULTS, SETTINGS, checked_settings, setting_error
from ceap.kit.problem import Invalid
from tests.actors import user

LIMITS = {
    "segment_conditions_per_group": 3, "segment_groups": 2, "active_campaigns": 10, "email_cap_per_week": 3,
    "approval_above": 1000,
}  # fmt: skip


@pytest.mark.req("C-12")
@pytest.mark.req("S-4")
def test_the_limits_have_the_defaults_that_were_asked_for() -> None:
    assert {key: DEFAULTS[key] for key in LIMITS} == LIMITS
    assert DEFAULTS["recalculate_at"] == "08:00"
    assert all(setting_error(s, s.default) is None for s in SETTINGS.values())


@pytest.mark.django_db
def test_several_wrong_fields_are_all_named_and_nothing_changes() -> None:
    actions.change_organisation(SYSTEM, name="Before")
    wrong: dict[str, Any] = {
        "name": " ", "time_zone": "Berlin", "currency": "XXX",
        "settings": {"active_campaigns": 0, "segment_groups": "2", "fly": 1, "recalculate_at": "24:00"},
    }  # fmt: skip
    before = (Organisation.objects.values().get(), AuditEntry.objects.count())
    with pytest.raises(Invalid) as refused:
        actions.change_organisation(SYSTEM, **wrong)
    assert {e.field for e in refused.value.errors} == {
        "name", "time_zone", "currency", "settings.active_campaigns", "settings.segment_groups", "settings.fly",
        "settings.recalculate_at",
    }  # fmt: skip
    assert (Organisation.objects.values().get(), AuditEntry.objects.count()) == before


@pytest.mark.django_db
def test_a_change_keeps_the_other_settings_and_is_audited() -> None:
    actions.change_organisation(SYSTEM, settings={"active_campaigns": 4}, currency="GBP")
    actions.change_organisation(SYSTEM, settings={"email_cap_per_week": 5})
    assert queries.setting("active_campaigns") == 4
    assert queries.setting("email_cap_per_week") == 5
    assert queries.setting("segment_groups") == 2
    entry = AuditEntry.objects.latest("seq")
    assert (entry.before, entry.after) == ({"email_cap_per_week": None}, {"email_cap_per_week": 5})


def test_quiet_hours_have_both_ends_or_none() -> None:
    assert checked_settings({}, {"quiet_from": "21:00", "quiet_until": "08:00"})
    assert checked_settings({"quiet_from": "21:00", "quiet_until": "08:00"}, {"quiet_from": "", "quiet_until": ""})
    with pytest.raises(Invalid, match="both ends"):
        checked_settings({}, {"quiet_from": "21:00"})


@given(value=st.one_of(st.integers(), st.booleans(), st.floats(), st.text(max_size=6), st.none(), st.lists(st.none())))
def test_a_number_is_accepted_exactly_when_it_is_whole_and_within_bounds(value: object) -> None:
    setting = SETTINGS["active_campaigns"]
    expected = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 1000
    assert (setting_error(setting, value) is None) == expected


@given(hour=st.integers(0, 99), minute=st.integers(0, 99))
def test_a_time_is_accepted_exactly_when_a_clock_shows_it(hour: int, minute: int) -> None:
    accepted = setting_error(SETTINGS["recalculate_at"], f"{hour:02}:{minute:02}") is None
    assert accepted == (hour < 24 and minute < 60)


@pytest.mark.django_db
def test_each_setting_says_what_it_does_its_default_and_who_changed_it_last(client: Any) -> None:
    actions.change_organisation(SYSTEM, settings={"segment_groups": 3})
    someone = user("Grace")
    client.force_login(someone)
    client.patch(
        "/api/organisation", {"settings": {"postal_address": "1 High Street, Leeds"}}, content_type="application/json"
    )
    found = {one["key"]: one for one in client.get("/api/organisation").json()["settings"]}
    assert all(one["about"] and one["group"] for one in found.values())
    address, groups, limit = (found[key] for key in ("postal_address", "segment_groups", "active_campaigns"))
    assert (address["value"], address["default"], address["changed_by"]) == ("1 High Street, Leeds", "", someone.name)
    assert (groups["value"], groups["default"], groups["changed_by"]) == (3, 2, "CEAP")
    assert (limit["changed_by"], limit["changed_at"]) == ("", None)
