"""Filters of discovered segments: read, refused with the part that is wrong, and said in words."""

from __future__ import annotations

import pytest

from ceap.kit.problem import Invalid
from ceap.segments.queries.discovered import Filters

pytestmark = pytest.mark.req("O-4")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "All customers"),
        ({"age_from": 25, "age_to": 40}, "Age 25–40"),
        ({"age_from": "30", "age_to": "30"}, "Age 30"),
        ({"age_to": 40}, "Age up to 40"),
        ({"age_from": 25}, "Age 25 and over"),
        ({"outlets": ["Kandy", "Galle", "Kandy"]}, "Outlet Galle or Kandy"),
        ({"categories": ["luxury", "dry", "fresh"]}, "Bought dry, fresh or luxury"),
        ({"last_within": 1}, "Last purchase within 1 day"),
        ({"last_over": 1000}, "Last purchase longer ago than 1,000 days"),
        ({"last_within": 90, "last_over": 30}, "Last purchase within 90 days but longer ago than 30 days"),
        (
            {"age_from": 25, "outlets": ["Kandy"], "categories": ["fresh"], "last_within": 30},
            "Age 25 and over · outlet Kandy · bought fresh · last purchase within 30 days",
        ),
    ],
)
def test_filters_are_read_and_said_in_words(data, words):
    read = Filters.read(data)
    assert read.words() == words
    assert Filters.read(read.json()) == read
    assert bool(read) is bool(data)


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        ({"age_from": 41, "age_to": 40}, {"age_from": "The lowest age, 41, is above the highest, 40."}),
        ({"age_to": -1}, {"age_to": "Give a whole number of years from 0 to 150."}),
        ({"age_from": "old"}, {"age_from": "Give a whole number of years from 0 to 150."}),
        ({"age_from": True}, {"age_from": "Give a whole number of years from 0 to 150."}),
        ({"last_within": -3}, {"last_within": "Give a whole number of days from 0 to 36,600."}),
        (
            {"last_within": 30, "last_over": 30},
            {"last_over": "Nobody bought within 30 days and longer ago than 30: give fewer days."},
        ),
        ({"outlets": "Kandy"}, {"outlets": "Give a list of names."}),
        ({"city": "Kandy", "age_to": 999}, {
            "city": "There is no such filter.", "age_to": "Give a whole number of years from 0 to 150.",
        }),
    ],
)  # fmt: skip
def test_what_is_wrong_with_filters_is_named(data, errors):
    with pytest.raises(Invalid) as refused:
        Filters.read(data)
    assert {error.field: error.message for error in refused.value.errors} == errors
