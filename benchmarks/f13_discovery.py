"""F-13: neural segmentation of a grocery chain's customers: training, scoring all, scoring one; beside gradient
boosting and k-means on the same features."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from benchmarks.frame import Result, Scale, percentile

ID = "F-13"
WORK = "neural segmentation: train on 500,000 customers < 2 min; score 1 M < 10 s; score one < 5 ms"
ONE = 2_000


def run(scale: Scale) -> Result:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ceap.web.settings")
    import django

    django.setup()
    from ceap.accounts.contracts import SYSTEM
    from ceap.core.learning import grocery, lifecycle
    from ceap.core.learning.roles import Given
    from ceap.learning.queries import one_of_values, versions

    learn, all_of_them = (20_000, 50_000) if scale == "small" else (500_000, 1_000_000)
    home = Path(os.environ["CEAP_HOME"])
    labelled, unlabelled, many = (home / f"{name}.parquet" for name in ("labelled", "unlabelled", "many"))
    made = grocery.chain(learn).table()
    pq.write_table(made, labelled)
    pq.write_table(made.drop_columns(["cluster_category"]), unlabelled)
    pq.write_table(grocery.chain(all_of_them, seed=11).table().drop_columns(["cluster_category"]), many)
    kept, told = versions(), lifecycle.Told("bench", datetime(2026, 3, 29, tzinfo=UTC))

    recognised, known = _timed(lambda: lifecycle.train(labelled, kept, told, Given(label="cluster_category")))
    discovered, found = _timed(lambda: lifecycle.train(unlabelled, kept, told, Given()))
    trained = _resident()
    boosting, right, means = _beside(kept.load(known["version"])[0], made, len(found["segments"]))
    numbers = (known["version"], found["version"])
    answer = home / "scored.parquet"
    scoring = [_timed(partial(lifecycle.score, many, answer, kept, Given(), version=n))[0] for n in numbers]
    kept.deploy(found["version"], told.by, told.at)
    values = dict.fromkeys(grocery.CATEGORIES, 100.0)
    one = [1000 * _timed(lambda: one_of_values(SYSTEM, values, "Colombo", {}))[0] for _ in range(ONE)]
    slowest, p99 = max(recognised, discovered), percentile(one, 0.99)
    accuracy = known["metrics"]["neural"]["accuracy"]
    return Result(
        ID, scale, slowest, "s", reached=slowest < 120 and max(scoring) < 10 and p99 < 5, n=learn, p99=p99,
        peer=boosting, ratio_peer=boosting / recognised,
        note=f"{learn:,} customers in a Parquet file, from reading it to the version kept with what its segments mean: "
        f"{len(found['segments'])} segments discovered in {discovered:.3g} s, the planted ones learnt from labels in "
        f"{recognised:.3g} s ({accuracy:.1%} right of those held out); {all_of_them:,} scored from file to file in "
        f"{scoring[1]:.3g} s (labels {scoring[0]:.3g} s); one customer: the P99 of {ONE:,}, without HTTP; "
        f"{trained:,} MiB resident at most while training, {_resident():,} after scoring; peer, of the labels: "
        f"gradient boosting ({right:.1%} right), its fit alone; k-means alone with that many segments {means:.3g} s",
    )  # fmt: skip


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    answer = work()
    return time.perf_counter() - started, answer


def _resident() -> int:
    """The most MiB that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _beside(model: Any, made: Any, segments: int) -> tuple[float, float, float]:
    """Seconds of gradient boosting on what the network sees, how many it gets right, and seconds of k-means."""
    from sklearn.cluster import KMeans
    from sklearn.ensemble import HistGradientBoostingClassifier

    from ceap.core.learning import lifecycle
    from ceap.core.learning.table import Sheet

    cleaned = lifecycle.known(lifecycle.Data(Sheet(made), model.roles), model)
    x, y = model.see(cleaned.frame), made["cluster_category"].to_numpy()[cleaned.rows]
    held = np.arange(len(x)) % 5 == 0
    boosting, fitted = _timed(lambda: HistGradientBoostingClassifier(random_state=1).fit(x[~held], y[~held]))
    right = float((fitted.predict(x[held]) == y[held]).mean())
    means, _ = _timed(lambda: KMeans(segments, n_init=8, random_state=1).fit(x))
    return boosting, right, means
