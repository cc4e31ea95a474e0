"""Is there enough to learn from? Asked before training, answered in plain words."""

from __future__ import annotations

from collections import Counter

import numpy as np

from ceap.core.learning.cleaning import Cleaned, Finding
from ceap.core.learning.frame import Floats
from ceap.kit.problem import FieldError, Problem

LEAST = 100  # customers
LEAST_OF_LABEL = 10  # customers with a label, for it to be learnt


class NotEnough(Problem):
    """The data are too few or too alike to train on; `errors` says each thing that is missing."""

    status = 422
    title = "There is not enough to learn from"


def check(cleaned: Cleaned, *, labels: bool) -> tuple[Cleaned, list[str]]:
    """What can be trained on, and what a person should know about it.

    Labels with fewer than `LEAST_OF_LABEL` customers are left out, and said.

    Raises:
        NotEnough: nothing can be learnt; every reason is named.
    """
    wrong: list[str] = []
    warnings: list[str] = []
    if not cleaned.frame.amounts:
        raise _refused(["No column of sales was found. Name the columns of sales with --amount."])
    if labels:
        cleaned, said = _labelled(cleaned)
        warnings += said
        count = 0 if cleaned.labels is None else len(set(cleaned.labels))
        if count < 2:
            wrong.append(
                f"{'No label has' if not count else 'Only one label has'} {LEAST_OF_LABEL} customers or more; "
                "to learn labels, at least two must."
            )
    n = len(cleaned.rows)
    if n < LEAST:
        lost = (
            f" ({cleaned.total:,} rows were read, {cleaned.total - n:,} could not be used)" if n < cleaned.total else ""
        )
        wrong.append(f"There are {n:,} usable customers{lost}; at least {LEAST:,} are needed.")
    if n:
        columns = {**cleaned.frame.amounts, **cleaned.frame.numbers}
        flat = [name for name, values in columns.items() if not _differs(values)]
        if len(flat) == len(columns):
            wrong.append("All customers are alike: no column differs between them.")
        else:
            warnings += [f"{name} is the same for every customer: it tells nothing." for name in flat]
            if len(columns) - len(flat) < 2:
                wrong.append("Only one column differs between customers; at least two are needed.")
        if cleaned.frame.outlet is not None and len({one for one in cleaned.frame.outlet if one}) < 2:
            warnings.append("There is one outlet only: outlets cannot be told apart.")
        if (nothing := int((cleaned.frame.total == 0).sum())) > 0:
            warnings.append(f"{nothing:,} customers bought nothing.")
    if cleaned.total and len(cleaned.why) > 0.2 * cleaned.total:
        warnings.append(f"{len(cleaned.why):,} of {cleaned.total:,} rows could not be read: see the findings.")
    if wrong:
        raise _refused(wrong)
    return cleaned, warnings


def _refused(wrong: list[str]) -> NotEnough:
    return NotEnough(" ".join(wrong), errors=[FieldError("input", one) for one in wrong])


def _differs(values: Floats) -> bool:
    known = values[np.isfinite(values)]
    return bool(len(known)) and float(known.max() - known.min()) > 1e-9 * max(1.0, abs(float(known.max())))


def _labelled(cleaned: Cleaned) -> tuple[Cleaned, list[str]]:
    labels = cleaned.labels if cleaned.labels is not None else np.full(len(cleaned.rows), None, object)
    counts = Counter(label for label in labels if label is not None)
    rare = {label for label, count in counts.items() if count < LEAST_OF_LABEL}
    keep = np.array([label is not None and label not in rare for label in labels], bool)
    if not rare:
        return cleaned.only(keep), []
    rows = np.array([n for n, label in enumerate(labels) if label in rare])
    shown = tuple((int(cleaned.rows[n]) + 1, str(labels[n])) for n in rows[:5])
    finding = Finding(
        "label", f"a label of fewer than {LEAST_OF_LABEL} customers", "left out of training", len(rows), shown
    )
    said = [f"Label {one!r} has {counts[one]} customers, too few to learn: left out." for one in sorted(map(str, rare))]
    return cleaned.only(keep, finding=finding), said
