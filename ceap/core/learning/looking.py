"""What is in a table before anything is learnt from it: findings with examples, labels, and whether it is enough."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ceap.core.learning import cleaning, gate
from ceap.core.learning.lifecycle import Data
from ceap.core.learning.table import texts

SHOWN = 8  # rows
LABELS = 60  # labels shown, the commonest first


def look(data: Data) -> dict[str, Any]:
    """Read every cell as training would.

    Returns:
        rows, usable, refused, findings, roles; `labels` with their customers and whether they are too few to learn;
        `outlets` and categories; `problems`: why it cannot be learnt from ([] when it can); `warnings`; the first rows.
    """
    found = data.roles
    cleaned = cleaning.clean(data.sheet, found).told(data.findings)
    cleaned = cleaning.once(cleaned, data.sheet.table[found.id] if found.id else None)
    labels = Counter(str(one) for one in (cleaned.labels if cleaned.labels is not None else ()) if one is not None)
    answer: dict[str, Any] = {
        "problems": [], "warnings": [],
        "labels": [
            {"label": label, "customers": count, "few": count < gate.LEAST_OF_LABEL}
            for label, count in labels.most_common(LABELS)
        ],
        "outlets": 0 if cleaned.frame.outlet is None else len({one for one in cleaned.frame.outlet if one}),
        "categories": list(found.amounts),
        "roles": found.json(),
    }  # fmt: skip
    try:
        checked, answer["warnings"] = gate.check(cleaned, labels=found.label is not None)
        cleaned = cleaned.told(tuple(one for one in checked.findings if one not in cleaned.findings))
    except gate.NotEnough as problem:
        answer["problems"] = [one.message for one in problem.errors]
    head = data.sheet.table.slice(0, SHOWN)
    return cleaned.json() | answer | {"head": {name: texts(head[name]).to_pylist() for name in head.column_names}}
