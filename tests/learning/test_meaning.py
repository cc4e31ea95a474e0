"""What a segment means: names, traits, rules, recommendations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ceap.core.learning import meaning
from ceap.core.learning.meaning import Trait
from ceap.core.learning.versions import Versions
from ceap.kit.problem import Invalid


@pytest.mark.req("O-5")
def test_each_segment_has_a_name_of_its_own_traits_a_true_rule_and_a_campaign(discovered: Path) -> None:
    found = Versions(discovered).manifest(1)["segments"]
    assert len({one["name"] for one in found}) == len(found) == 6
    assert sum(one["customers"] for one in found) == 2_000
    assert [one["customers"] for one in found] == sorted((one["customers"] for one in found), reverse=True)
    for one in found:
        assert one["rule"]["fidelity"] > 0.9, one
        assert set(one["recommendation"]) == set(meaning.FIELDS)
    by_top = {one["traits"][0]["feature"]: one["recommendation"]["type"] for one in found}
    assert by_top["share of fresh"] in ("Fresh of the week", "Taste and upgrade")
    assert "Grow the basket" in {one["recommendation"]["type"] for one in found}


def test_the_effect_of_a_trait_is_cohens_d_against_the_others() -> None:
    x = np.array([[1.0], [3.0], [6.0], [8.0]])
    (trait,) = meaning.found_traits(["spend"], x, np.array([False, False, True, True]))
    assert (trait.value, trait.average, trait.effect, trait.size) == (7.0, 4.5, 5.0, "large")
    assert trait.words == "Spend 7 (all customers: 4.5)"


def test_a_rule_is_measured_as_it_reads() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 100, (2_000, 2))
    mine = (x[:, 0] >= 60) & (x[:, 1] <= 30)
    found = meaning.rule(["share of fresh", "spend"], x, mine, 1)
    assert found is not None
    inside = np.ones(len(x), bool)
    for one in found["conditions"]:
        column = x[:, ["share of fresh", "spend"].index(one["feature"])]
        inside &= column >= one["value"] if one["operator"] == "at_least" else column <= one["value"]
    assert found["precision"] == pytest.approx((inside & mine).sum() / inside.sum())
    assert found["recall"] == pytest.approx((inside & mine).sum() / mine.sum())
    assert found["fidelity"] > 0.98
    assert meaning.rule(["a", "b"], x, np.ones(2_000, bool), 1) is None


def test_the_table_of_recommendations_can_be_edited_and_a_broken_one_is_refused(tmp_path: Path) -> None:
    traits = [Trait("recency", 90, 20, 1.2), Trait("share of dry", 60, 50, 0.6)]
    usual = meaning.recommend(traits, meaning.recommendations())
    assert usual is not None
    assert usual["type"] == "Win back"
    own = tmp_path / "recommendations.toml"
    own.write_text(
        '[[row]]\nwhen = { "top share" = 0.5 }\ntype = "Call"\nchannel = "sms"\n'
        'offer = "{top}"\ntiming = "Now"\nreason = "r"\n'
    )
    edited = meaning.recommend(traits, meaning.recommendations(own))
    assert edited == {"type": "Call", "channel": "sms", "offer": "Dry", "timing": "Now", "reason": "r"}
    assert meaning.recommend([], meaning.recommendations(own)) is None
    for broken in ("[[row]]\n", "row = 1\n", "[[row"):
        own.write_text(broken)
        with pytest.raises(Invalid, match="is not a table of recommendations"):
            meaning.recommendations(own)
