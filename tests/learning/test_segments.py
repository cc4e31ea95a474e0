"""Segments that a model discovered in the purchases of an installation work like any others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.test import Client
from sklearn.metrics import adjusted_rand_score

from ceap.accounts.contracts import SYSTEM, Level
from ceap.accounts.models import AuditEntry
from ceap.core import bitmaps
from ceap.core.learning import grocery
from ceap.core.learning.gate import NotEnough
from ceap.customers import actions as customer_actions
from ceap.jobs.actions import run
from ceap.jobs.models import Job
from ceap.kit.problem import Conflict, Forbidden
from ceap.learning import actions as learning
from ceap.learning import queries as models
from ceap.learning.contracts import TRAIN, Training
from ceap.segments import actions, queries
from ceap.segments.contracts import DISCOVER, Cause, Kind
from ceap.segments.models import Segment
from tests import actors
from tests.learning.purchases import bought

pytestmark = pytest.mark.django_db


def ended(kind: str) -> Job:
    job = Job.objects.filter(kind=kind).latest("created_at")
    run(str(job.pk))
    job.refresh_from_db()
    return job


def people(segment: Segment) -> set[int]:
    version = queries.current(segment)
    assert version is not None
    return set(bitmaps.unpack(version.bitmap or b""))


@pytest.mark.req("O-2")
def test_a_deployed_model_fills_segments_that_follow_erasures_and_the_next_version() -> None:
    made = grocery.chain(400)
    keys, _ = bought(made)
    ada = actors.actor()
    learning.start_training(ada, Training(segments=6))
    trained = ended(TRAIN)
    assert trained.state == "done", trained.message
    assert not Segment.objects.exists()
    actions.deploy_model(ada, (trained.result or {})["version"])
    assert ended(DISCOVER).state == "done"
    actions.build_pending()
    segments = list(Segment.objects.filter(kind=Kind.DISCOVERED).order_by("model_key"))
    assert [one.model_key for one in segments] == [f"S{n}" for n in range(1, 7)]
    found = {key: one.pk for one in segments for key in people(one)}
    assert sorted(found) == sorted(keys)
    assert adjusted_rand_score(made.segment, [str(found[key]) for key in keys]) >= 0.95
    version = queries.current(segments[0])
    assert version is not None
    assert (version.cause, version.total) == (Cause.MODEL, 400)
    told = AuditEntry.objects.filter(verb__in=["learning.train", "learning.deploy"]).order_by("seq")
    assert [(entry.verb, entry.actor_name) for entry in told] == [("learning.train", "Ada"), ("learning.deploy", "Ada")]
    actions.follow()
    gone = min(people(segments[0]))
    customer_actions.erase(SYSTEM, gone)
    actions.follow()
    assert gone not in people(Segment.objects.get(pk=segments[0].pk))
    assert actions.discover()
    actions.build_pending()
    assert Segment.objects.count() == 6
    assert gone not in people(Segment.objects.get(pk=segments[0].pk))


def test_without_purchases_or_a_version_in_use_the_sentence_says_what_to_do() -> None:
    with pytest.raises(Conflict, match="import purchases first"):
        learning.train("Ada", Training())
    with pytest.raises(Conflict, match="deploy one first"):
        actions.discover()
    bought(grocery.chain(20))
    with pytest.raises(NotEnough, match="There are 20 usable customers"):
        learning.train("Ada", Training())
    assert models.versions().numbers() == []
    assert not Segment.objects.exists()


def test_a_model_of_a_file_that_is_not_kept_fills_no_segments_and_the_remedy_is_named(labelled: Path) -> None:
    shutil.copytree(labelled, models.versions().folder)
    actions.deploy_model(actors.actor(), 1)
    with pytest.raises(Conflict, match="is not kept here"):
        actions.discover()


def test_who_may_not_manage_models_neither_trains_nor_deploys(labelled: Path) -> None:
    shutil.copytree(labelled, models.versions().folder)
    with pytest.raises(Forbidden):
        actions.deploy_model(actors.actor("Bo", learning_manage=Level.DISABLED), 1)
    with pytest.raises(Forbidden):
        learning.start_training(actors.actor("Cy", learning_manage=Level.DISABLED))
    assert models.versions().deployments() == []
    assert not Job.objects.exists()
    assert not AuditEntry.objects.filter(verb__startswith="learning").exists()


def test_the_api_shows_versions_and_deployments_and_deploys(labelled: Path) -> None:
    browser = Client()
    browser.force_login(actors.user(), "allauth.account.auth_backends.AuthenticationBackend")
    assert browser.get("/api/learning/versions").json() == {"items": [], "next": None, "total": 0}
    shutil.copytree(labelled, models.versions().folder)
    assert browser.post("/api/segments/discovered/versions/2/deploy").status_code == 404
    assert browser.post("/api/segments/discovered/versions/1/deploy").status_code == 204
    (version,) = browser.get("/api/learning/versions").json()["items"]
    assert (version["version"], version["in_use"], version["mode"]) == (1, True, "labels")
    assert version["metrics"]["neural"]["accuracy"] > 0.99
    (deployed,) = browser.get("/api/learning/deployments").json()["items"]
    assert (deployed["version"], deployed["by"]) == (1, "Ada")
    started = browser.post("/api/learning/train", {"segments": 4}, "application/json")
    assert started.status_code == 202
    assert Job.objects.get(pk=started.json()["job"]).args == {
        "by": "Ada", "seed": 1, "segments": 4, "file": None
    }  # fmt: skip
