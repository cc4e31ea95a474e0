"""The population stability index: against published numbers, a plain oracle, and on customers that change."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceap.core.learning import drift, grocery
from ceap.core.learning.cleaning import Cleaned
from ceap.core.learning.frame import Frame
from ceap.core.learning.model import Model
from ceap.core.learning.roles import Roles
from ceap.core.learning.training import discover

pytestmark = pytest.mark.req("O-2")


def test_the_index_of_two_distributions_worked_out_by_hand() -> None:
    """(0.1)(ln 1.5) + 0 + (−0.1)(ln 2/3) + 0.1 (ln 2) + (−0.1)(ln 0.5) over five bins."""
    before = np.array([20.0, 20, 30, 10, 20])
    after = np.array([60.0, 40, 40, 40, 20])
    by_hand = 0.1 * math.log(1.5) - 0.1 * math.log(2 / 3) + 0.1 * math.log(2) - 0.1 * math.log(0.5)
    assert drift.psi(before, after) == pytest.approx(by_hand)
    assert by_hand == pytest.approx(0.2197, abs=1e-4)
    assert (drift.WATCH, drift.SHIFTED) == (0.1, 0.25)  # Siddiqi 2006


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 12).flatmap(lambda n: st.tuples(*[st.lists(st.integers(0, 1000), min_size=n, max_size=n)] * 2)))
def test_the_index_is_what_a_plain_reading_of_the_formula_says(pair: tuple[list[int], list[int]]) -> None:
    before, after = pair
    if not sum(before) or not sum(after):
        return
    plain = 0.0
    for e, a in zip(before, after, strict=True):
        expected, actual = max(e, 0.5) / sum(before), max(a, 0.5) / sum(after)
        plain += (actual - expected) * math.log(actual / expected)
    found = drift.psi(np.array(before, float), np.array(after, float))
    assert found == pytest.approx(plain)
    assert found >= 0
    assert drift.psi(np.array(after, float), np.array(before, float)) == pytest.approx(found)
    assert drift.psi(np.array(before, float), np.array(before, float)) == 0


def frame_of(made: grocery.Chain, times: float = 1.0) -> Frame:
    outlets = np.array(grocery.OUTLETS, object)[made.outlet]
    return Frame({name: made.sales[:, n] * times for n, name in enumerate(grocery.CATEGORIES)}, outlets)


@pytest.fixture(scope="module")
def trained() -> tuple[Model, Frame]:
    frame = frame_of(grocery.chain(800))
    cleaned = Cleaned(frame, np.arange(800), 800, {}, None, None)
    return discover(cleaned, Roles(amounts={name: name for name in frame.amounts}), seed=1, k=6).model, frame


def compared(trained: tuple[Model, Frame], now: Frame) -> dict:
    model, before = trained
    reference = drift.reference(model, before, *model.score(before))
    return drift.compare(reference, model, now, *model.score(now))


def test_the_customers_of_training_have_not_moved_and_others_like_them_are_stable(
    trained: tuple[Model, Frame],
) -> None:
    same = compared(trained, trained[1])
    assert same["verdict"] == drift.STABLE
    assert all(one["psi"] == 0 for one in same["features"].values())
    assert same["segments"] == same["segments_before"]
    assert same["certainty"] == same["certainty_before"]
    for customers, seed in ((800, 21), (60, 22)):
        assert compared(trained, frame_of(grocery.chain(customers, seed)))["verdict"] == drift.STABLE


def test_customers_who_spend_three_times_as_much_have_shifted_and_the_feature_is_named(
    trained: tuple[Model, Frame],
) -> None:
    found = compared(trained, frame_of(grocery.chain(800, 21), 3.0))
    assert found["verdict"] == drift.MOVED
    assert found["features"]["spend"]["verdict"] == drift.MOVED
    assert found["features"]["share of dry"]["verdict"] == drift.STABLE
    assert "re-train" in found["words"]


def test_a_version_from_before_drift_was_measured_says_so(trained: tuple[Model, Frame]) -> None:
    model, frame = trained
    found = drift.compare(None, model, frame, *model.score(frame))
    assert (found["verdict"], found["features"], found["certainty_before"]) == (drift.UNKNOWN, {}, None)
