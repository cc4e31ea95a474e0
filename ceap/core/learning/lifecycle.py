"""Train, evaluate and score from files: what the command line and the page's jobs do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ceap.core.learning import cleaning, drift, gate, meaning, purchases, roles, table, training
from ceap.core.learning.cleaning import Cleaned, Finding
from ceap.core.learning.model import LABELS, Model
from ceap.core.learning.network import Beat, silent
from ceap.core.learning.roles import Given, Roles
from ceap.core.learning.table import Sheet
from ceap.core.learning.versions import Damaged, Versions
from ceap.kit.problem import NotFound


@dataclass(frozen=True)
class Told:
    """Who asks, when, and from which seed: everything that is not in the data."""

    by: str
    at: datetime
    seed: int = 1


@dataclass(frozen=True)
class Data:
    """A table of customers, the roles of its columns, and what was found on the way to it."""

    sheet: Sheet
    roles: Roles
    findings: tuple[Finding, ...] = ()

    def labelled(self, column: str | None) -> Data:
        """With this column of labels; None: as it is."""
        return self if column is None else replace(self, roles=replace(self.roles, label=column))


def train(
    file: Path, versions: Versions, told: Told, given: Given, *, segments: int | None = None, beat: Beat = silent
) -> dict[str, Any]:
    """Train on a file and keep the model as a new version; returns its manifest.

    With a label column the labels are learnt, else segments are discovered (`segments` of them, when given).

    Raises:
        Unreadable, Invalid, NotEnough: the file, its columns or its data do not do; nothing is kept.
    """
    beat(0.0, "reading")
    return train_on(_read(file, given), file.name, versions, told, segments=segments, beat=beat)


def train_on(
    data: Data,
    name: str,
    versions: Versions,
    told: Told,
    *,
    segments: int | None = None,
    beat: Beat = silent,
    facts: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Train on a table called `name`, as `train` does on a file; `facts`: what else its manifest says."""
    found = data.roles
    cleaned = cleaning.clean(data.sheet, found).told(data.findings)
    cleaned = cleaning.once(cleaned, data.sheet.table[found.id] if found.id else None)
    cleaned, warnings = gate.check(cleaned, labels=found.label is not None)
    before = _in_use(versions)
    if found.label:
        done = training.recognise(cleaned, found, seed=told.seed, beat=beat)
    else:
        used = versions.published()
        done = training.discover(cleaned, found, seed=told.seed, k=segments, before=before, used=used, beat=beat)
    beat(0.95, "saying what the segments mean")
    index, sure = done.model.score(cleaned.frame)
    known = {
        "mode": done.model.mode,
        "trained_at": told.at,
        "trained_by": told.by,
        "seed": told.seed,
        "data": {"file": name, **cleaned.json(), "roles": found.json()},
        "features": done.model.features.names,
        "warnings": warnings,
        "metrics": done.metrics,
        "segments": meaning.explain(done.model, cleaned.frame, seed=told.seed, edited=versions.folder / meaning.TABLE),
        "reference": drift.reference(done.model, cleaned.frame, index, sure),
    }
    if before is not None and comparable(before, done.model):
        facts_of = training.beside(before, done.model, cleaned, done.held, told.seed)
        known["compared"] = {"with": versions.in_use(), **facts_of}
    beat(1.0, "trained")
    return versions.manifest(versions.save(done.model, known | dict(facts or {})))


def comparable(before: Model, after: Model) -> bool:
    """Whether the customers of `after` can be scored by `before`."""
    return before.mode == after.mode and set(before.features.categories) <= set(after.features.categories)


def evaluate(file: Path, versions: Versions, told: Told, given: Given, *, version: int | None = None) -> dict[str, Any]:
    """How a version (the newest when not given) does on a file, beside the version in use when that is another.

    Raises:
        NotFound, Damaged: the version. Unreadable, Invalid: the file.
    """
    number = version or _newest(versions)
    roles_of = versions.load(number)[0].roles
    return evaluate_on(_read(file, given, roles_of), file.name, versions, told, number)


def evaluate_on(data: Data, name: str, versions: Versions, told: Told, number: int) -> dict[str, Any]:
    """How version `number` does on a table called `name`, as `evaluate` says of a file."""
    model, facts = versions.load(number)
    found = data.roles
    cleaned = known(data, model)
    frame, labels = cleaned.frame, cleaned.labels
    answer = {
        "version": number, "mode": model.mode, "data": {"file": name, **cleaned.json(), "roles": found.json()},
        "metrics": training.measure(model, frame, labels, told.seed), "training": facts["metrics"],
    }  # fmt: skip
    used = versions.in_use()
    if used is not None and used != number:
        other, _ = versions.load(used)
        if set(other.features.categories) <= set(frame.amounts):
            answer["in_use"] = {
                "version": used, "metrics": training.measure(other, frame, labels, told.seed),
                "moved": training.moved(other, model, frame),
            }  # fmt: skip
    return answer


def score(
    file: Path, output: Path | None, versions: Versions, given: Given, *, version: int | None = None
) -> dict[str, Any]:
    """Write the segment of each row of a file, in its order: the id as it came, `segment`, `probability`, `problem`.

    A row that cannot be read has no segment, and `problem` says why. The version in use scores; while none was ever
    deployed, the newest.

    Raises:
        NotFound, Damaged: the version. Unreadable, Invalid: the file.
    """
    number = version or versions.in_use() or _newest(versions)
    model, _ = versions.load(number)
    data = _read(file, given, model.roles)
    found = data.roles
    cleaned = known(data, model)
    index, sure = model.score(cleaned.frame)
    answer: dict[str, Any] = {
        "version": number, "deployed": number == versions.in_use(), "mode": model.mode, **cleaned.json(),
        "roles": found.json(),
        "segments": {key: int((index == n).sum()) for n, key in enumerate(model.segments)},
    }  # fmt: skip
    if cleaned.labels is not None and model.mode == LABELS:
        labelled = np.array([label is not None for label in cleaned.labels], bool)
        right = np.array(model.segments, object)[index[labelled]] == cleaned.labels[labelled]
        answer["accuracy"] = float(right.mean()) if len(right) else None
    if output is not None:
        table.write(_scored(data.sheet, found, cleaned, model, index, sure), output)
        answer["output"] = str(output)
    return answer


def _scored(sheet: Sheet, found: Roles, cleaned: Cleaned, model: Model, index: Any, sure: Any) -> pa.Table:
    n = sheet.table.num_rows
    at = np.full(n, len(model.segments))
    at[cleaned.rows] = index
    probability = np.full(n, np.nan)
    probability[cleaned.rows] = np.round(sure, 6)
    why: list[str | None] = [None] * n
    for row, reason in cleaned.why.items():
        why[row] = reason
    id_ = {found.id: sheet.table[found.id]} if found.id else {"row": pa.array(np.arange(1, n + 1))}
    added = {
        "segment": _names(model).take(pa.array(at)),
        "probability": pa.array(probability, from_pandas=True),
        "problem": pa.array(why, pa.string()),
    }
    return pa.table({**id_, **{f"{name}_" if name in id_ else name: column for name, column in added.items()}})


def bought(
    sheet: Sheet,
    lines: dict[str, str],
    before: Roles | None = None,
    ages: pa.Table | None = None,
    until: date | None = None,
) -> Data:
    """Purchases brought together by customer; with the categories of training, where there was one.

    Args:
        ages, until: as of `purchases.gather`.
    """
    made = purchases.gather(sheet, lines, tuple(before.amounts) if before else (), ages, until)
    found = roles.like(made.sheet.table, before, Given()) if before else made.roles
    return Data(made.sheet, found, made.findings)


def _read(file: Path, given: Given, before: Roles | None = None) -> Data:
    """A file with the roles of its columns, guessed or as in training."""
    sheet = table.read(file)
    chosen = given.amounts or given.label or (before and before.label)
    if not chosen and (lines := purchases.columns(sheet.table)):
        return bought(sheet, lines, before)
    return Data(sheet, roles.like(sheet.table, before, given) if before else roles.guess(sheet.table, given))


def _names(model: Model) -> pa.Array:
    """The segments, then nothing: as numbers when labels are whole numbers, so that they compare with those given."""
    numbers = all(name.isascii() and name.isdigit() and str(int(name)) == name for name in model.segments)
    if model.mode == LABELS and numbers:
        return pa.array([*map(int, model.segments), None], pa.int64())
    return pa.array([*model.segments, None], pa.string())


def known(data: Data, model: Model) -> Cleaned:
    """Customers read as the model's training read them."""
    outlets = model.features.outlets if data.roles.outlet else None
    return cleaning.clean(data.sheet, data.roles, places=model.places, known=outlets).told(data.findings)


def _newest(versions: Versions) -> int:
    numbers = versions.numbers()
    if not numbers:
        raise NotFound("No model has been trained yet: run `ceap discover train` first.")
    return numbers[-1]


def _in_use(versions: Versions) -> Model | None:
    """The version in use; None: there is none, or its file is damaged (training again is the remedy)."""
    number = versions.in_use()
    try:
        return versions.load(number)[0] if number else None
    except Damaged:
        return None
